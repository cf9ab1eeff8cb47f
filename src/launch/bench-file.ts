/** Inside the sandbox: runs one file of benchmarks and writes its rows to a file. Arguments: both paths. */
import { Console } from "node:console";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import type { BenchRow } from "../../test/bench/row.ts";

// Standard output belongs to the table, or to `--json`.
globalThis.console = new Console(process.stderr);

// In the sandbox's own namespace, which has nothing but this: whoever measures over loopback finds it up.
await execa("ip", ["link", "set", "lo", "up"]);

const [file = "", rowsPath = ""] = process.argv.slice(2);
const { bench } = (await import(pathToFileURL(resolve(file)).href)) as { bench: () => Promise<BenchRow[]> };
await writeFile(rowsPath, JSON.stringify(await bench()));
// What a benchmark left running ends with the sandbox.
process.exit(0);
