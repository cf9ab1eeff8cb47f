/** The shape of a schema: the part of zod that the bridge's contract uses, and a refusal of every other. */
import type { $ZodType, $ZodTypes } from "zod/v4/core";
import type { Format, Shape } from "../bridge/fits.ts";

/** Formats that their pattern says all of. */
const BY_PATTERN: ReadonlySet<string> = new Set(["regex", "ipv4", "cidrv4", "datetime"]);
const FORMATS: ReadonlySet<string> = new Set<Format>(["ipv6", "cidrv6", "base64"]);

/** What is known of a check by its definition; which of these are there depends on its name. */
interface CheckDef {
  readonly check: string;
  readonly format?: string;
  readonly pattern?: RegExp;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly value?: number;
  readonly inclusive?: boolean;
  readonly fn?: (value: never) => unknown;
}

/** The shapes of schemas that were seen: what several schemas share is one object in all of their shapes. */
export type Seen = Map<$ZodType, Shape>;

/** Throws for what it does not know: a check that is left out would let something through. */
export function shapeOf(schema: $ZodType, seen: Seen = new Map()): Shape {
  const known = seen.get(schema);
  if (known !== undefined) return known;
  const shape = make(schema, seen);
  seen.set(schema, shape);
  return shape;
}

function make(schema: $ZodType, seen: Seen): Shape {
  const { def } = (schema as $ZodTypes)._zod;
  const checks = [...("check" in def ? [def] : []), ...(def.checks ?? []).map((check) => check._zod.def)];
  const inner = (other: $ZodType): Shape => shapeOf(other, seen);
  const unchecked = (shape: Shape): Shape => {
    if (checks.length > 0) throw new Error(`a check of ${def.type} has no shape here`);
    return shape;
  };
  switch (def.type) {
    case "string":
      return { is: "text", ...limits(checks) };
    case "number":
      return { is: "number", ...limits(checks) };
    case "array":
      return { is: "list", of: inner(def.element), ...limits(checks) };
    case "object": {
      const of = Object.fromEntries(Object.entries(def.shape).map(([name, field]) => [name, inner(field)]));
      if (def.catchall !== undefined && typeOf(def.catchall) !== "never")
        throw new Error("a type for other fields has no shape here");
      return { is: "fields", of, ...(def.catchall === undefined ? { loose: true } : {}), ...limits(checks) };
    }
    case "record":
      if (JSON.stringify([shapeOf(def.keyType), shapeOf(def.valueType)]) !== '[{"is":"text"},{"is":"text"}]')
        throw new Error("a record of anything but texts has no shape here");
      return unchecked({ is: "texts" });
    case "union":
      return unchecked(
        "discriminator" in def
          ? {
              is: "which",
              by: String(def.discriminator),
              of: cases(String(def.discriminator), def.options, seen),
            }
          : { is: "either", of: def.options.map(inner) },
      );
    case "nullable":
    case "optional":
      return unchecked({ is: def.type, of: inner(def.innerType) });
    case "literal":
      return unchecked({ is: "one", of: def.values });
    case "enum":
      return unchecked({ is: "one", of: Object.values(def.entries) });
    case "boolean":
      return unchecked({ is: "boolean" });
    case "unknown":
      return unchecked({ is: "anything" });
    default:
      throw new Error(`a schema of ${def.type} has no shape here`);
  }
}

const typeOf = (schema: $ZodType): string => (schema as $ZodTypes)._zod.def.type;

/** Each option of a discriminated union by the text in its field. */
function cases(by: string, options: readonly $ZodType[], seen: Seen): Record<string, Shape> {
  return Object.fromEntries(
    options.flatMap((option) => {
      const shape = shapeOf(option, seen);
      const field = shape.is === "fields" ? shape.of[by] : undefined;
      if (field?.is !== "one") throw new Error(`an option without a fixed ${by} has no shape here`);
      return field.of.map((value) => [String(value), shape] as const);
    }),
  );
}

interface Limits {
  least?: number;
  most?: number;
  whole?: true;
  like?: RegExp[];
  format?: Format;
  where?: (value: never) => unknown;
}

/** What checks ask for, as the fields of a shape. */
function limits(checks: readonly object[]): Limits {
  const all: Limits = {};
  const least = (value: number): void => void (all.least = Math.max(value, all.least ?? value));
  const most = (value: number): void => void (all.most = Math.min(value, all.most ?? value));
  for (const check of checks as readonly CheckDef[]) {
    const { format = "", value, inclusive, pattern } = check;
    if (check.check === "min_length" && check.minimum !== undefined) least(check.minimum);
    else if (check.check === "max_length" && check.maximum !== undefined) most(check.maximum);
    else if (check.check === "greater_than" && inclusive === true && value !== undefined) least(value);
    else if (check.check === "less_than" && inclusive === true && value !== undefined) most(value);
    else if (check.check === "number_format" && format === "safeint") all.whole = true;
    else if (check.check === "string_format" && FORMATS.has(format) && all.format === undefined)
      all.format = format as Format;
    else if (check.check === "string_format" && BY_PATTERN.has(format) && pattern !== undefined)
      (all.like ??= []).push(pattern);
    else if (check.check === "custom" && check.fn !== undefined && all.where === undefined)
      all.where = check.fn;
    else throw new Error(`the check ${check.check} ${format} has no shape here`);
  }
  return all;
}
