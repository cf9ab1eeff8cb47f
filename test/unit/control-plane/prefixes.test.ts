import { parseCidr } from "cidr-tools";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addressAt, hostAddresses } from "../../../src/control-plane/addresses.ts";
import {
  addressIn,
  checkDnsServers,
  checkOverlayPrefixes,
  checkPrivatePrefixes,
  isUnroutable,
} from "../../../src/control-plane/prefixes.ts";

const codes = (faults: readonly { pointer: string; code: string }[]): string[] =>
  faults.map(({ pointer, code }) => `${pointer} ${code}`);

test.each([
  ["0.0.0.0/0", "default_route"],
  ["::/0", "default_route"],
  ["128.0.0.0/1", "unroutable"],
  ["0.0.0.0/1", "unroutable"],
  ["127.0.0.0/8", "unroutable"],
  ["169.254.169.254/32", "unroutable"],
  ["224.0.0.0/4", "unroutable"],
  ["240.0.0.0/8", "unroutable"],
  ["::1/128", "unroutable"],
  ["fe80::/10", "unroutable"],
  ["ff02::/16", "unroutable"],
  ["::ffff:0:0/96", "unroutable"],
  ["2000::/3", "too_large"],
  ["64.0.0.0/4", "too_large"],
  ["10.0.0.1/8", "not_canonical"],
  ["FD00::/64", "not_canonical"],
  ["fd00:0:0:0::/64", "not_canonical"],
])("%s is no private prefix: %s", (prefix, code) => {
  expect(codes(checkPrivatePrefixes([prefix], []))).toEqual([`/privatePrefixes/0 ${code}`]);
});

test.each(["10.0.0.0/8", "fc00::/7", "192.168.1.7/32", "203.0.113.0/24", "fd00:20::/64", "2001:db8::1/128"])(
  "%s is a private prefix",
  (prefix) => {
    expect(checkPrivatePrefixes([prefix], [])).toEqual([]);
  },
);

test("a prefix that is there twice or that another network has is refused, with the place", () => {
  const claims = [{ owner: "the overlay of network lab", prefixes: ["10.30.0.0/16"] }];
  const faults = checkPrivatePrefixes(["10.20.0.0/16", "10.20.0.0/16", "10.30.5.0/24"], claims);
  expect(codes(faults)).toEqual(["/privatePrefixes/1 duplicate", "/privatePrefixes/2 overlap"]);
  expect(faults[1]?.message).toContain("the overlay of network lab (10.30.0.0/16)");
});

test("a prefix inside another one of the list is refused: it would have two meanings", () => {
  const faults = checkPrivatePrefixes(["10.20.1.0/24", "10.20.0.0/16", "fd00:20::/64"], []);
  expect(codes(faults)).toEqual(["/privatePrefixes/1 overlap"]);
});

test("an overlay has at most one prefix per family, with room for two", () => {
  expect(codes(checkOverlayPrefixes(["10.1.0.0/16", "10.2.0.0/16"], []))).toEqual([
    "/overlayPrefixes/1 duplicate",
  ]);
  expect(codes(checkOverlayPrefixes(["10.1.0.0/31", "fd00::/127"], []))).toEqual([
    "/overlayPrefixes/0 too_small",
    "/overlayPrefixes/1 too_small",
  ]);
});

test("a resolver has to be reachable through the tunnel", () => {
  expect(checkDnsServers(["10.20.0.53", "fd00:20::53"], ["10.20.0.0/16", "fd00:20::/64"])).toEqual([]);
  expect(codes(checkDnsServers(["10.20.0.53", "9.9.9.9"], ["10.20.0.0/16"]))).toEqual([
    "/dns/servers/1 outside_network",
  ]);
  expect(codes(checkDnsServers(["9.9.9.9"], []))).toEqual(["/dns/servers/0 outside_network"]);
});

test("endpoints are taken apart", () => {
  expect(addressIn("198.51.100.1:51820")).toBe("198.51.100.1");
  expect(addressIn("[2001:db8::1]:51820")).toBe("2001:db8::1");
  expect(addressIn("tokyo.example:51820")).toBeNull();
  expect(isUnroutable("127.0.0.1")).toBe(true);
  expect(isUnroutable("::ffff:127.0.0.1")).toBe(true);
  expect(isUnroutable("198.51.100.1")).toBe(false);
});

test("every number has an address of its own inside its prefix, in its shortest spelling", () => {
  const host = fc.integer({ min: 2, max: 65_000 });
  fc.assert(
    fc.property(host, host, (a, b) => {
      for (const prefix of ["100.64.0.0/16", "fd00:64::/64"]) {
        const overlay = parseCidr(prefix);
        const address = parseCidr(addressAt(prefix, a));
        expect(address.start).toBe(overlay.start + BigInt(a));
        expect(addressAt(prefix, a) === addressAt(prefix, b)).toBe(a === b);
      }
    }),
  );
  expect(hostAddresses(["100.64.0.0/16", "fd00:64::/64"], 258)).toEqual([
    "100.64.1.2/32",
    "fd00:64::102/128",
  ]);
});
