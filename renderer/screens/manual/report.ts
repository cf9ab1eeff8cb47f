/** A report as the screen shows it: lines with what was noticed at them, and what a configuration asks for. Pure. */
import type { ConfigFinding, DocumentReport, ShownConfig } from "../../../src/rpc/profiles.ts";
import type { z } from "zod";

export type Finding = z.infer<typeof ConfigFinding>;
export type Document = z.infer<typeof DocumentReport>;
export type Config = z.infer<typeof ShownConfig>;
export type Severity = Finding["severity"];

const ORDER = { error: 0, warning: 1, info: 2 } as const satisfies Record<Severity, number>;

/** The worst first, then by place. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(
    (a, b) => ORDER[a.severity] - ORDER[b.severity] || a.line - b.line || a.column - b.column,
  );
}

export function worstOf(findings: readonly Finding[]): Severity | null {
  return inOrder(findings)[0]?.severity ?? null;
}

export interface AnnotatedLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** The lines of a source with their findings; and those that belong to no line that is shown. */
export function annotate(
  source: readonly string[],
  findings: readonly Finding[],
): { readonly lines: readonly AnnotatedLine[]; readonly loose: readonly Finding[] } {
  return {
    lines: source.map((text, index) => ({
      number: index + 1,
      text,
      findings: inOrder(findings.filter(({ line }) => line === index + 1)),
    })),
    loose: inOrder(findings.filter(({ line }) => line < 1 || line > source.length)),
  };
}

/** The prefixes beside default routes: what is left when not all traffic is to be steered. */
export function namedPrefixes(prefixes: readonly string[]): readonly string[] {
  return prefixes.filter((prefix) => Number(prefix.split("/")[1]) > 1);
}

export interface Asked {
  readonly prefixes: readonly string[];
  /** Endpoints as they are written; a peer without one is left out. */
  readonly gateways: readonly string[];
}

/** All that a configuration asks for, and through whom. */
export function askedOf(config: Config): Asked {
  const prefixes = [...new Set(config.peers.flatMap((peer) => peer.allowedIps))];
  const gateways = config.peers.flatMap(({ endpoint }) => (endpoint === null ? [] : [endpoint]));
  return { prefixes, gateways: [...new Set(gateways)] };
}

/** A name for what came as this file: without folders and the ending, within what the agent takes. */
export function suggestedName(fileName: string, fallback: string): string {
  const last = fileName.split(/[\\/]/).at(-1) ?? "";
  const plain = last
    .replace(/\.(?:conf|zip|png|jpe?g|txt)$/i, "")
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
  // By whole characters; the agent counts in UTF-16.
  let name = "";
  for (const character of plain) {
    if (name.length + character.length > 64) break;
    name += character;
  }
  return name.trim() === "" ? fallback : name.trim();
}

/** Where a line begins in a text; the end where there are not so many. Lines from 1. */
export function startOfLine(text: string, line: number): number {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    const end = text.indexOf("\n", start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  return start;
}

/** Whether an edited text still keeps every secret that the former one kept: only then can the former be put back. */
export function keepsSecrets(before: string, after: string): boolean {
  const count = (text: string): number => text.split("(kept)").length;
  return count(after) >= count(before);
}
