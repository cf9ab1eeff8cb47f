import { isIP, SocketAddress } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addressKind,
  isLinkLocal,
  isLoopback,
  isMartian,
  isMulticast,
  isPrivate,
  type AddressKind,
} from "../../../src/wireguard/address-kind.ts";
import { formatAddress, parseAddress, type Address } from "../../../src/wireguard/address.ts";
import {
  contains,
  findOverlaps,
  hostPrefix,
  isHostPrefix,
  networkOf,
  overlaps,
  parseInterfaceAddress,
  parsePrefix,
  parsePrefixMasking,
  prefixesBetween,
  prefixParts,
  subtract,
  type Prefix,
} from "../../../src/wireguard/prefix.ts";

const bytes = fc.oneof(
  fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 4, maxLength: 4 }),
  fc.array(fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(255)), { minLength: 16, maxLength: 16 }),
);
const anAddress = bytes.map(formatAddress).filter((text) => parseAddress(text).ok);
const aPrefix = fc.tuple(anAddress, fc.nat(128)).map(([address, length]) => {
  const parsed = parsePrefixMasking(`${address}/${address.includes(":") ? length : length % 33}`);
  return parsed.ok ? parsed.value.prefix : ("::/0" as Prefix);
});

function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.code}`);
  return parsed.value;
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.code}`);
  return parsed.value;
}

