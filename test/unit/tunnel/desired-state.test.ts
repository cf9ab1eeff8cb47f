import { expect, test } from "vitest";
import { desiredState, pathMtu, sizeToProbe } from "../../../src/tunnel/desired-state.ts";
import { CONTROL_MARK, RULE, WIREGUARD_MARK } from "../../../src/tunnel/linux/marks.ts";
import type { NetworkState, OnLink } from "../../../src/tunnel/network-state.ts";
import type { Intent } from "../../../src/tunnel/types.ts";
import type { Address } from "../../../src/wireguard/address.ts";
import { contains, type Prefix } from "../../../src/wireguard/prefix.ts";
import { fullIntent, KEY_A, KEY_B, nestedIntent, peer, privateIntent } from "./intents.ts";

const LAN: OnLink = { interface: "eth0", prefix: "192.168.7.0/24" as Prefix };

function state(
  intent: Intent,
  change: { onLink?: OnLink[]; closed?: boolean; limit?: number } = {},
): NetworkState {
  return desiredState(intent, { interface: "nanami0", onLink: [], tracks: false, closed: false, ...change });
}

function routes(network: NetworkState): string[] {
  return network.routes.map(({ to, via }) => {
    if (via.kind === "link") return `${to} ${via.interface}`;
    return via.kind === "tunnel"
      ? `${to} tunnel${via.mtu === null ? "" : ` mtu ${via.mtu}`}`
      : `${to} unreachable`;
  });
}

test("vpn_only steers the private prefixes and the gateway's own address, each with an end", () => {
  expect(routes(state(privateIntent()))).toEqual([
    "10.20.0.0/16 tunnel",
    "10.90.0.1/32 tunnel",
    "10.20.0.0/16 unreachable",
    "10.90.0.1/32 unreachable",
  ]);
});

test("vpn_only with a peer that would take everything still steers the private prefixes alone", () => {
  const intent = privateIntent({ peers: [peer(KEY_A, "203.0.113.17", ["0.0.0.0/0"])] });
  expect(routes(state(intent)).filter((route) => route.includes("tunnel"))).toEqual([
    "10.20.0.0/16 tunnel",
    "10.90.0.1/32 tunnel",
  ]);
});

test("what no peer serves goes nowhere, though a peer carries what is around it, and what is inside still goes", () => {
  const peers = [peer(KEY_A, "203.0.113.17", ["0.0.0.0/0", "10.8.0.5/32"])];
  const unserved = { peers, privatePrefixes: ["10.8.0.0/24"], unserved: ["10.8.0.0/24"] };
  const full = routes(state(fullIntent(unserved)));
  expect(full).toContain("10.8.0.0/24 unreachable");
  expect(full).toContain("10.8.0.5/32 tunnel");
  expect(full).not.toContain("10.8.0.0/24 tunnel");
  const split = routes(state(privateIntent({ ...unserved, privatePrefixes: ["10.0.0.0/8", "10.8.0.0/24"] })));
  expect(split).toEqual(expect.arrayContaining(["10.0.0.0/8 tunnel", "10.8.0.0/24 unreachable"]));
  expect(split).not.toContain("10.8.0.0/24 tunnel");
});

test("full_tunnel steers both families, with ends that stay when the interface is gone", () => {
  expect(routes(state(fullIntent()))).toEqual(
    expect.arrayContaining(["0.0.0.0/0 tunnel", "::/0 tunnel", "0.0.0.0/0 unreachable", "::/0 unreachable"]),
  );
});

test("a family that the tunnel lacks is unreachable, not left outside", () => {
  const network = state(fullIntent({ addresses: ["10.90.0.2/32"] }));
  expect(routes(network)).toContain("::/0 unreachable");
  expect(routes(network)).not.toContain("::/0 tunnel");
});

test("the default route written as its two halves is recognised", () => {
  const network = state(fullIntent({ peers: [peer(KEY_A, "203.0.113.17", ["0.0.0.0/1", "128.0.0.0/1"])] }));
  expect(routes(network)).toContain("0.0.0.0/0 tunnel");
});

test("two hops: the ingress carries the egress's endpoint; only routes of the egress have the nested MTU", () => {
  const network = state(nestedIntent());
  const ingress = network.peers.find((candidate) => candidate.publicKey === KEY_A);
  expect(ingress?.allowedIps).toContain("203.0.113.33/32");
  expect(routes(network)).toEqual(
    expect.arrayContaining([
      "0.0.0.0/0 tunnel mtu 1340",
      "::/0 tunnel mtu 1340",
      "10.20.0.0/16 tunnel",
      "203.0.113.33/32 tunnel",
    ]),
  );
});

