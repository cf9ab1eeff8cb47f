/** Findings about a whole file: they have no line of their own and stand at its beginning. */
import type { FindingCode } from "../config/catalogue.ts";
import { Report } from "../config/finding.ts";
import type { Document } from "./types.ts";

const BEGINNING = { line: 1, column: 1 };

/** A document that is refused, or left out, with the finding of this code. `detail` replaces the title. */
export function withFinding(name: string | null, code: FindingCode, detail?: string): Document {
  const report = new Report();
  report.add(code, BEGINNING, detail);
  const [finding] = report.findings;
  if (finding === undefined) throw new Error(`the report took no finding ${code}`);
  return { name, content: { kind: "finding", finding } };
}
