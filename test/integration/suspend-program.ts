/** Prints `ready`, and what is noticed of sleep and of other networks, as the agent does. */
import { sight, watchSurroundings } from "../../src/agent/surroundings-watch.ts";

watchSurroundings(
  () => sight("nanami0"),
  (what) => process.stdout.write(`${what}\n`),
);
process.stdout.write("ready\n");
process.stdin.resume();
