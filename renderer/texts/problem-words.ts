/** A refusal in the window's language. */
import type { TFunction } from "./translate.ts";
import type { BridgeProblem } from "../../src/bridge/contract.ts";
import { en } from "./en/index.ts";
import { reasonText } from "./reason-words.ts";
import { pathFaultWords } from "./said-words.ts";

type Told = Pick<BridgeProblem, "code" | "message" | "remedy" | "reason" | "facts">;

/**
 * The words for a refusal: ours for the reason that it names, or for a code that says all of it; else those it came
 * with. The service's own sentences are exact and English, and speak of commands where a window has buttons.
 */
export function problemWords(
  problem: Told,
  t: TFunction,
): { readonly message: string; readonly remedy: string | undefined } {
  const { code, message, reason } = problem;
  // Which facts a sentence takes is decided by the code; the types of the texts cannot know it.
  const say = t as (key: string, facts: Readonly<Record<string, string | Date>>) => string;
  const key =
    reason !== undefined && Object.hasOwn(en.said.refusals, reason)
      ? `said.refusals.${reason}`
      : reason === undefined && Object.hasOwn(en.problems, code)
        ? `problems.${code}`
        : undefined;
  if (key === undefined) return { message, remedy: problem.remedy };
  const { why, expiredAt, problem: its = "" } = problem.facts ?? {};
  // The control plane's own refusal within it.
  const detail =
    reason === "path_unusable"
      ? pathFaultWords(problem.facts ?? {}, t)
      : Object.hasOwn(en.said.controlPlane, its)
        ? say(`said.controlPlane.${its}`, {})
        : undefined;
  const told = {
    ...{ message, ...problem.facts },
    ...(detail === undefined ? {} : { detail }),
    ...(why === undefined ? {} : { why: reasonText({ code: why, message }, t) }),
    // The sentence writes a time as its language does.
    ...(expiredAt === undefined ? {} : { expiredAt: new Date(expiredAt) }),
  };
  const remedy = say(`${key}.remedy`, told);
  return { message: say(`${key}.message`, told), remedy: remedy === "" ? undefined : remedy };
}
