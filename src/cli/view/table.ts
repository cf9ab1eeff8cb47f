/** Tables and lists of facts for a terminal of a given width. Pure. */
import type { Paint } from "./paint.ts";
import { pad, widthOf, wrap } from "./width.ts";

/** Space between columns. */
const GAP = "  ";
/** No column is made narrower than this; below it words no longer fit. */
const NARROWEST = 8;

/** Takes from the widest column until all fit. */
function fit(widths: readonly number[], available: number): number[] {
  const fitted = [...widths];
  const sum = () => fitted.reduce((total, width) => total + width, 0);
  while (sum() > available) {
    const widest = Math.max(...fitted);
    if (widest <= NARROWEST) break;
    fitted[fitted.indexOf(widest)] = widest - 1;
  }
  return fitted;
}

/**
 * A table with a heading, at most `columns` wide where words allow it: long cells are wrapped. Every line ends with
 * a newline, and none with spaces.
 */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
  paint: Paint,
): string {
  const natural = heading.map((title, column) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  const widths = fit(natural, columns - GAP.length * (heading.length - 1));
  const lines = (cells: readonly string[]): string[] => {
    const wrapped = cells.map((cell, column) => wrap(cell, widths[column] ?? 0));
    const height = Math.max(...wrapped.map((cell) => cell.length));
    return Array.from({ length: height }, (_, line) =>
      wrapped
        .map((cell, column) => pad(cell[line] ?? "", widths[column] ?? 0))
        .join(GAP)
        .trimEnd(),
    );
  };
  return [...lines(heading).map(paint.dim), ...rows.flatMap(lines)].map((line) => `${line}\n`).join("");
}

/** Facts one a line, `label  value`, values aligned and wrapped at `columns`. Facts without a value are left out. */
export function facts(
  list: readonly (readonly [label: string, value: string | undefined])[],
  columns: number,
  paint: Paint,
): string {
  const known = list.filter((fact): fact is [string, string] => fact[1] !== undefined);
  const indent = Math.max(0, ...known.map(([label]) => widthOf(label))) + 2 * GAP.length;
  return known
    .flatMap(([label, value]) =>
      wrap(value, columns - indent).map((line, index) => {
        const margin = pad(`${GAP}${index === 0 ? paint.dim(label) : ""}`, indent);
        return `${margin}${line}\n`;
      }),
    )
    .join("");
}
