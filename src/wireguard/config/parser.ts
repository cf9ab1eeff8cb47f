/** From lines to a draft: which section a line belongs to, which keys may stand there, how often, in which order. */
import { newInterface, newPeer, type Draft, type DraftInterface, type DraftPeer } from "./draft.ts";
import type { Report } from "./finding.ts";
import { FOREIGN_KEYS, FOREIGN_SECTIONS } from "./foreign.ts";
import type { EntryLine, Line, SectionLine } from "./lexer.ts";
import { LIMITS } from "./types.ts";
import { INTERFACE_KEYS, PEER_KEYS, type KeyRule } from "./values.ts";

/** The section that lines belong to now. Lines of a refused section are passed over: its heading was reported. */
type Current =
  | { readonly kind: "none" | "refused" }
  | { readonly kind: "interface"; readonly section: DraftInterface }
  | { readonly kind: "peer"; readonly section: DraftPeer };

/** Understands lines; reports what cannot be. */
export function parse(lines: readonly Line[], report: Report): Draft {
  const draft: Draft = { interface: null, peers: [], owners: new Map() };
  let current: Current = { kind: "none" };
  for (const line of lines) {
    if (report.full) break;
    report.steps += 1;
    if (line.kind === "section") current = openSection(line, draft, report);
    else readEntry(line, current, draft, report);
  }
  requireKeys(draft, report);
  return draft;
}

function openSection(line: SectionLine, draft: Draft, report: Report): Current {
  switch (line.name) {
    case "interface":
      if (draft.interface !== null) {
        report.add("interface_repeated", line, `[Interface] already stands in line ${draft.interface.line}`);
        return { kind: "refused" };
      }
      if (draft.peers.length > 0) report.add("interface_after_peer", line);
      draft.interface = newInterface(line);
      return { kind: "interface", section: draft.interface };
    case "peer": {
      if (draft.peers.length === LIMITS.peers) {
        report.add("too_many_peers", line);
        return { kind: "refused" };
      }
      const section = newPeer(line);
      draft.peers.push(section);
      return { kind: "peer", section };
    }
    default: {
      const program = FOREIGN_SECTIONS.get(line.name);
      if (program === undefined) report.add("unknown_section", line);
      else report.add("foreign_section", line, `The section belongs to ${program}`);
      return { kind: "refused" };
    }
  }
}

function readEntry(entry: EntryLine, current: Current, draft: Draft, report: Report): void {
  switch (current.kind) {
    case "none":
      report.add("outside_section", entry);
      return;
    case "refused":
      return;
    case "interface":
      readInto(current.section, INTERFACE_KEYS, PEER_KEYS, entry, draft, report);
      return;
    case "peer":
      readInto(current.section, PEER_KEYS, INTERFACE_KEYS, entry, draft, report);
  }
}

function readInto<Section extends DraftInterface | DraftPeer>(
  section: Section,
  rules: ReadonlyMap<string, KeyRule<Section>>,
  otherSection: ReadonlyMap<string, unknown>,
  entry: EntryLine,
  draft: Draft,
  report: Report,
): void {
  const rule = rules.get(entry.key);
  if (rule === undefined) {
    reportUnknownKey(entry, otherSection, report);
    return;
  }
  const first = section.seen.get(entry.key);
  if (rule.once && first !== undefined) {
    report.add("duplicate_key", entry, `${rule.name} already stands in line ${first}`);
    return;
  }
  if (first === undefined) section.seen.set(entry.key, entry.line);
  if (entry.value === "") {
    report.add("empty_value", entry, `${rule.name} has no value`);
    return;
  }
  report.steps += entry.value.length;
  rule.read(section, entry, report, draft);
}

function reportUnknownKey(
  entry: EntryLine,
  otherSection: ReadonlyMap<string, unknown>,
  report: Report,
): void {
  const program = FOREIGN_KEYS.get(entry.key);
  if (otherSection.has(entry.key)) report.add("wrong_section", entry);
  else if (program !== undefined) report.add("foreign_key", entry, `The key belongs to ${program}`);
  else report.add("unknown_key", entry);
}

/** A key that is there but wrong has been reported already. */
function requireKeys(draft: Draft, report: Report): void {
  if (draft.interface === null) {
    report.add("interface_missing", { line: 1, column: 1 });
  } else if (!draft.interface.seen.has("privatekey")) {
    report.add("private_key_missing", draft.interface);
  }
  for (const peer of draft.peers) {
    if (!peer.seen.has("publickey")) report.add("public_key_missing", peer);
  }
}
