/**
 * Puts a language's texts into the built window as one text of JSON. A browser goes over a program's thousand texts one
 * by one, and more than once, before anything of it runs; over this it goes once.
 */
import type { Plugin } from "vite";
import { en } from "../texts/en/index.ts";
import { ja } from "../texts/ja/index.ts";
import type { Texts } from "../texts/shape.ts";

const CATALOGUES: Readonly<Record<string, Texts>> = { en, ja };
const CATALOGUE = /\/renderer\/texts\/(\w+)\/index\.ts$/;

export function textsAsData(): Plugin {
  return {
    name: "texts-as-data",
    enforce: "pre",
    load: (id) => {
      const language = CATALOGUE.exec(id)?.[1];
      const texts = language === undefined ? undefined : CATALOGUES[language];
      return language === undefined || texts === undefined ? null : textsModule(language, texts);
    },
  };
}

/** The text of a module that exports the same as the catalogue's own. */
export function textsModule(language: string, texts: Texts): string {
  return `export const ${language} = JSON.parse(${JSON.stringify(JSON.stringify(texts))});`;
}
