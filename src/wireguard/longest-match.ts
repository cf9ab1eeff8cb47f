/** Which of many prefixes decides about an address: the longest that contains it. Pure. */
import { bytesOf, familyOf, type Address, type AddressBytes } from "./address.ts";
import { prefixParts, type Prefix } from "./prefix.ts";

/**
 * Prepares a look-up among prefixes that takes as long as there are different lengths, however many prefixes there are.
 * Of equal prefixes the first counts; undefined = none contains the address.
 */
export function longestMatch<T>(
  entries: readonly (readonly [Prefix, T])[],
): (address: Address) => T | undefined {
  const tables = { 4: new Map<number, Map<string, T>>(), 6: new Map<number, Map<string, T>>() };
  for (const [prefix, value] of entries) {
    const { family, length, address } = prefixParts(prefix);
    const table = tables[family].get(length) ?? new Map<string, T>();
    tables[family].set(length, table);
    const key = keyOf(bytesOf(address), length);
    if (!table.has(key)) table.set(key, value);
  }
  const byLength = (family: 4 | 6) => [...tables[family]].sort(([a], [b]) => b - a);
  const longestFirst = { 4: byLength(4), 6: byLength(6) };
  return (address) => {
    const bytes = bytesOf(address);
    for (const [length, table] of longestFirst[familyOf(address)]) {
      const key = keyOf(bytes, length);
      if (table.has(key)) return table.get(key);
    }
    return undefined;
  };
}

/** The first `length` bits, as text to compare. */
function keyOf(bytes: AddressBytes, length: number): string {
  const whole = length >> 3;
  const rest = length & 7;
  const head = String.fromCharCode(...bytes.slice(0, whole));
  return rest === 0 ? head : head + String.fromCharCode((bytes[whole] ?? 0) & (0xff << (8 - rest)));
}
