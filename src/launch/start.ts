/** `npm start`: the demo world, in the sandbox. Arguments go to the demo. */
import { ensurePrograms } from "./system-packages.ts";
import { runInSandbox } from "./sandbox.ts";
import { main } from "./command.ts";

main(async (args) => {
  ensurePrograms("start");
  return runInSandbox([process.execPath, "src/lab/demo.ts", ...args]);
});
