/** The report on a file that was checked: each finding with its place, what the file asks for, and the verdict. */
import { CATALOGUE } from "../../wireguard/config/catalogue.ts";
import type { RedactedConfig } from "../../wireguard/config/check.ts";
import type { Finding, Verdict } from "../../wireguard/config/finding.ts";
import { configView } from "./config.ts";
import { excerpt } from "./excerpt.ts";
import type { Paint } from "./paint.ts";
import { paragraph } from "./width.ts";

/** One document as a report shows it. */
export interface ShownDocument {
  /** Of an archive's entry; null for the file itself. */
  readonly name: string | null;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly config: RedactedConfig | null;
  /** The lines as they may be shown; null when there is no text. */
  readonly source: readonly string[] | null;
}

/** A person reads no more than this of one file. */
const MOST_FINDINGS = 40;

/** The reports one after the other; `file` is what the person called it. */
export function configReportView(
  file: string,
  documents: readonly ShownDocument[],
  columns: number,
  paint: Paint,
): string {
  return documents
    .map((document) => documentView(document.name ?? file, document, columns, paint))
    .join("\n");
}

function documentView(title: string, document: ShownDocument, columns: number, paint: Paint): string {
  const { findings, config, source } = document;
  const shown = findings.slice(0, MOST_FINDINGS);
  const more = findings.length - shown.length;
  const parts = [
    paragraph(headline(title, document, paint), columns),
    ...shown.map((finding) => findingView(finding, source, columns, paint)),
    more > 0 ? `And ${more} more; --json has them all.\n` : "",
    config === null ? "" : `It asks for\n${configView(config, columns, paint)}`,
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function headline(title: string, { verdict, findings, config }: ShownDocument, paint: Paint): string {
  const count = (severity: Finding["severity"], one: string, many: string) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${number === 1 ? one : many}`];
  };
  const counts = [
    ...count("error", "error", "errors"),
    ...count("warning", "warning", "warnings"),
    ...count("info", "remark", "remarks"),
  ];
  const word =
    verdict === "refused"
      ? paint.bad("refused")
      : config === null
        ? paint.warn("left out")
        : verdict === "accepted"
          ? paint.good("accepted")
          : paint.warn("accepted with changes");
  return `${paint.strong(title)}: ${word}${counts.length === 0 ? "" : ` (${counts.join(", ")})`}`;
}

const COLOUR = { error: "bad", warning: "warn", info: "dim" } as const;
const INDENT = "  ";

function findingView(
  finding: Finding,
  source: readonly string[] | null,
  columns: number,
  paint: Paint,
): string {
  const { severity, code, line, message } = finding;
  const { why, remedy } = CATALOGUE[code];
  const what = message.slice(0, message.length - ` ${why} ${remedy}`.length);
  const colour = paint[COLOUR[severity]];
  const text = source?.[line - 1];
  return (
    `${colour(severity)} ${paint.dim(code)}${text === undefined ? "" : paint.dim(`, line ${line}`)}\n` +
    (text === undefined ? "" : excerpt(text, finding, columns, colour, paint)) +
    paragraph(paint.strong(what), columns, INDENT, INDENT) +
    paragraph(why, columns, INDENT, INDENT) +
    paragraph(remedy, columns, `${INDENT}→ `, `${INDENT}  `)
  );
}
