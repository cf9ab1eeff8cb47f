import type { Language } from "../../src/bridge/language.ts";
import { useTranslation } from "./speech.ts";

/** The language that the window speaks now; for `format.ts`. */
export function useLanguage(): Language {
  return useTranslation().language;
}
