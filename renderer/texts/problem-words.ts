/** A refusal in the window's language. */
import type { TFunction } from "i18next";
import type { BridgeProblem } from "../../src/bridge/contract.ts";
import type { en } from "./en/index.ts";

const KNOWN = [
  "agent_away",
  "other_version",
  "cancelled",
  "control_plane_unreachable",
  "not_enrolled",
] as const satisfies readonly (keyof typeof en.problems)[];

/**
 * The words for a refusal. What the agent says is exact and English, so it is shown as it is in English; elsewhere
 * the catalogue speaks where the code says all, and the agent where it does not.
 */
export function problemWords(
  problem: Pick<BridgeProblem, "code" | "message" | "remedy">,
  language: string,
  t: TFunction,
): { readonly message: string; readonly remedy: string | undefined } {
  const code = language === "en" ? undefined : KNOWN.find((known) => known === problem.code);
  if (code === undefined) return { message: problem.message, remedy: problem.remedy };
  const remedy = t(`problems.${code}.remedy`);
  return { message: t(`problems.${code}.message`), remedy: remedy === "" ? undefined : remedy };
}