describe("addresses", () => {
  it.each([
    ["10.0.0.1", "10.0.0.1"],
    ["255.255.255.255", "255.255.255.255"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:0db8::0001", "2001:db8::1"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["1:0:0:2:3:0:0:4", "1::2:3:0:0:4"],
    ["1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"],
    ["::", "::"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ])("reads %s as %s", (text, canonical) => {
    expect(parseAddress(text)).toEqual({ ok: true, value: canonical });
  });

  it.each([
    ..."1.2.3|1.2.3.4.5|01.2.3.4|1.2.3.256|0x7f.0.0.1|2130706433|127.1|1.2.3.+4|1.2.3.-4| 1.2.3.4|1.2.3.4 |1..3.4||１.2.3.4".split(
      "|",
    ),
    ..."1:2:3:4:5:6:7|1:2:3:4:5:6:7:8:9|::1::|12345::|g::|1:2:3:4:5:6:7::8|:1:2:3:4:5:6:7|1:2:3:4:5:6:7:|1.2.3.4::|::1.2.3.4:5|:::".split(
      "|",
    ),
  ])("refuses %j", (text) => {
    expect(parseAddress(text)).toMatchObject({ ok: false, code: "address_syntax" });
  });

  it("refuses zones and IPv4-mapped IPv6 however they are spelt, each by name", () => {
    expect(parseAddress("fe80::1%eth0")).toMatchObject({ code: "address_zone" });
    for (const text of ["::ffff:1.2.3.4", "::ffff:102:304", "0:0:0:0:0:FFFF:0102:0304"])
      expect(parseAddress(text)).toMatchObject({ code: "address_mapped" });
  });

  it("reads what it writes, and agrees with the operating system's reading", () => {
    fc.assert(
      fc.property(anAddress, (text) => {
        expect(parseAddress(text)).toEqual({ ok: true, value: text });
        expect(isIP(text)).not.toBe(0);
        const family = text.includes(":") ? "ipv6" : "ipv4";
        const other = new SocketAddress({ address: text, family }).address;
        expect(parseAddress(other)).toEqual({ ok: true, value: text });
      }),
    );
  });

  it("takes no text that the operating system does not take as an address", () => {
    const soup = fc.string({
      unit: fc.constantFrom(...Array.from("0123456789abcfF:.:.::/%")),
      maxLength: 24,
    });
    fc.assert(
      fc.property(soup, (text) => {
        if (parseAddress(text).ok) expect(isIP(text)).not.toBe(0);
        else if (isIP(text) !== 0) expect(text).toMatch(/%|ffff/i);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("prefixes", () => {
  it.each([
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["10.1.2.3", "10.1.2.3/32"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["2001:DB8::/32", "2001:db8::/32"],
    ["::1", "::1/128"],
  ])("reads %s as %s", (text, canonical) => {
    expect(parsePrefix(text)).toEqual({ ok: true, value: canonical });
  });

  it.each(
    "10.0.0.0/33|10.0.0.0/08|10.0.0.0/+8|10.0.0.0/-8|10.0.0.0/|10.0.0.0/255.0.0.0|10.0.0.0/8/8|::/129|::/0x20|10.0.0.0/ 8".split(
      "|",
    ),
  )("refuses the length of %j", (text) => {
    expect(parsePrefix(text)).toMatchObject({ ok: false, code: "prefix_length" });
  });

  it("refuses host bits by name, or masks them and says so", () => {
    expect(parsePrefix("10.1.2.3/8")).toMatchObject({ ok: false, code: "prefix_host_bits" });
    expect(parsePrefix("10.1.2.3/8")).toHaveProperty("message", expect.stringContaining("10.0.0.0/8"));
    expect(parsePrefixMasking("10.1.2.3/9")).toMatchObject({
      ok: true,
      value: { prefix: "10.0.0.0/9", hostBits: true },
    });
    expect(parsePrefixMasking("2001:db8::1/33")).toMatchObject({ value: { prefix: "2001:db8::/33" } });
  });

  it("keeps the host's bits of an interface address and knows its network", () => {
    const parsed = parseInterfaceAddress("10.1.2.3/20");
    expect(parsed).toEqual({ ok: true, value: "10.1.2.3/20" });
    expect(parsed.ok && networkOf(parsed.value)).toBe("10.1.0.0/20");
  });

  it("takes a prefix apart", () => {
    expect(prefixParts(prefix("2001:db8::/32"))).toEqual({ family: 6, address: "2001:db8::", length: 32 });
    expect(hostPrefix(address("::1"))).toBe("::1/128");
    expect(isHostPrefix(prefix("10.0.0.1/32"))).toBe(true);
    expect(isHostPrefix(prefix("::/32"))).toBe(false);
  });

  it("contains and overlaps as ranges of numbers do", () => {
    fc.assert(
      fc.property(aPrefix, aPrefix, (a, b) => {
        const [x, y] = [range(a), range(b)];
        const same = x.family === y.family;
        expect(contains(a, b)).toBe(same && x.first <= y.first && y.last <= x.last);
        expect(overlaps(a, b)).toBe(same && x.first <= y.last && y.first <= x.last);
      }),
      { numRuns: 2000 },
    );
  });

  it("finds every overlap in a list, and nothing else", () => {
    fc.assert(
      fc.property(fc.array(aPrefix, { maxLength: 12 }), (prefixes) => {
        const pairs = findOverlaps(prefixes);
        for (const { first, second } of pairs) {
          expect(first).toBeLessThan(second);
          expect(overlaps(at(prefixes, first), at(prefixes, second))).toBe(true);
        }
        const clean = prefixes.every((a, i) => prefixes.every((b, j) => i === j || !overlaps(a, b)));
        expect(pairs.length === 0).toBe(clean);
      }),
      { numRuns: 2000 },
    );
  });

  it("subtracts: nothing of what was removed is left, nothing else is lost", () => {
    const some = fc.array(aPrefix, { maxLength: 4 });
    fc.assert(
      fc.property(some, some, (from, remove) => {
        const left = subtract(from, remove);
        for (const prefix of left) {
          expect(remove.some((other) => overlaps(prefix, other))).toBe(false);
          expect(from.some((other) => contains(other, prefix) || overlaps(other, prefix))).toBe(true);
          expect(parsePrefix(prefix)).toEqual({ ok: true, value: prefix });
        }
        expect(count(left) + count(common(from, remove))).toBe(count(subtract(from, [])));
      }),
    );
  });

  it.each([
    ["10.20.0.0", "10.20.2.255", ["10.20.0.0/23", "10.20.2.0/24"]],
    ["10.0.0.1", "10.0.0.6", ["10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/31", "10.0.0.6/32"]],
    ["10.0.0.1", "10.0.0.1", ["10.0.0.1/32"]],
    ["0.0.0.0", "255.255.255.255", ["0.0.0.0/0"]],
    ["255.255.255.254", "255.255.255.255", ["255.255.255.254/31"]],
    ["fd00:20::", "fd00:20:0:2:ffff:ffff:ffff:ffff", ["fd00:20::/63", "fd00:20:0:2::/64"]],
    ["::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ["::/0"]],
    ["10.0.0.2", "10.0.0.1", []],
    ["10.0.0.1", "::ffff", []],
  ])("are the fewest between %s and %s", (first, last, between) => {
    expect(prefixesBetween(address(first), address(last))).toEqual(between);
  });

  it("between two addresses are exactly these addresses, and what is among them is in one member", () => {
    fc.assert(
      fc.property(aPrefix, aPrefix, fc.nat(128), (one, other, length) => {
        if (range(one).family !== range(other).family) return;
        const [lower, upper] = [range(one), range(other)].sort((a, b) => (a.first < b.first ? -1 : 1));
        if (lower === undefined || upper === undefined) return;
        const end = upper.last > lower.last ? upper.last : lower.last;
        const between = prefixesBetween(addressAt(lower.family, lower.first), addressAt(lower.family, end));
        // One after the other, without a gap, from the first to the last.
        let next = lower.first;
        for (const member of between) {
          expect(parsePrefix(member)).toEqual({ ok: true, value: member });
          expect(range(member).first).toBe(next);
          next = range(member).last + 1n;
        }
        expect(next).toBe(end + 1n);
        // No fewer say the same.
        expect(between).toHaveLength(subtract(between, []).length);
        const bits = lower.family === 4 ? 32 : 128;
        for (const start of [lower.first, upper.first, end]) {
          const size = 1n << BigInt(bits - (length % (bits + 1)));
          const first = start - (start % size);
          const among = first >= lower.first && first + size - 1n <= end;
          const inner = prefix(`${addressAt(lower.family, first)}/${length % (bits + 1)}`);
          expect(between.some((member) => contains(member, inner))).toBe(among);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

function addressAt(family: number, number: bigint): Address {
  const count = family === 4 ? 4 : 16;
  const hex = number.toString(16).padStart(2 * count, "0");
  return formatAddress(Array.from({ length: count }, (_, at) => parseInt(hex.slice(2 * at, 2 * at + 2), 16)));
}

function at(prefixes: readonly Prefix[], index: number): Prefix {
  return prefixes[index] ?? prefix("::/0");
}

/** First and last address of a prefix as numbers. */
function range(prefix: Prefix): { family: number; first: bigint; last: bigint } {
  const { family, address, length } = prefixParts(prefix);
  const groups =
    family === 4
      ? address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"))
      : expand(address).map((part) => part.padStart(4, "0"));
  const first = BigInt(`0x${groups.join("")}`);
  return { family, first, last: first + (1n << BigInt((family === 4 ? 32 : 128) - length)) - 1n };
}

function expand(address: string): string[] {
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  return [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
}

function count(prefixes: readonly Prefix[]): bigint {
  return prefixes.reduce((sum, prefix) => sum + range(prefix).last - range(prefix).first + 1n, 0n);
}

/** What two lists have in common, disjoint. */
function common(a: readonly Prefix[], b: readonly Prefix[]): readonly Prefix[] {
  const inner = a.flatMap((x) => b.filter((y) => overlaps(x, y)).map((y) => (contains(x, y) ? y : x)));
  return subtract(inner, []);
}

describe("what addresses are for", () => {
  it.each<[string, AddressKind]>([
    ["0.0.0.0", "unspecified"],
    ["0.1.2.3", "unspecified"],
    ["::", "unspecified"],
    ["127.255.0.1", "loopback"],
    ["::1", "loopback"],
    ["169.254.169.254", "metadata"],
    ["fd00:ec2::254", "metadata"],
    ["100.100.100.200", "metadata"],
    ["64:ff9b::a9fe:a9fe", "metadata"],
    ["2002:7f00:1::", "loopback"],
    ["64:ff9b::102:304", "global"],
    ["169.254.1.1", "link_local"],
    ["fe80::1", "link_local"],
    ["10.255.255.255", "private"],
    ["172.31.0.1", "private"],
    ["172.32.0.1", "global"],
    ["192.168.1.1", "private"],
    ["fdab::1", "private"],
    ["100.64.0.1", "shared"],
    ["100.128.0.1", "global"],
    ["224.0.0.251", "multicast"],
    ["ff02::fb", "multicast"],
    ["203.0.113.7", "documentation"],
    ["2001:db8::7", "documentation"],
    ["255.255.255.255", "reserved"],
    ["::1.2.3.4", "reserved"],
    ["8.8.8.8", "global"],
    ["2606:4700::1", "global"],
  ])("%s is %s", (text, kind) => {
    expect(addressKind(address(text))).toBe(kind);
  });

  it("judges whole prefixes", () => {
    expect(isPrivate(prefix("10.20.0.0/16"))).toBe(true);
    expect(isPrivate(prefix("8.0.0.0/6"))).toBe(false);
    expect(isLinkLocal(prefix("fe80::/64"))).toBe(true);
    expect(isLoopback(prefix("127.0.0.0/8"))).toBe(true);
    expect(isMulticast(prefix("239.0.0.0/8"))).toBe(true);
    expect(isMartian(prefix("240.0.0.0/5"))).toBe(true);
    expect(isMartian(prefix("0.0.0.0/0"))).toBe(false);
    expect(isMartian(prefix("10.0.0.0/8"))).toBe(false);
  });
});
