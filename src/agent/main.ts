/**
 * Entry of the agent: `node src/agent/main.ts --state <dir> --socket <path> [--interface nanami0]`. Keeps the
 * compiled form of the sources in the state folder, so that types are stripped once and not at every start.
 */
import { enableCompileCache, flushCompileCache } from "node:module";
import { join } from "node:path";
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
      },
    });
    const { state, socket } = values;
    if (state === undefined || socket === undefined) return usage("--state and --socket are needed");
    return { state, socket, interface: values.interface };
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
const { run } = await import("./run.ts");
await run(options);
// Now, and not when it ends: a kill would lose it.
flushCompileCache();
