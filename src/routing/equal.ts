/**
 * Equality of plain data (what JSON can hold) by content. A field that is `undefined` equals one that is absent, so
 * that a value equals its copy that crossed the wire.
 */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((element, index) => equal(element, b[index]))
    );
  }
  const theirs = b as Readonly<Record<string, unknown>>;
  const own = Object.entries(a).every(([key, value]) =>
    Object.hasOwn(theirs, key) ? equal(value, theirs[key]) : value === undefined,
  );
  return own && Object.entries(b).every(([key, value]) => value === undefined || Object.hasOwn(a, key));
}
