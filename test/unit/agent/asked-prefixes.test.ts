import { expect, test } from "vitest";
import { addressesIn, askPrefixes, isRefused, nextToAsk } from "../../../src/agent/asked-prefixes.ts";
import type { Heard } from "../../../src/tunnel/linux/echo.ts";
import type { Prefix } from "../../../src/wireguard/prefix.ts";

test.each([
  ["10.99.0.0/16", ["10.99.0.1", "10.99.255.254"]],
  ["10.99.0.8/30", ["10.99.0.9", "10.99.0.10"]],
  ["10.99.0.8/31", ["10.99.0.8"]],
  ["10.99.0.8/32", ["10.99.0.8"]],
  ["fd00:20::/64", ["fd00:20::1", "fd00:20::ffff:ffff:ffff:fffe"]],
  ["fd00:20::9/128", ["fd00:20::9"]],
  ["0.0.0.0/0", []],
  ["128.0.0.0/1", []],
  ["::/0", []],
])("%s is asked about at %j", (prefix, addresses) => {
  expect(addressesIn(prefix as Prefix)).toEqual(addresses);
});

const WIDE = "10.99.0.0/16" as Prefix;
const [FIRST = "", LAST = ""] = addressesIn(WIDE);

test.each<[at: readonly Heard[], then: readonly Heard[], next: string | undefined, refused: boolean]>([
  [[], [], FIRST, false],
  [["answer"], [], undefined, false],
  [["silence"], [], FIRST, false],
  [["silence", "silence"], [], undefined, false],
  [["silence", "answer"], [], undefined, false],
  [["refused"], [], LAST, false],
  [["silence", "refused"], [], LAST, false],
  [["refused"], ["refused"], undefined, true],
  [["refused"], ["silence"], LAST, false],
  [["refused"], ["silence", "refused"], undefined, true],
  [["refused"], ["silence", "silence"], undefined, false],
  // The first host is the gateway itself, which is not spoken to; the prefix behind it is allowed.
  [["refused"], ["answer"], undefined, false],
])("after %j at the first host and %j at the last: next %s, refused %s", (at, then, next, refused) => {
  const asked = [
    ...at.map((heard) => ({ address: FIRST as never, heard })),
    ...then.map((heard) => ({ address: LAST as never, heard })),
  ];
  expect(nextToAsk({ prefix: WIDE, asked })).toBe(next);
  expect(isRefused({ prefix: WIDE, asked })).toBe(refused);
});

test("a default route asks for nothing and is never called refused", async () => {
  const everything = ["0.0.0.0/0", "::/0"] as readonly string[] as readonly Prefix[];
  expect(await askPrefixes(everything, () => Promise.reject(new Error("asked")))).toEqual([]);
  expect(everything.some((prefix) => isRefused({ prefix, asked: [] }))).toBe(false);
});

test("sixteen prefixes at most are asked about, four at once", async () => {
  let open = 0;
  let most = 0;
  const many = Array.from({ length: 20 }, (_, index) => `10.${index}.0.0/16` as Prefix);
  const asked = await askPrefixes(many, async () => {
    most = Math.max(most, (open += 1));
    await Promise.resolve();
    open -= 1;
    return "answer";
  });
  expect(asked.map(({ prefix }) => prefix)).toEqual(many.slice(0, 16));
  expect(most).toBe(4);
});
