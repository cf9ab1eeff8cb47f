/** The lines of the log as the screen keeps and shows them. Pure. */
import type { LogLine } from "../../../src/rpc/diagnostics.ts";

/** Most lines that are kept; the oldest go first. */
export const MOST_LINES = 5000;

/** The lines with the new ones behind them. A sequence that went back is of a new life of the agent. */
export function withLines(lines: readonly LogLine[], more: readonly LogLine[]): readonly LogLine[] {
  const [first] = more;
  if (first === undefined) return lines;
  const last = lines.at(-1)?.sequence ?? 0;
  const kept = first.sequence <= last ? lines.filter(({ sequence }) => sequence < first.sequence) : lines;
  // A restart numbers anew: what was there belongs to another count.
  const before = first.sequence <= last && first.sequence === 1 ? [] : kept;
  return [...before, ...more].slice(-MOST_LINES);
}

export interface Filter {
  /** All of these words, in any order and any case. */
  readonly words: string;
  /** Warnings and errors alone. */
  readonly problemsOnly: boolean;
}

/** The lines that a filter lets through; the same array where it lets all through. */
export function matching(lines: readonly LogLine[], { words, problemsOnly }: Filter): readonly LogLine[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (wanted.length === 0 && !problemsOnly) return lines;
  return lines.filter((line) => {
    if (problemsOnly && line.level !== "warning" && line.level !== "error") return false;
    if (wanted.length === 0) return true;
    const text = plainLine(line).toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** The facts of a line as text; empty where there are none. */
export function factsOf({ facts }: LogLine): string {
  return Object.keys(facts).length === 0 ? "" : JSON.stringify(facts);
}

/** A line as it is copied and searched. */
export function plainLine(line: LogLine): string {
  const facts = factsOf(line);
  return `${line.at} ${line.level} ${line.message}${facts === "" ? "" : ` ${facts}`}`;
}

/** What stands before the message of a line that is shown: its time, and a space. */
const TIME_LENGTH = 9;
/** Most columns of a level that is shown, and a space. */
const LEVEL_LENGTH = 9;

const lengths = new WeakMap<LogLine, number>();

/** How many columns a line needs, at most. Letters that are two columns wide count so. */
function lengthOf(line: LogLine): number {
  const known = lengths.get(line);
  if (known !== undefined) return known;
  const text = `${line.message} ${factsOf(line)}`;
  const wide = text.match(/[\u1100-\uffff]/g)?.length ?? 0;
  const length = TIME_LENGTH + (line.level === "info" ? 0 : LEVEL_LENGTH) + text.length + wide;
  lengths.set(line, length);
  return length;
}

/** Where each line begins that is broken into rows of so many columns, in rows; and behind the last, where all end. */
export function layoutOf(lines: readonly LogLine[], columns: number): readonly number[] {
  const starts = [0];
  let end = 0;
  for (const line of lines) {
    end += Math.ceil(lengthOf(line) / Math.max(1, columns));
    starts.push(end);
  }
  return starts;
}

export interface Window {
  /** Index of the first line that is drawn, and behind the last. */
  readonly from: number;
  readonly to: number;
}

/** Rows that are drawn around what is seen, so that scrolling finds something. */
const AROUND = 12;

/** The lines to draw: what is seen, and a little around it. `starts` as `layoutOf` says; the rest in rows. */
export function windowOf(starts: readonly number[], top: number, height: number): Window {
  const count = Math.max(0, starts.length - 1);
  const from = Math.max(0, firstBehind(starts, Math.floor(top) - AROUND) - 1);
  const to = firstBehind(starts, Math.ceil(top + height) + AROUND);
  return { from: Math.min(from, count), to: Math.min(to, count) };
}

/** Index of the first line that begins behind a row. */
function firstBehind(starts: readonly number[], row: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? Infinity) <= row) low = middle + 1;
    else high = middle;
  }
  return low;
}
