/** `nanami path preview` for people: what a change would make. */
import { differenceOf } from "../../routing/difference.ts";
import { headline } from "../../routing/explain-path.ts";
import type { ResolvedPath } from "../../routing/types.ts";
import { drawing } from "./drawing.ts";
import type { Paint } from "./paint.ts";
import { wrap } from "./width.ts";

/** The proposed path and the differences, one a line. Nothing is changed by a preview, and it says so. */
export function previewView(
  current: ResolvedPath,
  proposed: ResolvedPath,
  columns: number,
  paint: Paint,
): string {
  const changes = differenceOf(current, proposed).map(({ message }) => message);
  if (changes.length === 0) return "It would change nothing.\n";
  const bullet = (text: string) =>
    wrap(text, columns - 4)
      .map((line, index) => `  ${index === 0 ? "-" : " "} ${line}\n`)
      .join("");
  return [
    `now:  ${headline(current)}\n`,
    paint[proposed.status === "ready" ? "strong" : "bad"](`then: ${headline(proposed)}\n`),
    ...drawing(proposed).map((line) => `      ${line}\n`),
    "\n",
    ...changes.map(bullet),
    "\nNothing was changed.\n",
  ].join("");
}
