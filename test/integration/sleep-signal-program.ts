/** Prints `ready` when it listens, and `woke` whenever logind says that the machine woke up. */
import { watchSleep } from "../../src/agent/sleep-signal.ts";

await watchSleep(() => process.stdout.write("woke\n"));
process.stdout.write("ready\n");
