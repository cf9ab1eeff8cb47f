/** What a finding says in the window's language, by its code; the agent's own words where there are no others. */
import { create } from "zustand";
import type { Finding } from "./report.ts";

type Words = Readonly<Record<string, string>>;

const useOther = create<{ readonly ja: Words | undefined }>(() => ({ ja: undefined }));

/** The function that says it. Other languages than English are loaded when they are first wanted. */
export function useFindingWords(language: string): (finding: Finding) => string {
  const ja = useOther((state) => state.ja);
  if (language !== "ja") return ({ message }) => message;
  if (ja === undefined)
    void import("./findings-ja.ts").then((module) => useOther.setState({ ja: module.FINDINGS_JA }));
  return ({ code, message }) => ja?.[code] ?? message;
}
