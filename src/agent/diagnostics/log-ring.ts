/** The newest lines of the log, kept in memory for faces. They were redacted before they came here. */
import { z } from "zod";
import type { Result } from "../../rpc/contract.ts";
import type { LogLine } from "../../rpc/diagnostics.ts";

/** Most lines that are kept, most characters of all of them, and of one. */
const MOST_LINES = 2000;
const MOST_CHARACTERS = 512 * 1024;
const LONGEST_LINE = 8 * 1024;

/** As pino writes it. */
const Written = z.object({ level: z.number(), time: z.iso.datetime(), msg: z.string().default("") });
const WithFacts = Written.catchall(z.json());

function levelOf(level: number): LogLine["level"] {
  if (level >= 50) return "error";
  if (level >= 40) return "warning";
  return level >= 30 ? "info" : "debug";
}

/** See the file's head. Lines are parsed when somebody asks for them. */
export class LogRing {
  readonly #lines: string[] = [];
  /** Sequence of the first line that is kept. */
  #first = 1;
  #characters = 0;

  write(line: string): void {
    const kept = line.length > LONGEST_LINE ? withoutFacts(line) : line;
    this.#lines.push(kept);
    this.#characters += kept.length;
    // By halves, so that a line does not move all the others.
    if (this.#lines.length > MOST_LINES || this.#characters > MOST_CHARACTERS) this.#forgetHalf();
  }

  /**
   * The lines after a sequence, oldest first, so many at most. A sequence that was never reached is of an earlier
   * life of the agent: its reader begins anew.
   */
  read(after: number, limit: number): Result<"readLog"> {
    const newest = this.#first + this.#lines.length - 1;
    const start = after > newest ? 0 : Math.max(0, after + 1 - this.#first);
    const lines = this.#lines
      .slice(start, start + limit)
      .map((line, index) => parseLine(line, this.#first + start + index));
    return { lines, next: lines.at(-1)?.sequence ?? newest };
  }

  #forgetHalf(): void {
    const forgotten = this.#lines.splice(0, Math.ceil(this.#lines.length / 2));
    this.#first += forgotten.length;
    this.#characters -= forgotten.reduce((sum, line) => sum + line.length, 0);
  }
}

function parseLine(line: string, sequence: number): LogLine {
  const { level, time, msg, ...facts } = WithFacts.parse(JSON.parse(line));
  return { sequence, at: time, level: levelOf(level), message: msg, facts };
}

/** A line that is far too long, by its beginning. */
function withoutFacts(line: string): string {
  const { level, time, msg } = Written.parse(JSON.parse(line));
  return JSON.stringify({ level, time, msg: `${msg.slice(0, 1024)}…` });
}
