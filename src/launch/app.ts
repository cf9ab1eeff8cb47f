/** `npm run app`: the app's window for the standing demo world, or for the agent at `NANAMI_SOCKET`. */
import { once } from "node:events";
import { readWorldFile } from "../lab/world-file.ts";
import { main } from "./command.ts";
import { buildInterface, openWindow } from "./window.ts";

const SYSTEM_SOCKET = "/run/nanami/agent.sock";

await main(async () => {
  const socket = process.env["NANAMI_SOCKET"] ?? (await readWorldFile())?.socket ?? SYSTEM_SOCKET;
  await buildInterface();
  const window = await openWindow(socket);
  process.stdout.write(`${window.text}\nCtrl-C ends it.\n`);
  await Promise.race((["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => once(process, signal)));
  await window.close();
  return 0;
});
