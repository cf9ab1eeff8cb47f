/** What tray, notifications and dialogs say, in the language of the window. */
import type { Language } from "../../src/bridge/language.ts";
import { en, type HostTexts } from "./en.ts";
import { ja } from "./ja.ts";

export type { HostTexts } from "./en.ts";

/** Both catalogues are small: they are always there. */
export function hostTexts(language: Language): HostTexts {
  return language === "ja" ? ja : en;
}
