import { describe, expect, it, test } from "vitest";
import fc from "fast-check";
import {
  intentFromProfile,
  type ProfileSurroundings,
} from "../../../../src/agent/profiles/intent-from-profile.ts";
import { beyond, narrowedToMode, steering, unused } from "../../../../src/agent/profiles/steering.ts";
import { checkIntent } from "../../../../src/tunnel/intent.ts";
import type { Address } from "../../../../src/wireguard/address.ts";
import { contains, parsePrefixMasking, type Prefix } from "../../../../src/wireguard/prefix.ts";
import { tunnelConfig } from "../../wireguard/config/arbitrary.ts";
import { conf, configOf, OTHER_PEER_KEY, PEER_KEY, PRESHARED_KEY } from "./given.ts";

const prefixes = (...texts: string[]) => texts as readonly string[] as readonly Prefix[];
const around = (change: Partial<ProfileSurroundings> = {}): ProfileSurroundings => ({
  addressesOf: () => [],
  lan: prefixes("192.168.7.0/24", "203.0.113.0/28"),
  control: [],
  allowLocalNetwork: true,
  ...change,
});

test.each([
  ["0.0.0.0/0", "full_tunnel"],
  ["::/0", "full_tunnel"],
  ["0.0.0.0/1, 128.0.0.0/1", "full_tunnel"],
  ["::/1, 8000::/1", "full_tunnel"],
  ["0.0.0.0/1", "vpn_only"],
  ["10.0.0.0/8, 192.168.0.0/16", "vpn_only"],
])("AllowedIPs = %s is %s", (allowedIps, mode) => {
  expect(steering(configOf(conf({ allowedIps })), null).mode).toBe(mode);
});

describe("a full tunnel narrowed by mode", () => {
  it("keeps the prefixes that are named beside the default route", () => {
    const config = configOf(conf({ allowedIps: "0.0.0.0/0, ::/0, 10.20.0.0/16" }));
    expect(narrowedToMode(config, null, "vpn_only")).toEqual(["10.20.0.0/16", "10.8.0.0/24"]);
    expect(narrowedToMode(config, null, "full_tunnel")).toBeNull();
    expect(narrowedToMode(config, prefixes("10.20.0.0/16"), "full_tunnel")).toBeUndefined();
  });

  it("cannot be had where nothing else is named, nor widened where nothing is", () => {
    const all = configOf(conf({ allowedIps: "0.0.0.0/0" }));
    expect(narrowedToMode(all, prefixes("0.0.0.0/0"), "vpn_only")).toEqual(["10.8.0.0/24"]);
    expect(narrowedToMode(configOf(conf()), null, "full_tunnel")).toBeUndefined();
  });
});

it("whatever is asked for, narrowing never steers more than the file", () => {
  const prefix = fc
    .tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }))
    .map(([address, length]) => parsePrefixMasking(`${address}/${length}`))
    .filter((parsed) => parsed.ok)
    .map((parsed) => parsed.value.prefix);
  fc.assert(
    fc.property(tunnelConfig, fc.array(prefix, { maxLength: 5 }), (config, wanted) => {
      const asked = config.peers.flatMap((peer) => peer.allowedIps);
      for (const one of steering(config, wanted).prefixes) {
        expect(asked.some((outer) => contains(outer, one))).toBe(true);
        expect(wanted.some((outer) => contains(outer, one))).toBe(true);
      }
      const inside = wanted.filter((one) => asked.some((outer) => contains(outer, one)));
      expect(beyond(config, wanted)).toEqual(wanted.filter((one) => !inside.includes(one)));
    }),
    { numRuns: 200 },
  );
});

it("narrowing leaves a prefix with the most specific of the peers that ask for it, whatever their order", () => {
  for (const [first, second] of [
    ["0.0.0.0/0", "10.8.0.0/24"],
    ["10.8.0.0/24", "0.0.0.0/0"],
  ] as const) {
    const text = conf()
      .replace("10.7.0.0/24", first)
      .replace(
        "AllowedIPs = 10.8.0.0/24\nEndpoint = 203.0.113.8",
        `AllowedIPs = ${second}\nEndpoint = 203.0.113.8`,
      );
    const { peers } = steering(configOf(text), prefixes("10.8.0.0/28", "10.0.0.0/9"));
    const specific = first === "10.8.0.0/24" ? PEER_KEY : OTHER_PEER_KEY;
    const carried = Object.fromEntries(
      peers.map(({ publicKey, allowedIps }) => [publicKey, allowedIps.toSorted()]),
    );
    expect(carried).toEqual({
      [specific]: ["10.8.0.0/24", "10.8.0.0/28"],
      [specific === PEER_KEY ? OTHER_PEER_KEY : PEER_KEY]: ["10.0.0.0/9"],
    });
  }
});

describe("what connecting will not use", () => {
  it("is said: resolvers without a domain beside other traffic, and a port of one's own", () => {
    const text = conf({ more: "DNS = 10.7.0.53\nListenPort = 51820" });
    expect(unused(configOf(text), null)).toEqual([
      [expect.stringContaining("DNS servers are not used"), { code: "dns_split", facts: {} }],
      [expect.stringContaining("ListenPort is not used"), { code: "listen_port", facts: {} }],
    ]);
    const full = conf({ more: "DNS = 10.7.0.53", allowedIps: "0.0.0.0/0" });
    expect(unused(configOf(full), null)).toEqual([]);
    expect(unused(configOf(full), prefixes("10.7.0.0/24"))).toHaveLength(1);
    expect(unused(configOf(conf({ more: "DNS = 10.7.0.53, corp.example" })), null)).toEqual([]);
  });
});

