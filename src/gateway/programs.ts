/**
 * The system's programs as the gateway runs them: absolute paths, fixed argument vectors, empty environment, no
 * shell, a time limit, bounded output.
 */
import { accessSync, closeSync, constants, createReadStream, openSync, writeSync } from "node:fs";
import { execa } from "execa";

const PACKAGES = {
  ip: "iproute2",
  nft: "nftables",
  wg: "wireguard-tools",
  "wireguard-go": "wireguard-go",
} as const;
export type Program = keyof typeof PACKAGES;

const FOLDERS = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"] as const;
const TIME_LIMIT_MS = 30_000;
/** A listing of ten thousand peers with their grants takes some megabytes. */
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** A program that is missing or did not do what it should, in words for the operator of the gateway. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
}

/** What the program reads from its standard input: text, or a configuration with keys that it opens by name. */
export type RunOptions =
  { readonly input?: string; readonly config?: never } | { readonly config: string; readonly input?: never };

/** Where the child sees `RunOptions.config`. */
export const CONFIG_PATH = "/dev/stdin";

/** Runs a program to its end and returns its standard output. Throws a `ProgramError` with its own words. */
export async function run(
  program: Program,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const file = options.config === undefined ? null : anonymousFile(options.config);
  try {
    const result = await execa(pathOf(program), args, {
      env: {},
      extendEnv: false,
      reject: false,
      timeout: TIME_LIMIT_MS,
      maxBuffer: OUTPUT_LIMIT,
      stdin:
        file !== null
          ? createReadStream("", { fd: file, autoClose: false })
          : options.input === undefined
            ? "ignore"
            : "pipe",
      ...(options.input === undefined ? {} : { input: options.input }),
    });
    if (!result.failed) return result.stdout;
    const words = result.timedOut ? `no answer within ${TIME_LIMIT_MS / 1000} s` : result.stderr.trim();
    throw new ProgramError(`${program} ${args.join(" ").slice(0, 200)}: ${firstLines(words)}`);
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** Starts a program that goes to the background by itself and outlives this one. */
export async function startDetached(program: Program, args: readonly string[]): Promise<void> {
  const result = await execa(pathOf(program), args, {
    env: {},
    extendEnv: false,
    reject: false,
    timeout: TIME_LIMIT_MS,
    detached: true,
    cleanup: false,
    stdio: "ignore",
  });
  if (result.failed)
    throw new ProgramError(
      `${program} ${args.join(" ")} did not start. Check that /dev/net/tun exists and that this runs as root.`,
    );
}

function pathOf(program: Program): string {
  for (const folder of FOLDERS) {
    try {
      accessSync(`${folder}/${program}`, constants.X_OK);
      return `${folder}/${program}`;
    } catch {
      // Not in this folder.
    }
  }
  throw new ProgramError(
    `The program ${program} is not installed. Install the package ${PACKAGES[program]}.`,
  );
}

/** nft repeats the offending line, which may list ten thousand elements. */
function firstLines(text: string): string {
  return text
    .split("\n")
    .slice(0, 2)
    .map((line) => line.slice(0, 300))
    .join(" ");
}

/** Linux: a file without a name (the constant is not in Node's list). */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

/**
 * An open file in memory that has no name. Node's pipes are sockets, which `wg` cannot open by path, and a key
 * must never be in an argument or on a disk.
 */
function anonymousFile(content: string): number {
  const file = openSync("/run", O_TMPFILE | constants.O_RDWR, 0o600);
  writeSync(file, content);
  return file;
}
