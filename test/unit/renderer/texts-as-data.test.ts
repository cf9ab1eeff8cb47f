/** The texts as the build writes them are the catalogues' own. */
import { expect, test } from "vitest";
import { textsModule } from "../../../renderer/build/texts-as-data.ts";
import { en } from "../../../renderer/texts/en/index.ts";
import { ja } from "../../../renderer/texts/ja/index.ts";
import type { Texts } from "../../../renderer/texts/shape.ts";

/** What the built module exports by the language's name. */
async function built(language: string, texts: Texts): Promise<unknown> {
  const text = textsModule(language, texts);
  const module = (await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`
  )) as Record<string, unknown>;
  return module[language];
}

test("a built window has every text of both languages, letter by letter", async () => {
  expect(await built("en", en)).toEqual(en);
  expect(await built("ja", ja)).toEqual(ja);
});

test("whatever letters a text has, it stays a text", async () => {
  const odd = { ...en, home: { ...en.home, switch: "`${1}` \\ \" ' \u2028 </script>" } };
  expect(await built("en", odd)).toEqual(odd);
});
