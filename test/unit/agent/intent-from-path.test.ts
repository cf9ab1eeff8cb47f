import fc from "fast-check";
import { expect, test } from "vitest";
import { endpointNames, intentFromPath, type Surroundings } from "../../../src/agent/intent-from-path.ts";
import { pathFaultFacts } from "../../../src/agent/path-fault.ts";
import type { Hop, ResolvedPath } from "../../../src/routing/types.ts";
import type { Address } from "../../../src/wireguard/address.ts";
import { FRANKFURT, OSAKA, pathFor, TOKYO } from "./fixtures.ts";

const around: Surroundings = {
  publicKey: "ownkeyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=",
  addressOf: () => undefined,
  control: [],
  allowLocalNetwork: true,
};

function full(ingress: Hop, egress: Hop): ResolvedPath {
  return { ...pathFor({ device: { trafficMode: "full_tunnel" } }, 1), ingress, egress };
}

function intentOf(path: ResolvedPath, surroundings = around) {
  const result = intentFromPath(path, surroundings);
  if (result.kind !== "intent") throw new Error(`refused: ${result.message}`);
  return result.intent;
}

test("vpn_only: the ingress alone, with the private prefixes and its own overlay addresses", () => {
  const intent = intentOf(pathFor({}, 1));
  expect(intent).toMatchObject({ mode: "vpn_only", privatePrefixes: ["10.20.0.0/16"], probe: "100.64.0.1" });
  expect(intent.peers).toEqual([
    {
      name: "tokyo",
      publicKey: TOKYO.publicKey,
      endpoint: { address: "203.0.113.1", port: 51820 },
      allowedIps: ["10.20.0.0/16", "100.64.0.1/32"],
      keepalive: 25,
    },
  ]);
});

test("full_tunnel with one gateway for both ends: one peer with everything", () => {
  const { peers } = intentOf(full(TOKYO, TOKYO));
  expect(peers.map((peer) => peer.allowedIps)).toEqual([
    ["10.20.0.0/16", "100.64.0.1/32", "0.0.0.0/0", "::/0"],
  ]);
  expect(peers[0]?.via).toBeUndefined();
});

test("full_tunnel with two: the private prefixes at the ingress, everything else at the egress, through it", () => {
  const { peers } = intentOf(full(OSAKA, FRANKFURT));
  expect(peers.map(({ name, allowedIps, via }) => ({ name, allowedIps, via }))).toEqual([
    { name: "osaka", allowedIps: ["10.20.0.0/16", "100.64.0.3/32"], via: undefined },
    { name: "frankfurt", allowedIps: ["100.64.0.2/32", "0.0.0.0/0", "::/0"], via: OSAKA.publicKey },
  ]);
});

test("a path without gateways is the closed state of its mode", () => {
  const path = { ...pathFor({ device: { trafficMode: "full_tunnel" } }, 1), status: "unavailable" as const };
  expect(intentOf(path)).toMatchObject({ mode: "full_tunnel", peers: [] });
});

test("endpoint names are listed and replaced by their addresses", () => {
  const path = { ...pathFor({}, 1), ingress: { ...TOKYO, endpoint: "tokyo.example:51820" } };
  expect(endpointNames(path)).toEqual(["tokyo.example"]);
  const named = { ...around, addressOf: () => "203.0.113.77" as Address };
  expect(intentOf(path, named).peers[0]?.endpoint).toEqual({
    address: "203.0.113.77",
    port: 51820,
  });
});

