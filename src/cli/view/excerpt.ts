/** A line of a file with a mark below one place of it. */
import type { Paint } from "./paint.ts";

/** Spaces before everything, so that excerpts stand out from the sentences around them. */
const MARGIN = 2;

/**
 * Two lines: the line with its number, and `^` below `column` (from 1). What does not fit into `columns` is cut away
 * around the place.
 */
export function excerpt(
  line: string,
  place: { readonly line: number; readonly column: number },
  columns: number,
  mark: (text: string) => string,
  paint: Paint,
): string {
  const number = String(place.line).padStart(4 + MARGIN);
  const room = Math.max(20, columns - number.length - 3);
  const index = place.column - 1;
  const from = line.length <= room ? 0 : Math.max(0, Math.min(index - (room >> 1), line.length - room));
  const cutLeft = from > 0 ? "…" : "";
  const cutRight = from + room < line.length ? "…" : "";
  const shown = `${cutLeft}${line.slice(from + cutLeft.length, from + room - cutRight.length)}${cutRight}`;
  const bar = paint.dim("|");
  return (
    `${paint.dim(number)} ${bar} ${shown}`.trimEnd() +
    `\n${" ".repeat(number.length)} ${bar} ${" ".repeat(Math.max(0, index - from))}${mark("^")}\n`
  );
}