describe("the intent of a profile", () => {
  it("has its addresses, peers with preshared keys, prefixes, resolvers and MTU", () => {
    const text = conf({
      more: "DNS = 10.7.0.53, corp.example\nMTU = 1380",
      allowedIps: "10.7.0.0/24, fd00:7::/64",
    });
    const intent = intentFromProfile(configOf(text), null, around());
    if (!intent.ok) throw new Error(intent.message);
    expect(intent.value).toMatchObject({
      mode: "vpn_only",
      addresses: ["10.7.0.2/32"],
      privatePrefixes: ["10.7.0.0/24", "fd00:7::/64", "10.8.0.0/24"],
      dns: { servers: ["10.7.0.53"], matchDomains: ["corp.example"] },
      mtu: 1380,
      peers: [
        { endpoint: { address: "203.0.113.7", port: 51820 }, presharedKey: PRESHARED_KEY },
        { endpoint: { address: "203.0.113.8", port: 51820 } },
      ],
    });
    expect(intent.value.probe).toBeUndefined();
    expect(checkIntent(intent.value)).toMatchObject({ mode: "vpn_only" });
  });

  it("gives the interface single addresses, whatever network the file writes behind them", () => {
    const text = conf().replace("10.7.0.2/32", "10.7.0.2/24, fd00:7::2/64");
    const intent = intentFromProfile(configOf(text), null, around());
    expect(intent.ok && intent.value.addresses).toEqual(["10.7.0.2/32", "fd00:7::2/128"]);
  });

  test.each([
    ["no address", conf().replace("Address = 10.7.0.2/32", ""), "no_address"],
    ["no peer that can be called", conf().replaceAll(/Endpoint = .*/g, ""), "no_endpoint"],
    [
      "a default route to a peer that cannot be called",
      conf({ allowedIps: "0.0.0.0/0" }).replace("Endpoint = 203.0.113.7:51820", ""),
      "no_endpoint",
    ],
    ["a name without an address", conf({ endpoint: "vpn.example.com:51820" }), "endpoint_unresolved"],
    ["no peer at all", conf().split("[Peer]")[0] ?? "", "no_peer"],
  ])("is refused with %s", (_, text, code) => {
    expect(intentFromProfile(configOf(text), null, around())).toMatchObject({ ok: false, code });
  });

  it("leaves out a peer that cannot be called, closes what is for it, and says so", () => {
    const config = configOf(
      conf({ allowedIps: "0.0.0.0/0, ::/0" }).replace("Endpoint = 203.0.113.8:51820", ""),
    );
    const intent = intentFromProfile(config, null, around());
    if (!intent.ok) throw new Error(intent.message);
    expect(intent.value.peers.map(({ publicKey }) => publicKey)).toEqual([PEER_KEY]);
    expect(checkIntent(intent.value)).toMatchObject({
      privatePrefixes: ["10.8.0.0/24"],
      unserved: ["10.8.0.0/24"],
    });
    expect(unused(config, null)).toEqual([
      [
        expect.stringContaining("what is for 10.8.0.0/24 goes nowhere"),
        { code: "unserved", facts: { prefixes: "10.8.0.0/24" } },
      ],
    ]);
    // Narrowed to what the others carry, nothing is left out.
    expect(unused(config, prefixes("10.9.0.0/16"))).toEqual([]);
  });

  it("is refused when narrowing leaves nothing", () => {
    const narrowed = intentFromProfile(configOf(conf()), prefixes("192.0.2.0/24"), around());
    expect(narrowed).toMatchObject({ ok: false, code: "no_peer" });
  });
});

describe("where a name may lead", () => {
  const named = configOf(conf({ endpoint: "vpn.example.com:51820" }));
  const leadsTo = (...texts: string[]) => {
    const addresses = texts as readonly string[] as readonly Address[];
    const intent = intentFromProfile(named, null, around({ addressesOf: () => addresses }));
    return intent.ok ? intent.value.peers[0]?.endpoint.address : intent.code;
  };

  test.each([
    "127.0.0.1",
    "::1",
    "0.0.0.0",
    "169.254.169.254",
    "169.254.7.7",
    "fe80::1",
    "224.0.0.1",
    "192.168.7.66",
    // The network around is made of public addresses (CVE-2023-36672).
    "203.0.113.5",
    "fd00:ec2::254",
    // The same behind NAT64.
    "64:ff9b::7f00:1",
  ])("not to %s", (address) => expect(leadsTo(address)).toBe("endpoint_rebound"));

  it("to the first address that is a peer's", () => {
    expect(leadsTo("198.51.100.7")).toBe("198.51.100.7");
    expect(leadsTo("192.168.7.66", "127.0.0.1", "198.51.100.7")).toBe("198.51.100.7");
    expect(leadsTo("10.99.0.1")).toBe("10.99.0.1");
  });

  it("and where the file itself names an address of the local network, that is what it is", () => {
    const local = configOf(conf({ endpoint: "192.168.7.66:51820" }));
    const intent = intentFromProfile(local, null, around());
    expect(intent.ok && intent.value.peers[0]?.endpoint.address).toBe("192.168.7.66");
  });
});
