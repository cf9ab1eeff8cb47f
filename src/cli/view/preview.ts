/** `nanami path preview` for people: what a change would make. */
import { differenceOf, type PathChange } from "../../routing/difference.ts";
import { headline } from "../../routing/explain-path.ts";
import type { ResolvedPath } from "../../routing/types.ts";
import { drawing } from "./drawing.ts";
import type { Paint } from "./paint.ts";
import { paragraph } from "./width.ts";

/** What the headlines say already, and what only programs ask for. */
const LEFT_OUT: ReadonlySet<PathChange["field"]> = new Set([
  "status",
  "reason",
  "trafficMode.overridden",
  "selection.overridden",
  "tunnel.probe",
]);

/** The proposed path and the differences, one a line. Nothing is changed by a preview, and it says so. */
export function previewView(
  current: ResolvedPath,
  proposed: ResolvedPath,
  nameOf: (deviceId: string) => string,
  columns: number,
  paint: Paint,
): string {
  const changes = differenceOf(current, proposed, nameOf);
  if (changes.length === 0) return "It would change nothing.\n";
  const tone = proposed.status === "ready" ? "strong" : "bad";
  return [
    paragraph(headline(current), columns, "now:  ", "      "),
    paint[tone](paragraph(headline(proposed), columns, "then: ", "      ")),
    ...drawing(proposed).map((line) => `      ${line}\n`),
    "\n",
    ...changes
      .filter(({ field }) => !LEFT_OUT.has(field))
      .map(({ message }) => paragraph(message, columns, "  - ", "    ")),
    "\nNothing was changed.\n",
  ].join("");
}
