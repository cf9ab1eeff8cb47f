/** The entry of the `nanami` command: the real terminal, the real agent. */
import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import { connectAgent } from "../rpc/client.ts";
import { serviceSocket } from "../rpc/service-socket.ts";
import type { Environment } from "./environment.ts";
import { realFiles } from "./files.ts";
import { runCommandLine } from "./program.ts";
import { COLOURED, PLAIN } from "./view/paint.ts";

/** Asks on the terminal; everything but a yes is a no. */
async function ask(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^\s*y(es)?\s*$/i.test(await lines.question(`${question} [y/N] `));
  } finally {
    lines.close();
  }
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  // A second Ctrl-C ends the program at once.
  process.once("SIGINT", () => controller.abort());
  return controller.signal;
}

const paintOf = (stream: NodeJS.WriteStream) => (stream.isTTY && stream.hasColors() ? COLOURED : PLAIN);

const environment: Environment = {
  command: process.env["npm_lifecycle_event"] === "nanami" ? "npm run nanami --" : "nanami",
  connect: (socket) => connectAgent(socket),
  defaultSocket: process.env["NANAMI_SOCKET"] ?? serviceSocket(process.platform),
  out: (output) => process.stdout.write(output),
  err: (output) => process.stderr.write(output),
  paint: paintOf(process.stdout),
  errPaint: paintOf(process.stderr),
  columns: process.stdout.isTTY ? process.stdout.columns : 80,
  errColumns: process.stderr.isTTY ? process.stderr.columns : Number.POSITIVE_INFINITY,
  redraws: process.stdout.isTTY,
  now: () => new Date(),
  ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
  readInput: () => text(process.stdin),
  files: realFiles,
  interruption,
};

// A reader that went away (`nanami status --watch | head`) is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
process.exitCode = await runCommandLine(process.argv.slice(2), environment);
