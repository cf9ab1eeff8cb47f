/** Starts the texts in the language that was chosen, or the system's; English where we have no other. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Presentation } from "../../src/bridge/state.ts";
import { en } from "./en/index.ts";

export type Language = "en" | "ja";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "texts";
    resources: { texts: typeof en };
  }
}

/** The language for a choice; `system` takes the first of the system's languages that we have. */
export function languageFor(choice: Presentation["language"], system: readonly string[]): Language {
  if (choice !== "system") return choice;
  const known = system
    .map((tag) => tag.slice(0, 2).toLowerCase())
    .find((tag) => tag === "en" || tag === "ja");
  return known ?? "en";
}

export async function startTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    defaultNS: "texts",
    resources: { en: { texts: en } },
    interpolation: { escapeValue: false },
  });
}

/** Changes the language of the whole window. The other catalogue is loaded when it is first wanted. */
export async function speak(language: Language): Promise<void> {
  if (language === "ja" && !i18next.hasResourceBundle("ja", "texts")) {
    const { ja } = await import("./ja/index.ts");
    i18next.addResourceBundle("ja", "texts", ja);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
