/** `npm run app`: the app's window for the standing demo world, or for the agent at `NANAMI_SOCKET`. */
import { once } from "node:events";
import { readWorldFile } from "../lab/world-file.ts";
import { serviceSocket } from "../rpc/service-socket.ts";
import { main } from "./command.ts";
import { buildInterface, openWindow } from "./window.ts";

await main(async () => {
  const socket =
    process.env["NANAMI_SOCKET"] ?? (await readWorldFile())?.socket ?? serviceSocket(process.platform);
  await buildInterface();
  const window = await openWindow(socket);
  process.stdout.write(`${window.text}\nCtrl-C ends it.\n`);
  await Promise.race((["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => once(process, signal)));
  await window.close();
  return 0;
});
