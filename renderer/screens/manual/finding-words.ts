/** What a finding says in the window's language, by its code; the agent's own words where there are no others. */
import { create } from "zustand";
import type { Finding } from "./report.ts";

type Words = Readonly<Record<string, string>>;

const useOther = create<{ readonly ja: Words | undefined }>(() => ({ ja: undefined }));

export interface FindingWords {
  /** What is so. */
  readonly what: string;
  /** Why it matters, and what to do; empty where `what` says all of it. */
  readonly more: string;
}

/** The function that says it. Other languages than English are loaded when they are first wanted. */
export function useFindingWords(language: string): (finding: Finding) => FindingWords {
  const ja = useOther((state) => state.ja);
  const own = ({ message, what, why = "", remedy = "" }: Finding): FindingWords =>
    what === undefined ? { what: message, more: "" } : { what, more: `${why} ${remedy}`.trim() };
  if (language !== "ja") return own;
  if (ja === undefined)
    void import("./findings-ja.ts").then((module) => useOther.setState({ ja: module.FINDINGS_JA }));
  return (finding) => {
    const [what, ...more] = ja?.[finding.code]?.match(/[^。]+。/g) ?? [];
    return what === undefined ? own(finding) : { what, more: more.join("") };
  };
}
