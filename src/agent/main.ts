/**
 * Entry of the agent: `node src/agent/main.ts --state <dir> --socket <path> [--interface nanami0]`. Keeps the
 * compiled form of the sources in the state folder, so that types are stripped once and not at every start.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { enableCompileCache, flushCompileCache, getCompileCacheDir } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";

const USAGE = "usage: node src/agent/main.ts --state <folder> --socket <path> [--interface <name>]";

function usage(message: string): never {
  process.stderr.write(`${message}\n${USAGE}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        state: { type: "string" },
        socket: { type: "string" },
        interface: { type: "string", default: "nanami0" },
        // For the agent's own use: compile, keep, and end.
        "compile-only": { type: "boolean", default: false },
      },
    });
    const { state, socket } = values;
    if (state === undefined || socket === undefined) return usage("--state and --socket are needed");
    return { state, socket, interface: values.interface, compileOnly: values["compile-only"] };
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

// Everything the agent makes is its own alone, unless it says otherwise.
process.umask(0o077);
const options = readArguments();
// The agent lives for weeks and allocates little: a young generation that does not grow saves 9 MB.
setFlagsFromString("--semi-space-growth-factor=1");
enableCompileCache(join(options.state, "compile-cache"));
if (!options.compileOnly) compileElsewhere();
const { run } = await import("./run.ts");
if (!options.compileOnly) await run(options);
// Now, and not when it ends: a kill would lose it.
flushCompileCache();

/**
 * Where nothing is kept yet, a process of its own compiles: the compiler that strips types would stay in this one's
 * memory for good (25 MB). If that fails, this process compiles for itself.
 */
function compileElsewhere(): void {
  const folder = getCompileCacheDir();
  if (folder === undefined || readdirSync(folder).length > 0) return;
  const words = [fileURLToPath(import.meta.url), ...process.argv.slice(2), "--compile-only"];
  spawnSync(process.execPath, words, { stdio: "ignore", timeout: 30_000 });
}
