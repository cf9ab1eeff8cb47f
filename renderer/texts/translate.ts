/** A catalogue's texts by their places, with what they name put in. Pure. */
import type { Language } from "../../src/bridge/language.ts";
import type { Texts } from "./shape.ts";

/** Where each text stands: `home.switch`. Texts for one and for many are one place, asked for with a `count`. */
type PlaceIn<Table> = {
  [Name in keyof Table & string]: Table[Name] extends string
    ? WithoutCount<Name>
    : `${Name}.${PlaceIn<Table[Name]>}`;
}[keyof Table & string];

type WithoutCount<Name extends string> = Name extends `${infer Stem}_one`
  ? Stem
  : Name extends `${infer Stem}_other`
    ? Stem
    : Name;

/** What a text names between double braces. A time is written as the language does. */
export type Named = Readonly<Record<string, string | number | Date>>;

export type TFunction = (place: PlaceIn<Texts>, named?: Named) => string;

/** The texts of one language. A place that there is not is told as it is, so that it is seen. */
export function translator(language: Language, texts: Texts): TFunction {
  let plural: Intl.PluralRules | undefined;
  let time: Intl.DateTimeFormat | undefined;
  const ending = (count: number): string => (plural ??= new Intl.PluralRules(language)).select(count);
  const written = (value: Named[string] | undefined): string =>
    value instanceof Date
      ? (time ??= new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" })).format(value)
      : String(value ?? "");
  return (place, named) => {
    const count = named?.["count"];
    const text =
      (typeof count === "number" ? textAt(texts, `${place}_${ending(count)}`) : undefined) ??
      textAt(texts, place) ??
      place;
    // In one pass: what is put in is never read as a text of ours.
    return named === undefined
      ? text
      : text.replace(/\{\{(\w+)\}\}/g, (_, name: string) =>
          written(Object.hasOwn(named, name) ? named[name] : undefined),
        );
  };
}

function textAt(texts: Texts, place: string): string | undefined {
  let at: unknown = texts;
  for (const name of place.split("."))
    at = typeof at === "object" && at !== null && Object.hasOwn(at, name) ? at[name as never] : undefined;
  return typeof at === "string" ? at : undefined;
}
