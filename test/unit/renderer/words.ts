/** The catalogues as the window speaks them, for tests that read sentences. */
import { en } from "../../../renderer/texts/en/index.ts";
import { ja } from "../../../renderer/texts/ja/index.ts";
import { translator } from "../../../renderer/texts/translate.ts";

export const english = translator("en", en);
export const japanese = translator("ja", ja);
