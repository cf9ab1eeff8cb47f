/** Puts the checks of what a host tells into the built window as data, in place of zod and its schemas. */
import type { Plugin } from "vite";
import { SCHEMAS } from "../bridge/told.ts";
import type { Shape } from "../bridge/fits.ts";
import { shapeOf, type Seen } from "./shape-of.ts";

const TOLD = /\/renderer\/bridge\/told\.ts$/;

export function toldAsData(): Plugin {
  return {
    name: "told-as-data",
    enforce: "pre",
    load: (id) => (TOLD.test(id) ? toldModule() : null),
  };
}

/** The text of a module that exports the same names as `told.ts`. */
export function toldModule(): string {
  const seen: Seen = new Map();
  const readers = Object.entries(SCHEMAS).map(([name, schema]) => [name, shapeOf(schema, seen)] as const);
  const { text, names } = written(readers.map(([, shape]) => shape));
  return [
    `import { fits } from "./fits.ts";`,
    ...text,
    ...readers.map(
      ([name, shape]) =>
        `export const ${name} = (raw) => (fits(${names.get(shape) ?? ""}, raw) ? raw : undefined);`,
    ),
  ].join("\n");
}

/** Each shape as a constant after those that it is made of; what has the same text is the same constant. */
function written(shapes: readonly Shape[]): { text: readonly string[]; names: ReadonlyMap<Shape, string> } {
  const constants = new Map<string, string>();
  const constant = (text: string): string => {
    const name = constants.get(text) ?? `s${constants.size}`;
    constants.set(text, name);
    return name;
  };
  const write = (value: unknown): string => {
    if (value instanceof RegExp) return constant(String(value));
    // A refinement is carried as its own text: it has to stand by itself.
    if (typeof value === "function") return constant(`(${String(value)})`);
    if (Array.isArray(value)) return `[${value.map(write).join(", ")}]`;
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const text = `{ ${Object.entries(value)
      .map(([name, of]) => `${JSON.stringify(name)}: ${write(of)}`)
      .join(", ")} }`;
    return "is" in value ? constant(text) : text;
  };
  const names = new Map(shapes.map((shape) => [shape, write(shape)]));
  return { text: [...constants].map(([text, name]) => `const ${name} = ${text};`), names };
}