test("below 1280 bytes IPv6 is unreachable", () => {
  const network = state(nestedIntent({ mtu: 1350 }));
  expect(routes(network)).not.toContain("::/0 tunnel mtu 1270");
  expect(routes(network)).toContain("::/0 unreachable");
  expect(state(fullIntent({ mtu: 1200 })).addresses).toEqual(["10.90.0.2/32"]);
});

test("behind an IPv6 endpoint the nested MTU leaves room for WireGuard's padding", () => {
  const [near, far] = nestedIntent().peers;
  if (near === undefined || far === undefined) throw new Error("no peers");
  const endpoint = { address: "2001:db8:b::1", port: 51820 };
  expect(routes(state(nestedIntent({ peers: [near, { ...far, endpoint }] })))).toContain(
    "0.0.0.0/0 tunnel mtu 1328",
  );
});

test("a black hole lowers the routes, not the interface, so that larger sizes can be tried", () => {
  const network = state(fullIntent(), { limit: 1312 });
  expect(network.mtu).toBe(1420);
  expect(routes(network)).toEqual(
    expect.arrayContaining(["0.0.0.0/0 tunnel mtu 1312", "::/0 tunnel mtu 1312"]),
  );
  expect(sizeToProbe(fullIntent())).toBe(1420);
});

test("below 1280 IPv6 is unreachable, also of the private network", () => {
  const full = routes(state(fullIntent(), { limit: 1264 }));
  expect(full.filter((route) => route.startsWith("::/0"))).toEqual(["::/0 unreachable"]);
  const six = privateIntent({
    privatePrefixes: ["fd00:20::/64"],
    peers: [peer(KEY_A, "203.0.113.17", ["fd00:20::/64", "10.90.0.1/32"])],
  });
  const found = routes(state(six, { limit: 1264 })).filter((route) => route.startsWith("fd00:20::"));
  expect(found).toEqual(["fd00:20::/64 unreachable"]);
});

test("what was measured to the egress leaves one layer more to the ingress, and its own endpoint whole", () => {
  const probe = "1.1.1.1";
  const found = routes(state(nestedIntent({ probe }), { limit: 1296 }));
  expect(found).toEqual(
    expect.arrayContaining([
      "0.0.0.0/0 tunnel mtu 1296",
      "10.20.0.0/16 tunnel mtu 1356",
      "203.0.113.33/32 tunnel",
    ]),
  );
  // And the other way round.
  expect(routes(state(nestedIntent(), { limit: 1296 }))).toContain("0.0.0.0/0 tunnel mtu 1216");
  expect(sizeToProbe(nestedIntent({ probe }))).toBe(1340);
});

test("what is lost is said only where it is less than intended", () => {
  expect(pathMtu(fullIntent(), 1296)).toEqual({ intended: 1420, passes: 1296, ipv6: true });
  expect(pathMtu(fullIntent(), 1232)).toEqual({ intended: 1420, passes: 1232, ipv6: false });
  expect(pathMtu(fullIntent({ mtu: 1280 }), 1296)).toBeNull();
  expect(pathMtu(fullIntent(), null)).toBeNull();
});

test("the rules come in the one order that neither leaks nor loops", () => {
  const network = state(nestedIntent());
  const v4 = network.rules.filter((rule) => rule.family === 4);
  expect(
    v4.map(({ priority, mark, udpTo, from, action }) => [priority, mark, udpTo ?? from, action]),
  ).toEqual([
    [RULE.nestedEndpoint, WIREGUARD_MARK, "203.0.113.33", "table"],
    [RULE.wireguard, WIREGUARD_MARK, null, "main"],
    [RULE.wireguardEnd, WIREGUARD_MARK, null, "unreachable"],
    [RULE.control, CONTROL_MARK, null, "main"],
    [RULE.controlEnd, CONTROL_MARK, null, "unreachable"],
    [RULE.everything, null, null, "table"],
    [RULE.sourceEnd, null, "10.90.0.2", "unreachable"],
  ]);
  const v6 = network.rules.filter((rule) => rule.family === 6);
  // A socket that is bound to another interface does not see an unreachable IPv6 route: rules end its way.
  expect(v6.map((rule) => rule.priority)).toEqual([
    ...v4.slice(1, -1).map((rule) => rule.priority),
    RULE.everythingEnd,
    RULE.sourceEnd,
  ]);
  expect(v6.at(-2)).toMatchObject({ mark: null, to: null, from: null, action: "unreachable" });
});

test("in vpn_only IPv6 ends at the private prefixes alone", () => {
  const ends = (privatePrefixes: readonly string[]) =>
    state(privateIntent({ privatePrefixes }))
      .rules.filter(({ priority }) => priority === RULE.prefixEnd)
      .map(({ family, to }) => [family, to]);
  expect(ends(["10.20.0.0/16", "fd00:20::/64"])).toEqual([[6, "fd00:20::/64"]]);
  expect(ends(["10.20.0.0/16"])).toEqual([]);
  const many = Array.from({ length: 200 }, (_, index) => `fd00:${index.toString(16)}::/32`);
  expect(ends(many).length).toBe(32);
});

