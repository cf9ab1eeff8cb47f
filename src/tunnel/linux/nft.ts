/**
 * nftables through its own library, libnftables(3), which is what `nft` itself is made of: one transaction takes some
 * two milliseconds where starting the program takes ten and more. It also keeps its socket: when `nft` ends after a
 * transaction that deleted something, closing the socket waits until the kernel has freed all of it.
 *
 * The library comes with `nft`; where it cannot be loaded, the program does the same.
 */
import koffi, { type KoffiFunc } from "koffi";
import { OperationError } from "../operation-error.ts";
import { runProgram } from "./programs.ts";

const LIBRARY = "libnftables.so.1";
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
  const { ok, error } = await (nftables ??= loadLibrary() ?? byProgram)(commands);
  if (ok) return;
  throw new OperationError({
    code: "program_failed",
    message: `nft: ${error.trim() === "" ? "the transaction was refused" : error.trim()}`,
    remedy: "It is tried again by itself. If it stays, send the diagnostics of this machine.",
  });
}

/** How nft prints a table, without counters; null = there is none. */
export async function listTable(family: "inet", name: string): Promise<string | null> {
  const { ok, output } = await (nftables ??= loadLibrary() ?? byProgram)(`list table ${family} ${name}`);
  return ok ? output : null;
}

/** The library, ready; undefined where it is missing. One call at a time: a context is not made for more. */
function loadLibrary(): Nftables | undefined {
  try {
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
    return (commands) => {
      const answer = last.then(async () => {
        const status = await inThread(run, context, commands);
        return { ok: status === 0, output: text(output(context)), error: text(error(context)) };
      });
      last = answer.catch(() => undefined);
      return answer;
    };
  } catch {
    return undefined;
  }
}

/** The kernel may take its time: the event loop goes on meanwhile. */
function inThread(run: Run, context: unknown, commands: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    run.async(context, commands, (error: unknown, status: unknown) => {
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
