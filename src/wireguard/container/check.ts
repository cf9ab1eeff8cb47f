/** The verdict on everything that was handed in at once. */
import { checkConfig, type CheckedConfig } from "../config/check.ts";
import type { MachineFacts } from "../config/check-meaning.ts";
import { verdictOf, type Verdict } from "../config/finding.ts";
import { openContainer } from "./open.ts";
import type { ContainerFormat, Opened } from "./types.ts";

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
  const { format, documents } = await open(bytes);
  const checked = documents.map(({ name, content }): CheckedDocument => {
    if (content.kind === "text") return { name, bytes: content.bytes, ...checkConfig(content.bytes, facts) };
    const findings = [content.finding];
    return { name, bytes: null, verdict: verdictOf(findings), findings, config: null, steps: 1 };
  });
  const verdict = verdictOf(checked.flatMap(({ findings }) => findings));
  return { format, verdict, documents: checked };
}
