/**
 * nftables through its own library, libnftables(3), which is what `nft` itself is made of: one transaction takes some
 * two milliseconds where starting the program takes ten and more. It also keeps its socket: when `nft` ends after a
 * transaction that deleted something, closing the socket waits until the kernel has freed all of it.
 *
 * The library comes with `nft`; where it cannot be loaded, or a call does not return, the program does the same. Out of
 * memory the library ends the process that uses it, as `nft` ends itself: everything stays closed as it is, and the next
 * start of the agent goes on from there.
 */
import koffi from "koffi";
import { OperationError } from "../operation-error.ts";
import { withinTime } from "./late.ts";
import { AF_NETLINK, libc, SOCK_FLAGS, SOCK_RAW } from "./libc.ts";
import { takeAway, withItsSockets } from "./nft-socket.ts";
import { runProgram } from "./programs.ts";

const LIBRARY = "libnftables.so.1";
const TIME_LIMIT_MS = 10_000;
/** What nft says of a table that is not there: the words of ENOENT. */
const MISSING = "No such file or directory";
const NETLINK_NETFILTER = 12;
/** `NFT_CTX_OUTPUT_STATELESS`: without counters. */
const STATELESS = 1 << 2;

interface Answer {
  readonly ok: boolean;
  readonly output: string;
  /** What the library says is wrong, and where. */
  readonly error: string;
}

type Nftables = (commands: string) => Promise<Answer>;

let nftables: Nftables | undefined;

/** Carries out commands in the language of nft(8) as one transaction. Throws an `OperationError` with nft's words. */
export async function runNft(commands: string): Promise<void> {
  const { ok, error } = await ask(commands);
  if (!ok) throw refusal(error);
}

/** How nft prints a table, without counters; null = there is none. Throws an `OperationError` where nobody can say. */
export async function listTable(family: "inet", name: string): Promise<string | null> {
  const { ok, output, error } = await read(`list table ${family} ${name}`);
  if (ok) return output;
  if (error.includes(MISSING)) return null;
  throw refusal(error);
}

async function ask(commands: string): Promise<Answer> {
  return await (nftables ??= loadLibrary() ?? byProgram)(commands);
}

/** What is only read may be asked of the program at once where the library hangs. */
async function read(commands: string): Promise<Answer> {
  try {
    return await ask(commands);
  } catch {
    return await byProgram(commands);
  }
}

function refusal(words: string): OperationError {
  return new OperationError({
    code: "program_failed",
    message: `nft: ${words.trim() === "" ? "the transaction was refused" : words.trim()}`,
    remedy: "It is tried again by itself. If it stays, send the diagnostics of this machine.",
  });
}

/** Whether the kernel speaks of firewalls at all: the library ends the process where it does not. */
function kernelAnswers(): boolean {
  const { socket, close } = libc();
  const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_FLAGS, NETLINK_NETFILTER);
  if (fd < 0) return false;
  close(fd);
  return true;
}

/** The library, ready; undefined where it is missing. One call at a time: a context is not made for more. */
function loadLibrary(): Nftables | undefined {
  try {
    if (!kernelAnswers()) return undefined;
    const library = koffi.load(LIBRARY);
    const newContext = library.func("void* nft_ctx_new(uint32_t)");
    const { made: context, sockets } = withItsSockets(() => newContext(0) as unknown);
    if (context === null) return undefined;
    for (const name of ["nft_ctx_buffer_output", "nft_ctx_buffer_error"])
      if (library.func(`int ${name}(void*)`)(context) !== 0) return undefined;
    library.func("void nft_ctx_output_set_flags(void*, uint32_t)")(context, STATELESS);
    const run = library.func("int nft_run_cmd_from_buffer(void*, str)");
    const output = library.func("str nft_ctx_get_output_buffer(void*)");
    const error = library.func("str nft_ctx_get_error_buffer(void*)");
    let last: Promise<unknown> = Promise.resolve();
    const byLibrary: Nftables = (commands) => {
      const answer = last.then(async () => {
        // One that hangs still has the context.
        if (nftables !== byLibrary) return await byProgram(commands);
        const status = await inThread((end) => void run.async(context, commands, end), sockets);
        return { ok: status === 0, output: text(output(context)), error: text(error(context)) };
      });
      last = answer.catch(() => undefined);
      return answer;
    };
    return byLibrary;
  } catch {
    return undefined;
  }
}

/**
 * The kernel may take its time: the event loop goes on meanwhile. One that never returns is left where it is, without its
 * sockets. What it had sent already the kernel may still carry out, and after something newer: who hears of its end
 * (`onLateEnd`) makes the firewall anew.
 */
function inThread(
  start: (end: (error: unknown, status: unknown) => void) => void,
  sockets: readonly number[],
): Promise<unknown> {
  return withinTime(start, TIME_LIMIT_MS, () => {
    nftables = byProgram;
    takeAway(sockets);
    return refusal(`no answer within ${TIME_LIMIT_MS / 1000} s`);
  });
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

async function byProgram(commands: string): Promise<Answer> {
  const run = await runProgram("nft", ["--stateless", "-f", "-"], { input: commands, mayFail: true });
  return { ok: run.ok, output: run.stdout, error: run.stderr };
}
