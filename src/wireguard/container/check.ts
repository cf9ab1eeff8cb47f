/** The verdict on everything that was handed in at once. */
import { checkConfig, type CheckedConfig } from "../config/check.ts";
import type { MachineFacts } from "../config/check-meaning.ts";
import { verdictOf, type Verdict } from "../config/finding.ts";
import { secretsIn } from "../config/masked-source.ts";
import { SecretParts } from "../config/secret-parts.ts";
import { withFinding } from "./finding.ts";
import { openContainer } from "./open.ts";
import type { ContainerFormat, Document, Opened } from "./types.ts";

export interface CheckedDocument extends CheckedConfig {
  /** Of an archive's entry, for people; null where there is only one document. */
  readonly name: string | null;
  /** The text that was checked; null when there is none, as the findings say. */
  readonly bytes: Uint8Array | null;
}

export interface CheckedContainer {
  readonly format: ContainerFormat;
  /** The worst of its documents'. */
  readonly verdict: Verdict;
  /** At least one. A document that was left out has neither bytes nor a config. */
  readonly documents: readonly CheckedDocument[];
}

/**
 * Opens and checks what was handed in (see `openContainer` and `checkConfig`). Never throws by itself. `open` opens
 * it elsewhere, for programs that an image must not hold up.
 */
export async function checkContainer(
  bytes: Uint8Array,
  facts: MachineFacts = {},
  open: (bytes: Uint8Array) => Promise<Opened> = openContainer,
): Promise<CheckedContainer> {
  const opened = await open(bytes);
  const { format } = opened;
  const documents = withoutTellingNames(opened.documents);
  const checked = documents.map(({ name, content }): CheckedDocument => {
    if (content.kind === "text") return { name, bytes: content.bytes, ...checkConfig(content.bytes, facts) };
    const findings = [content.finding];
    return { name, bytes: null, verdict: verdictOf(findings), findings, config: null, steps: 1 };
  });
  const verdict = verdictOf(checked.flatMap(({ findings }) => findings));
  return { format, verdict, documents: checked };
}

/** Names are shown: one with a part of a key that the archive holds is not, and its entry is refused. */
function withoutTellingNames(documents: readonly Document[]): readonly Document[] {
  const parts = new SecretParts(
    documents.flatMap(({ content }) => (content.kind === "text" ? secretsIn(content.bytes) : [])),
  );
  return documents.map((document) =>
    document.name !== null && parts.standIn(document.name)
      ? withFinding(document.name.replace(/[^./]/gu, "*"), "secret_in_name")
      : document,
  );
}
