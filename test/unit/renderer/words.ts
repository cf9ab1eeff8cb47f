/** The catalogues as the window speaks them, for tests that read sentences. */
import i18next, { type TFunction } from "i18next";
import { en } from "../../../renderer/texts/en/index.ts";
import { ja } from "../../../renderer/texts/ja/index.ts";

const instance = i18next.createInstance();
await instance.init({
  lng: "en",
  fallbackLng: "en",
  defaultNS: "texts",
  resources: { en: { texts: en }, ja: { texts: ja } },
  interpolation: { escapeValue: false },
});

export const english: TFunction = instance.getFixedT("en");
export const japanese: TFunction = instance.getFixedT("ja");
