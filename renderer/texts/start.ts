/** Starts the texts in the language that was chosen, or the system's; English where we have no other. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "../../src/bridge/language.ts";
import { spokenFor } from "./catalogue.ts";
import { en } from "./en/index.ts";

export { languageFor, type Language } from "../../src/bridge/language.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "texts";
    resources: { texts: typeof en };
  }
}

export function startTexts(): void {
  void i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    defaultNS: "texts",
    resources: { en: { texts: en } },
    interpolation: { escapeValue: false },
    // The catalogue is here: there is nothing to wait for.
    initAsync: false,
  });
}

/**
 * Changes the language of the whole window. The other catalogue is fetched when it is first wanted; where it cannot
 * be, the window speaks English.
 */
export async function speak(wanted: Language): Promise<void> {
  const language = await spokenFor(wanted);
  if (i18next.language !== language) await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
