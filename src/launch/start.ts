/** `npm start`: the demo world, in the sandbox, and the app's window outside. Arguments go to the demo. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { makeSocketFolder } from "../lab/socket-folder.ts";
import { main } from "./command.ts";
import { runInSandbox } from "./sandbox.ts";
import { ensurePrograms } from "./system-packages.ts";
import { buildInterface, openWindow } from "./window.ts";

const DEMO = [process.execPath, "src/lab/demo.ts"] as const;

await main(async (args) => {
  ensurePrograms("start");
  if (args.includes("--once")) return runInSandbox([...DEMO, ...args]);
  await buildInterface();
  const folder = await makeSocketFolder();
  try {
    const socket = join(folder, "agent.sock");
    const window = await openWindow(socket);
    try {
      return await runInSandbox([...DEMO, ...args, "--socket-folder", folder, "--window", window.text]);
    } finally {
      await window.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
