/** The text that nft takes: the whole firewall anew, or the difference between two contents of its sets. Pure. */
import { TABLE, type Ruleset, type SetElements } from "./ruleset.ts";

/**
 * The whole firewall as one transaction that replaces whatever table of this name is there. Packets see either
 * the old rules or the new ones; connections stay.
 */
export function wholeTransaction(ruleset: Ruleset): string {
  return [
    `table inet ${TABLE}`,
    `delete table inet ${TABLE}`,
    ruleset.skeleton,
    ...[...ruleset.sets].flatMap(([name, elements]) => elementLine("add", name, [...elements])),
    ``,
  ].join("\n");
}

/** From one content of the sets to another as one transaction; empty text when there is nothing to do. */
export function changeTransaction(before: SetElements, after: SetElements): string {
  const lines: string[] = [];
  for (const [name, wanted] of after) {
    const present = before.get(name) ?? new Set<string>();
    const gone = [...present].filter((element) => !wanted.has(element));
    const fresh = [...wanted].filter((element) => !present.has(element));
    lines.push(...elementLine("delete", name, gone), ...elementLine("add", name, fresh));
  }
  return lines.length === 0 ? "" : lines.join("\n") + "\n";
}

function elementLine(verb: "add" | "delete", set: string, elements: readonly string[]): string[] {
  return elements.length === 0 ? [] : [`${verb} element inet ${TABLE} ${set} { ${elements.join(", ")} }`];
}
