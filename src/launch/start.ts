/** `npm start`: the demo world, in the sandbox. Arguments go to the demo. */
import { main } from "./command.ts";
import { runInSandbox } from "./sandbox.ts";
import { ensurePrograms } from "./system-packages.ts";

await main((args) => {
  ensurePrograms("start");
  return runInSandbox([process.execPath, "src/lab/demo.ts", ...args]);
});
