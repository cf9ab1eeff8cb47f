import fc from "fast-check";
import { expect, test } from "vitest";
import { formatAddress } from "../../../src/wireguard/address.ts";
import { longestMatch } from "../../../src/wireguard/longest-match.ts";
import { contains, networkOf, prefixParts, type Prefix } from "../../../src/wireguard/prefix.ts";

const address = fc
  .constantFrom(4, 16)
  .chain((length) =>
    fc.array(fc.constantFrom(0, 1, 2, 127, 128, 255), { minLength: length, maxLength: length }),
  )
  .map((bytes) => formatAddress(bytes));
const prefix = fc
  .tuple(address, fc.nat(128))
  .map(([text, length]) => networkOf(`${text}/${text.includes(":") ? length : length % 33}` as never));

test("it finds what looking at all of them one by one finds", () => {
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 12 }), address, (prefixes, sought) => {
      let best: { readonly at: number; readonly prefix: Prefix } | undefined;
      for (const [at, one] of prefixes.entries()) {
        const longer = best === undefined || prefixParts(one).length > prefixParts(best.prefix).length;
        if (contains(one, sought) && longer) best = { at, prefix: one };
      }
      const find = longestMatch(prefixes.map((one, at) => [one, at] as const));
      expect(find(sought)).toBe(best?.at);
    }),
    { numRuns: 2000 },
  );
});
