/** Findings and the verdict that follows from them. */
import { CATALOGUE, type FindingCode, type Severity } from "./catalogue.ts";
import { LIMITS, type Place } from "./types.ts";

export interface Finding {
  readonly severity: Severity;
  readonly code: FindingCode;
  /** From 1. */
  readonly line: number;
  /** From 1, in bytes; a byte order mark does not count. */
  readonly column: number;
  /** What, why it matters, what to do. Never text of the file. */
  readonly message: string;
}

export type Verdict = "accepted" | "accepted_with_changes" | "refused";

/** Collects findings and counts steps of work, which tests hold to a line in the size of the file. */
export class Report {
  readonly findings: Finding[] = [];
  steps = 0;

  /** True when so much was found that reading on is pointless. */
  get full(): boolean {
    return this.findings.length > LIMITS.findings;
  }

  /** Notes a finding. `detail` replaces the title; it is made of our own words and parsed values alone. */
  add(code: FindingCode, place: Place, detail?: string): void {
    if (this.full) return;
    const last = this.findings.length === LIMITS.findings;
    const given = last ? "too_many_findings" : code;
    const { severity, title, why, remedy } = CATALOGUE[given];
    const what = last ? title : (detail ?? title);
    this.findings.push({
      severity,
      code: given,
      line: place.line,
      column: place.column,
      message: `${what}. ${why} ${remedy}`,
    });
  }
}

/** `refused` with any error, `accepted_with_changes` when something was left out on purpose, else `accepted`. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some((finding) => finding.severity === "error")) return "refused";
  return findings.some((finding) => CATALOGUE[finding.code].leavesOut) ? "accepted_with_changes" : "accepted";
}
