/** What the self-test found, in the window's language; the agent's own words where it found what is not known here. */
import { useTranslation } from "../../texts/speech.ts";
import type { LeakCheck } from "../../../src/rpc/diagnostics.ts";
import { en } from "../../texts/en/index.ts";

const { found: FOUND, remedies: REMEDIES } = en.health.leaks;

function isKey<T extends object>(key: PropertyKey, table: T): key is keyof T {
  return Object.hasOwn(table, key);
}

export function useLeakWords(): (
  check: LeakCheck,
) => Pick<LeakCheck, "title" | "tried" | "message" | "remedy"> {
  const { t } = useTranslation();
  // Which facts a sentence takes is decided by the code; the types of the texts cannot know it.
  const say = t as (key: string, facts: Readonly<Record<string, string>>) => string;
  return ({ code, found, facts, message, remedy }) => {
    const known = isKey(found, FOUND);
    return {
      title: t(`health.leaks.checks.${code}.title`),
      tried: t(`health.leaks.checks.${code}.tried`),
      message: known ? say(`health.leaks.found.${found}`, facts) : message,
      remedy: isKey(found, REMEDIES) ? t(`health.leaks.remedies.${found}`) : known ? null : remedy,
    };
  };
}
