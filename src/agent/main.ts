/**
 * Entry of the agent: `node src/agent/main.ts --state <dir> --socket <path> [--interface nanami0]`. Keeps the
 * compiled form of the sources in the state folder, so that types are stripped once and not at every start.
 */
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";

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
enableCompileCache(join(options.state, "compile-cache"));
const { run } = await import("./run.ts");
await run(options);