const tunnel = pathFor({}, 1).tunnel;
const hostile: [string, ResolvedPath, string, string?][] = [
  [
    "an ingress on loopback",
    { ...pathFor({}, 1), ingress: { ...TOKYO, endpoint: "127.0.0.1:1" } },
    "endpoint_forbidden_address",
  ],
  [
    "an ingress at a metadata service",
    { ...pathFor({}, 1), ingress: { ...TOKYO, endpoint: "169.254.169.254:1" } },
    "endpoint_forbidden_address",
  ],
  [
    "an ingress at an IPv4-mapped address",
    { ...pathFor({}, 1), ingress: { ...TOKYO, endpoint: "[::ffff:203.0.113.1]:1" } },
    "endpoint_address",
  ],
  [
    "an ingress called localhost",
    { ...pathFor({}, 1), ingress: { ...TOKYO, endpoint: "localhost:1" } },
    "endpoint_local_name",
  ],
  [
    "an ingress in hexadecimal",
    { ...pathFor({}, 1), ingress: { ...TOKYO, endpoint: "0x7f000001:1" } },
    "endpoint_name",
  ],
  [
    "a name without an address",
    { ...pathFor({}, 1), ingress: { ...TOKYO, endpoint: "tokyo.example:1" } },
    "endpoint_unresolved",
  ],
  [
    "a name that leads to loopback",
    { ...pathFor({}, 1), ingress: { ...TOKYO, endpoint: "tokyo.example:1" } },
    "endpoint_forbidden_address",
    "127.0.0.1",
  ],
  [
    "an endpoint inside the private network",
    { ...pathFor({}, 1), ingress: { ...TOKYO, endpoint: "10.20.9.9:1" } },
    "endpoint_inside_tunnel",
  ],
  [
    "an egress inside the private network",
    full(TOKYO, { ...FRANKFURT, endpoint: "10.20.9.9:1" }),
    "endpoint_inside_tunnel",
  ],
  ["our own key", { ...pathFor({}, 1), ingress: { ...TOKYO, publicKey: around.publicKey } }, "own_key"],
  [
    "a key of zeros",
    { ...pathFor({}, 1), ingress: { ...TOKYO, publicKey: `${"A".repeat(43)}=` } },
    "key_zero",
  ],
  ["two gateways with one key", full(TOKYO, { ...FRANKFURT, publicKey: TOKYO.publicKey }), "hops_alike"],
  ["two gateways at one address", full(TOKYO, { ...FRANKFURT, endpoint: TOKYO.endpoint }), "hops_alike"],
  [
    "a default route as a private prefix",
    { ...pathFor({}, 1), tunnel: { ...tunnel, privatePrefixes: ["0.0.0.0/0"] } },
    "default_prefix",
  ],
  [
    "a private prefix with host bits",
    { ...pathFor({}, 1), tunnel: { ...tunnel, privatePrefixes: ["10.20.0.1/16"] } },
    "prefix_host_bits",
  ],
  [
    "a loopback prefix",
    { ...pathFor({}, 1), tunnel: { ...tunnel, privatePrefixes: ["127.0.0.0/8"] } },
    "martian_prefix",
  ],
  [
    "a multicast prefix",
    { ...pathFor({}, 1), tunnel: { ...tunnel, privatePrefixes: ["ff00::/8"] } },
    "martian_prefix",
  ],
  [
    "a link-local prefix",
    { ...pathFor({}, 1), tunnel: { ...tunnel, privatePrefixes: ["fe80::/10"] } },
    "martian_prefix",
  ],
  [
    "a network as our own address",
    { ...pathFor({}, 1), tunnel: { ...tunnel, addresses: ["100.64.0.0/16"] } },
    "not_host_prefix",
  ],
  [
    "loopback as our own address",
    { ...pathFor({}, 1), tunnel: { ...tunnel, addresses: ["127.0.0.1/32"] } },
    "address_forbidden",
  ],
  [
    "a network as a gateway's address",
    { ...pathFor({}, 1), ingress: { ...TOKYO, overlayAddresses: ["100.64.0.0/16"] } },
    "not_host_prefix",
  ],
  [
    "a DNS server outside",
    { ...pathFor({}, 1), tunnel: { ...tunnel, dns: { servers: ["8.8.8.8"], matchDomains: [] } } },
    "dns_outside_tunnel",
  ],
  [
    "a DNS server on loopback",
    { ...pathFor({}, 1), tunnel: { ...tunnel, dns: { servers: ["127.0.0.1"], matchDomains: [] } } },
    "address_forbidden",
  ],
  [
    "a probe at the metadata service",
    { ...pathFor({}, 1), tunnel: { ...tunnel, probe: "169.254.169.254" } },
    "address_forbidden",
  ],
  ["ready, without an ingress", { ...pathFor({}, 1), ingress: undefined }, "no_ingress"],
  ["ready, full_tunnel, without an egress", { ...full(TOKYO, TOKYO), egress: undefined }, "no_egress"],
];

/** A path with these private prefixes, whose ingress is reached over the family that they leave alone. */
const withPrefixes = (...privatePrefixes: string[]): ResolvedPath => ({
  ...pathFor({}, 1),
  ingress: {
    ...TOKYO,
    endpoint: privatePrefixes.join().includes(":") ? "203.0.113.1:51820" : "[2001:db8:5::1]:51820",
  },
  tunnel: { ...tunnel, privatePrefixes, dns: { servers: [], matchDomains: [] } },
});

