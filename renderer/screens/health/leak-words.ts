/** What the self-test found, in the window's language; the agent's own words where it found what is not known here. */
import type { TFunction } from "../../texts/translate.ts";
import type { LeakCheck } from "../../../src/rpc/diagnostics.ts";
import { deviationWords } from "../../texts/said-words.ts";
import { en } from "../../texts/en/index.ts";

const { found: FOUND, remedies: REMEDIES } = en.health.leaks;

function isKey<T extends object>(key: PropertyKey, table: T): key is keyof T {
  return Object.hasOwn(table, key);
}

/** The sentences of one check. Pure. */
export function leakWords(
  check: LeakCheck,
  t: TFunction,
): Pick<LeakCheck, "title" | "tried" | "message" | "remedy"> {
  // Which facts a sentence takes is decided by the code; the types of the texts cannot know it.
  const say = t as (key: string, facts: Readonly<Record<string, string>>) => string;
  const { code, found, facts, message, remedy } = check;
  const known = isKey(found, FOUND);
  const reason = deviationWords(check, t) ?? t("said.systemSays", { detail: facts["reason"] ?? "" });
  return {
    title: t(`health.leaks.checks.${code}.title`),
    tried: t(`health.leaks.checks.${code}.tried`),
    message: known ? say(`health.leaks.found.${found}`, { ...facts, reason }) : message,
    remedy: isKey(found, REMEDIES) ? t(`health.leaks.remedies.${found}`) : known ? null : remedy,
  };
}
