/**
 * nftables through its own library, libnftables(3), which is what `nft` itself is made of: one transaction takes some
 * two milliseconds where starting the program takes ten and more. It also keeps its socket: when `nft` ends after a
 * transaction that deleted something, closing the socket waits until the kernel has freed all of it.
 *
 * The library comes with `nft`; where it cannot be loaded, or a call does not return, the program does the same. Out of
 * memory the library ends the process that uses it, as `nft` ends itself: everything stays closed as it is, and the next
 * start of the agent goes on from there.
 */
import koffi, { type KoffiFunc } from "koffi";
import { OperationError } from "../operation-error.ts";
import { AF_NETLINK, libc, SOCK_FLAGS, SOCK_RAW } from "./libc.ts";
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

type Run = KoffiFunc<(...words: unknown[]) => unknown>;
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
    const context = library.func("void* nft_ctx_new(uint32_t)")(0) as unknown;
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
        const status = await inThread(run, context, commands);
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

/** The kernel may take its time: the event loop goes on meanwhile. One that never returns is left where it is. */
function inThread(run: Run, context: unknown, commands: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      nftables = byProgram;
      reject(refusal(`no answer within ${TIME_LIMIT_MS / 1000} s`));
    }, TIME_LIMIT_MS);
    run.async(context, commands, (error: unknown, status: unknown) => {
      clearTimeout(limit);
      if (error == null) resolve(status);
      else reject(error instanceof Error ? error : new Error("libnftables could not be called"));
    });
  });
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

async function byProgram(commands: string): Promise<Answer> {
  const run = await runProgram("nft", ["--stateless", "-f", "-"], { input: commands, mayFail: true });
  return { ok: run.ok, output: run.stdout, error: run.stderr };
}
