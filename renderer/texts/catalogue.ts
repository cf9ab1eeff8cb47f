/** The catalogue that is not there from the beginning. */
import i18next from "i18next";
import type { Language } from "../../src/bridge/language.ts";

const fetchJapanese = () => import("./ja/index.ts");

/** Fetches what `wanted` needs, once. Returns the language that can be spoken: English where it cannot be had. */
export async function spokenFor(wanted: Language, fetch = fetchJapanese): Promise<Language> {
  if (wanted === "en" || i18next.hasResourceBundle("ja", "texts")) return wanted;
  const catalogue = await fetch().catch(() => undefined);
  if (catalogue === undefined) return "en";
  i18next.addResourceBundle("ja", "texts", catalogue.ja);
  return wanted;
}
