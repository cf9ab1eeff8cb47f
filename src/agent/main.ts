/**
 * Entry of the agent: `node src/agent/main.ts --state <dir> --socket <path> [--interface nanami0]`.
 *
 * It lives for weeks, so it starts twice to live small: the first image makes sure that the sources are compiled,
 * then replaces itself (same process id, same descriptors) by one that loads what was compiled. The compiler that
 * strips types would otherwise stay in memory for good (25 MB), and some of Node's memory settings can only be given
 * at start.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const USAGE = "usage: node src/agent/main.ts --state <folder> --socket <path> [--interface <name>]";
/** A young generation that does not grow: the agent allocates little, and in bursts. */
const FLAGS = ["--max-semi-space-size=1", "--disable-warning=ExperimentalWarning"];
/** Whose sources the agent loads. */
const ROOMS = ["agent", "tunnel", "routing", "wireguard", "api", "rpc"] as const;

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
        help: { type: "boolean", default: false },
        // For the agent's own use: compile, keep, and end.
        "compile-only": { type: "boolean", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${USAGE}\n`);
      process.exit(0);
    }
    const { state, socket } = values;
    if (state === undefined || socket === undefined) return usage("--state and --socket are needed");
    return { state, socket, interface: values.interface, compileOnly: values["compile-only"] };
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

/** Becomes the image that stays. Returns only where that is not possible. */
function becomeSmall(state: string): void {
  // Who starts us may keep one for all of its programs.
  const cache = process.env["NODE_COMPILE_CACHE"] ?? join(state, "compile-cache");
  mkdirSync(state, { recursive: true });
  const { uid, mode } = lstatSync(state);
  // Whoever writes there writes our code. The start itself says what is wrong with such a folder.
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) return;
  const words = [...FLAGS, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  // One arena: the threads of a service that mostly waits do not need one each.
  const env = { ...process.env, NODE_COMPILE_CACHE: cache, MALLOC_ARENA_MAX: "1" };
  // A cache of other programs, or of an older agent, has not what this one loads.
  const compiled = join(cache, `agent-${fingerprint() ?? "unknown"}`);
  if (!existsSync(compiled)) {
    const options = { env, stdio: "ignore", timeout: 30_000 } as const;
    const { status } = spawnSync(process.execPath, [...words, "--compile-only"], options);
    try {
      if (status === 0) writeFileSync(compiled, "");
    } catch {
      // Then the next start compiles once more.
    }
  }
  process.execve?.(process.execPath, [process.execPath, ...words], env);
}

/** Of everything that the agent may load, as it lies here now, and of what compiles it; null where it cannot be read. */
function fingerprint(): string | null {
  try {
    return fingerprintOf(ROOMS);
  } catch {
    return null;
  }
}

function fingerprintOf(rooms: readonly string[]): string {
  const hash = createHash("sha256").update(process.version);
  for (const room of rooms) {
    const folder = fileURLToPath(new URL(`../${room}/`, import.meta.url));
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
      const { size, mtimeMs } = statSync(join(folder, name));
      hash.update(`${room}/${name} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest("hex").slice(0, 16);
}

// Everything the agent makes is its own alone, unless it says otherwise.
process.umask(0o077);
const options = readArguments();
if (!FLAGS.every((flag) => process.execArgv.includes(flag))) becomeSmall(options.state);
const { run } = await import("./run.ts");
if (!options.compileOnly) await run(options);
// Now, and not when it ends: a kill would lose it.
flushCompileCache();