test.each([
  ["everything in two halves", ["0.0.0.0/1", "128.0.0.0/1"], "default_prefix"],
  ["everything in quarters", ["64.0.0.0/2", "0.0.0.0/2"], "default_prefix"],
  ["all of IPv6 in two halves", ["::/1", "8000::/1"], "default_prefix"],
  ["what loopback is a part of", ["120.0.0.0/5"], "default_prefix"],
  ["what link-local addresses are a part of", ["169.252.0.0/14"], "martian_prefix"],
  ["the metadata service's address", ["169.254.169.254/32"], "martian_prefix"],
  ["all that is global in IPv6", ["2000::/3"], "default_prefix"],
  ["a sixteenth of the Internet", ["64.0.0.0/4"], "default_prefix"],
  ["a prefix inside another one", ["10.20.0.0/16", "10.20.1.0/24"], "overlapping_prefixes"],
  ["the device's own address", ["100.64.0.0/10"], "overlapping_prefixes"],
])("a private network with %s is refused", (_name, prefixes, code) => {
  expect(intentFromPath(withPrefixes(...prefixes), around)).toMatchObject({ kind: "refused", code });
});

test("large private space, and what a company has of the Internet, is a private network", () => {
  const prefixes = ["172.16.0.0/12", "192.168.0.0/16", "17.0.0.0/8", "fc00::/7", "2001:db8::/32"];
  expect(intentFromPath(withPrefixes(...prefixes), around)).toMatchObject({ kind: "intent" });
});

test("a gateway whose overlay address is its own endpoint is refused, and so is a probe outside", () => {
  const looped = { ...pathFor({}, 1), ingress: { ...TOKYO, overlayAddresses: ["203.0.113.1/32"] } };
  expect(intentFromPath(looped, around)).toMatchObject({ code: "endpoint_inside_tunnel" });
  const probed = { ...pathFor({}, 1), tunnel: { ...tunnel, probe: "203.0.113.1" } };
  expect(intentFromPath(probed, around)).toMatchObject({ code: "probe_outside_tunnel" });
});

test("a name that turns a line around, or a domain that is a whole ending, is refused", () => {
  const named = { ...pathFor({}, 1), ingress: { ...TOKYO, name: "tokyo\u202eoykot" } };
  expect(intentFromPath(named, around)).toMatchObject({ code: "name_disguise" });
  const dns = { ...tunnel.dns, matchDomains: ["com"] };
  const path = { ...pathFor({}, 1), tunnel: { ...tunnel, dns } };
  expect(intentFromPath(path, around)).toMatchObject({ code: "domain_captures_public" });
});

test.each(hostile)("%s is refused", (_name, path, code, address) => {
  const addressOf = () => address as Address | undefined;
  const result = intentFromPath(path, { ...around, addressOf });
  expect(result).toMatchObject({ kind: "refused", code });
  if (result.kind !== "refused") return;
  expect(result.message.length).toBeGreaterThan(20);
  expect(result.pointer).toMatch(/^\/(ingress|egress|tunnel)/);
  // A window has words for each, in its own language.
  expect(pathFaultFacts(result).fault).not.toBe("");
});

test("whatever texts a path carries, the answer is an intent of canonical values or a refusal", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV4().map((ip) => `${ip}/32`),
    fc.tuple(fc.ipV4(), fc.nat(70_000)).map(([ip, port]) => `${ip}:${port}`),
    fc.constantFrom("10.20.0.0/16", "100.64.0.1/32", "203.0.113.1:51820", "$(reboot)", "a\nPostUp = x"),
  );
  const texts = fc.array(text, { maxLength: 3 });
  fc.assert(
    fc.property(text, text, texts, texts, text, (publicKey, endpoint, addresses, privatePrefixes, probe) => {
      const path = {
        ...pathFor({}, 1),
        ingress: { ...TOKYO, publicKey, endpoint },
        tunnel: { addresses, privatePrefixes, dns: { servers: [], matchDomains: [] }, probe },
      };
      const result = intentFromPath(path, around);
      if (result.kind === "refused") {
        expect(pathFaultFacts(result).fault, result.code).not.toBe("");
        return;
      }
      const values = [...result.intent.addresses, ...result.intent.privatePrefixes, result.intent.probe];
      for (const value of values) expect(value).toMatch(/^[0-9a-f.:/]+$/);
    }),
    { numRuns: 2000 },
  );
});
