/** The language that the window speaks, and its texts. English is there from the beginning. */
import { create } from "zustand";
import type { Language } from "../../src/bridge/language.ts";
import { textsFor } from "./catalogue.ts";
import { en } from "./en/index.ts";
import { translator, type TFunction } from "./translate.ts";

interface Speech {
  readonly language: Language;
  readonly t: TFunction;
}

const useSpeech = create<Speech>(() => ({ language: "en", t: translator("en", en) }));

/** The language and its texts; renders anew when another is spoken. */
export function useTranslation(): Speech {
  return useSpeech();
}

/** The texts of the moment, for what is no component. */
export const t: TFunction = (place, named) => useSpeech.getState().t(place, named);

/**
 * Changes the language of the whole window. The other catalogue is fetched when it is first wanted; where it cannot
 * be, the window speaks English.
 */
export async function speak(wanted: Language): Promise<void> {
  const { language, texts } = await textsFor(wanted);
  if (useSpeech.getState().language !== language)
    useSpeech.setState({ language, t: translator(language, texts) });
  document.documentElement.lang = language;
}
