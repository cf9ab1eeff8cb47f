/**
 * The system's programs: absolute paths, fixed argument vectors, empty environment, no shell, a time limit,
 * bounded output.
 */
import { spawn } from "node:child_process";
import { accessSync, closeSync, constants, existsSync, openSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { OperationError } from "../operation-error.ts";

export type Program = "ip" | "nft" | "ss" | "wg" | "wireguard-go" | "ping" | "resolvconf";

const FOLDERS = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"] as const;
const PACKAGES: Readonly<Record<Program, string>> = {
  ip: "iproute2",
  nft: "nftables",
  ss: "iproute2",
  wg: "wireguard-tools",
  "wireguard-go": "wireguard-go",
  ping: "iputils-ping",
  resolvconf: "openresolv",
};
const TIME_LIMIT_MS = 10_000;
const OUTPUT_LIMIT = 8 * 1024 * 1024;

const found = new Map<Program, string>();

/** The absolute path of a program. Throws an `OperationError` that names the package where it is missing. */
export function programPath(program: Program): string {
  const known = found.get(program);
  if (known !== undefined) return known;
  for (const folder of FOLDERS) {
    try {
      accessSync(`${folder}/${program}`, constants.X_OK);
      found.set(program, `${folder}/${program}`);
      return `${folder}/${program}`;
    } catch {
      // Not in this folder.
    }
  }
  throw new OperationError({
    code: "program_missing",
    message: `The program ${program} is not installed.`,
    remedy: `Install the package ${PACKAGES[program]}.`,
    facts: { program, package: PACKAGES[program] },
  });
}

export interface RunOptions {
  readonly input?: string;
  /** Each becomes a file that only the child can open, as `/proc/self/fd/3`, `/proc/self/fd/4`, … */
  readonly secrets?: readonly string[];
  /** The answer may be no: look at `ok`. */
  readonly mayFail?: boolean;
}

/** The name under which a child finds the secret with this index. */
export function secretPath(index: number): string {
  return `/proc/self/fd/${3 + index}`;
}

const BOUNDS = {
  env: {},
  extendEnv: false,
  reject: false,
  timeout: TIME_LIMIT_MS,
  maxBuffer: OUTPUT_LIMIT,
  stripFinalNewline: false,
} as const;

/** Runs a program to its end. Throws an `OperationError` with the program's own words unless `mayFail`. */
export async function runProgram(
  program: Program,
  args: readonly string[],
  options: RunOptions,
): Promise<{ readonly ok: boolean; readonly stdout: string; readonly stderr: string }> {
  // Any descriptor will do; execa's types name only a few.
  const files: 3[] = [];
  try {
    for (const secret of options.secrets ?? []) files.push(anonymousFile(secret) as 3);
    const result = await execa(programPath(program), args, {
      ...BOUNDS,
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe", ...files],
      ...(options.input === undefined ? {} : { input: options.input }),
    });
    const ok = !result.failed;
    if (!ok && options.mayFail !== true) throw failure(program, args, result);
    const text = (output: unknown): string => (typeof output === "string" ? output : "");
    return { ok, stdout: text(result.stdout), stderr: text(result.stderr) };
  } finally {
    for (const file of files) closeSync(file);
  }
}

/**
 * Starts a program that outlives the agent, and waits until it made the file by which others find it. Answers its
 * process id. Throws an `OperationError` when it ends before or takes too long.
 */
export async function startDaemon(
  program: Program,
  args: readonly string[],
  readyFile: string,
): Promise<number> {
  const child = spawn(programPath(program), args, { env: {}, detached: true, stdio: "ignore" });
  const problems: string[] = [];
  child.once("error", (error) => problems.push(error.message));
  child.once("exit", (code, signal) =>
    problems.push(`it ended with ${signal ?? `exit status ${code ?? "?"}`}`),
  );
  child.unref();
  const limit = performance.now() + TIME_LIMIT_MS;
  while (!existsSync(readyFile)) {
    if (performance.now() > limit) problems.push(`it was not ready within ${TIME_LIMIT_MS / 1000} s`);
    const [problem] = problems;
    if (problem !== undefined)
      throw new OperationError({
        code: "program_failed",
        message: `${program} ${args.join(" ")}: ${problem}.`,
        remedy: "Check that /dev/net/tun exists and that the agent runs as root.",
      });
    await sleep(1);
  }
  if (child.pid === undefined) throw new Error(`${program} was not started`);
  return child.pid;
}

interface Failed {
  readonly stderr?: unknown;
  readonly timedOut: boolean;
  readonly exitCode?: number | undefined;
  readonly shortMessage?: string | undefined;
}

function failure(program: Program, args: readonly string[], result: Failed): OperationError {
  return new OperationError({
    code: "program_failed",
    message: `${program} ${args.join(" ")}: ${reasonOf(result)}`,
    remedy: "It is tried again by itself. If it stays, send the diagnostics of this machine.",
  });
}

function reasonOf(result: Failed): string {
  if (result.timedOut) return `no answer within ${TIME_LIMIT_MS / 1000} s`;
  const words = typeof result.stderr === "string" ? result.stderr.trim() : "";
  return words === "" ? (result.shortMessage ?? `exit status ${String(result.exitCode)}`) : words;
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
