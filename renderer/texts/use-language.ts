import { useTranslation } from "react-i18next";
import type { Language } from "../../src/bridge/language.ts";

/** The language that the window speaks now; for `format.ts`. */
export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return i18n.language === "ja" ? "ja" : "en";
}