test("the local network stays reachable only where it was allowed", () => {
  expect(routes(state(fullIntent(), { onLink: [LAN] }))).not.toContain("192.168.7.0/24 eth0");
  const open = state(fullIntent({ allowLocalNetwork: true }), { onLink: [LAN] });
  expect(routes(open)).toContain("192.168.7.0/24 eth0");
  expect(routes(open)).toContain("224.0.0.0/4 eth0");
});

test("where the local network stays reachable, names are not asked there, whatever the firewall holds", () => {
  const link: OnLink = { interface: "eth0", prefix: "fe80::/64" as Prefix };
  const { rules } = state(fullIntent({ allowLocalNetwork: true }), { onLink: [LAN, link] });
  const ends = rules.filter(({ port }) => port !== null);
  expect(ends.map(({ to, port, action }) => [to, port, action])).toEqual([
    ["192.168.7.0/24", 53, "unreachable"],
    ["192.168.7.0/24", 853, "unreachable"],
    ["fe80::/64", 53, "unreachable"],
    ["fe80::/64", 853, "unreachable"],
  ]);
  // The agent's own look-ups come before, everybody else's way to the local network after.
  for (const { priority } of ends) {
    expect(priority).toBeGreaterThan(RULE.control);
    expect(priority).toBeLessThan(RULE.everything);
  }
  expect(state(fullIntent(), { onLink: [LAN] }).rules.filter(({ port }) => port !== null)).toEqual([]);
});

test("what is in the tunnel although the local network claims it is asked for names", () => {
  const wide: OnLink = { interface: "eth0", prefix: "10.0.0.0/8" as Prefix };
  const ends = state(fullIntent({ allowLocalNetwork: true }), { onLink: [wide] }).rules.flatMap(
    ({ port, to }) => (port === 53 && to !== null ? [to] : []),
  );
  const asked = (address: string) => !ends.some((prefix) => contains(prefix, address as Address));
  // The resolver, its private network, the gateway's own address; and what is the local network's.
  expect(["10.20.0.53", "10.20.3.4", "10.90.0.1"].map(asked)).toEqual([true, true, true]);
  expect(["10.19.0.1", "10.21.0.1", "10.90.0.2"].map(asked)).toEqual([false, false, false]);
});

test("too many networks to be ruled one by one are left to the firewall", () => {
  const many = Array.from({ length: 40 }, (_, index): OnLink => ({
    interface: `br${index}`,
    prefix: `172.20.${index * 2}.0/24` as Prefix,
  }));
  const { rules } = state(fullIntent({ allowLocalNetwork: true }), { onLink: many });
  expect(rules.filter(({ port }) => port !== null)).toEqual([]);
});

test("a local network made of public addresses is none (TunnelCrack LocalNet)", () => {
  const rogue: OnLink = { interface: "eth0", prefix: "198.41.0.0/24" as Prefix };
  const network = state(fullIntent({ allowLocalNetwork: true }), { onLink: [rogue] });
  expect(network.firewall.local).toEqual([]);
  expect(routes(network).join()).not.toContain("198.41");
});

test("a local network inside a private prefix does not answer for private hosts", () => {
  const inside: OnLink = { interface: "eth0", prefix: "10.20.0.0/24" as Prefix };
  const network = state(fullIntent({ allowLocalNetwork: true }), { onLink: [inside] });
  expect(network.firewall.local).toEqual([]);
});

test("closed: no peer, no way in, and the same prefixes are guarded", () => {
  for (const intent of [privateIntent(), fullIntent(), nestedIntent()]) {
    const open = state(intent);
    const closed = state(intent, { closed: true });
    expect(closed.peers).toEqual([]);
    expect(closed.firewall.endpoints).toEqual([]);
    expect(closed.firewall.guarded).toEqual(open.firewall.guarded);
    expect(routes(closed).filter((route) => route.includes("tunnel"))).toEqual([]);
    expect(routes(closed)).toEqual(routes(open).filter((route) => route.includes("unreachable")));
  }
});

test("without a probe a keepalive makes the handshake happen", () => {
  const { keepalive, ...quiet } = peer(KEY_B, "203.0.113.33", ["0.0.0.0/0"]);
  const { probe, ...unprobed } = fullIntent({ peers: [quiet] });
  expect([keepalive, probe]).toEqual([25, "10.90.0.1"]);
  expect(state(unprobed).peers[0]?.keepalive).toBe(25);
  expect(state({ ...unprobed, probe: "10.90.0.1" }).peers[0]?.keepalive).toBe(0);
});
