/** The catalogues; the one that is not there from the beginning is fetched. */
import type { Language } from "../../src/bridge/language.ts";
import { en } from "./en/index.ts";
import type { Texts } from "./shape.ts";

const fetchJapanese = () => import("./ja/index.ts");

let japanese: Texts | undefined;

/** Fetches what `wanted` needs, once. Tells the language that can be spoken: English where it cannot be had. */
export async function textsFor(
  wanted: Language,
  fetch = fetchJapanese,
): Promise<{ readonly language: Language; readonly texts: Texts }> {
  if (wanted === "ja") japanese ??= (await fetch().catch(() => undefined))?.ja;
  return wanted === "ja" && japanese !== undefined
    ? { language: "ja", texts: japanese }
    : { language: "en", texts: en };
}
