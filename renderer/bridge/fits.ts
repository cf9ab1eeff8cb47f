/** Schemas as plain data, and whether a value fits one. What makes such data of zod's schemas is in `renderer/build`. */

/** The formats whose pattern is not all there is to them. */
export type Format = "ipv6" | "cidrv6" | "base64";

export type Shape =
  | { readonly is: "anything" | "boolean" }
  | { readonly is: "one"; readonly of: readonly unknown[] }
  | {
      readonly is: "text";
      /** Characters, as Unicode counts them. */
      readonly least?: number;
      readonly most?: number;
      readonly like?: readonly RegExp[];
      readonly format?: Format;
    }
  | { readonly is: "number"; readonly whole?: boolean; readonly least?: number; readonly most?: number }
  | { readonly is: "list"; readonly of: Shape; readonly least?: number; readonly most?: number }
  /** Any names, each with a text. */
  | { readonly is: "texts" }
  | {
      readonly is: "fields";
      readonly of: Readonly<Record<string, Shape>>;
      /** Others are ignored, not refused. */
      readonly loose?: boolean;
      /** What has to be so besides. */
      readonly where?: (value: never) => unknown;
    }
  | { readonly is: "nullable" | "optional"; readonly of: Shape }
  | { readonly is: "either"; readonly of: readonly Shape[] }
  /** What stands in the field `by`, as text, says which; that one looks at the field itself again. */
  | { readonly is: "which"; readonly by: string; readonly of: Readonly<Record<string, Shape>> };

/** Whether a value, which came as JSON or as a structured clone, is what `shape` says. */
export function fits(shape: Shape, value: unknown): boolean {
  switch (shape.is) {
    case "anything":
      return true;
    case "boolean":
      return typeof value === "boolean";
    case "one":
      return shape.of.includes(value);
    case "text":
      return typeof value === "string" && textFits(shape, value);
    case "number":
      return (
        (shape.whole === true ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
        within(shape, value as number)
      );
    case "list":
      return Array.isArray(value) && within(shape, value.length) && itemsFit(shape.of, value);
    case "texts":
      return isRecord(value) && Object.values(value).every((text) => typeof text === "string");
    case "fields":
      return isRecord(value) && fieldsFit(shape, value);
    case "nullable":
      return value === null || fits(shape.of, value);
    case "optional":
      return value === undefined || fits(shape.of, value);
    case "either":
      return shape.of.some((one) => fits(one, value));
    case "which": {
      const found = isRecord(value) ? value[shape.by] : undefined;
      const name = typeof found === "string" || typeof found === "boolean" ? String(found) : "";
      const one = Object.hasOwn(shape.of, name) ? shape.of[name] : undefined;
      return one !== undefined && fits(one, value);
    }
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function within({ least, most }: { readonly least?: number; readonly most?: number }, size: number): boolean {
  return (least === undefined || size >= least) && (most === undefined || size <= most);
}

/** Every one, also where there is a hole, which `every` passes over. */
function itemsFit(shape: Shape, items: readonly unknown[]): boolean {
  for (const item of items) if (!fits(shape, item)) return false;
  return true;
}

function fieldsFit(
  { of, loose, where }: Extract<Shape, { is: "fields" }>,
  value: Readonly<Record<string, unknown>>,
): boolean {
  for (const name in of) {
    const shape = of[name];
    if (shape === undefined) continue;
    if (name in value ? !fits(shape, value[name]) : shape.is !== "optional") return false;
  }
  if (loose !== true) for (const name in value) if (!Object.hasOwn(of, name)) return false;
  return where === undefined || Boolean(where(value as never));
}

function textFits(shape: Extract<Shape, { is: "text" }>, text: string): boolean {
  const { least, most, like, format } = shape;
  // Of two units at most each, so that only what is near a limit has to be counted.
  const near = (most !== undefined && text.length > most) || text.length < 2 * (least ?? 0);
  if (!within(shape, near ? characters(text, 2 * (most ?? Infinity)) : text.length)) return false;
  if (like?.some((pattern) => !pattern.test(text)) === true) return false;
  return format === undefined || FORMATS[format](text);
}

/** How many characters; of more than `units` code units they are not counted one by one. */
function characters(text: string, units: number): number {
  return text.length > units ? text.length : Array.from(text).length;
}

const FORMATS: Readonly<Record<Format, (text: string) => boolean>> = {
  ipv6: isIPv6,
  cidrv6: (text) => {
    const [address = "", length = "", ...more] = text.split("/");
    return more.length === 0 && /^(0|[1-9]\d{0,2})$/.test(length) && Number(length) <= 128 && isIPv6(address);
  },
  base64: (text) => {
    if (/\s/.test(text) || text.length % 4 !== 0) return false;
    try {
      atob(text);
      return true;
    } catch {
      return false;
    }
  },
};

function isIPv6(text: string): boolean {
  return /^[0-9a-fA-F:.]+$/.test(text) && URL.canParse(`http://[${text}]`);
}
