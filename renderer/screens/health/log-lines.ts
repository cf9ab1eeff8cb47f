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

export interface Window {
  /** Index of the first row that is drawn, and behind the last. */
  readonly from: number;
  readonly to: number;
}

/** The rows to draw: what is seen, and a few around it so that scrolling finds something. Lengths in pixels. */
export function windowOf(count: number, rowHeight: number, scrollTop: number, height: number): Window {
  const AROUND = 12;
  const first = Math.floor(scrollTop / rowHeight);
  const seen = Math.ceil(height / rowHeight);
  return {
    from: Math.max(0, Math.min(count, first - AROUND)),
    to: Math.max(0, Math.min(count, first + seen + AROUND)),
  };
}
