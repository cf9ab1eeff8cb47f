/**
 * The text of `table inet nanami`, carried out in one transaction. Pure. What leaves is judged by where: by
 * chain `inside` into the tunnel, by chain `output` elsewhere. There the order is the promise: loopback; marked packets
 * to the endpoints; DHCP and NDP exactly; the agent's own marked sockets; the local network where allowed; the rest is
 * refused.
 *
 * Every packet in the tunnel passes these rules twice, once encrypted, and a third time where it is nested. What that
 * costs (measured on one machine): conntrack 320 ns, a hook 60, an interface's name 60, a set 70 or, of prefixes, 190,
 * a comparison 15. So there is at most one hook at each place, few members are compared one by one, names are asked for
 * as late as can be, whatever concerns few packets stands behind what tells the many, and conntrack is asked only where
 * nothing else knows (`FirewallState.tracked`): a single rule that asks it makes it see every packet of the machine.
 */
import { familyOf } from "../../wireguard/address.ts";
import { NAME_PORTS, unique, uniqueBy } from "../desired-state.ts";
import type { FirewallState } from "../network-state.ts";
import { controlAnswers, departures, arrivals } from "./firewall-ends.ts";
import { exits, onwards, nothingInside, forwardedInside, byConnection, ways } from "./firewall-exits.ts";
import {
  W,
  C,
  LOOPBACK_OUT,
  type Ends,
  chain,
  byFamily,
  ofFamily,
  braces,
  ip,
  tunnel,
} from "./firewall-words.ts";
import { FIREWALL_TABLE } from "./marks.ts";

/** Removes the table, whether it exists or not. */
export const REMOVE_FIREWALL = `table inet ${FIREWALL_TABLE}\ndelete table inet ${FIREWALL_TABLE}\n`;

/** The whole table for one state; replaces the former one atomically. */
export function firewallText(state: FirewallState): string {
  return `${REMOVE_FIREWALL}${tableText(state)}`;
}

/**
 * The same where there is no table yet; fails where there is one. Somebody waits for the first one: where the program
 * `nft` carries it out, closing its socket after a transaction that deletes something waits until the kernel has freed
 * it, 12 to 18 ms after everything is in force.
 */
export function firstFirewallText(state: FirewallState): string {
  return `create table inet ${FIREWALL_TABLE}\n${tableText(state)}`;
}

function tableText(state: FirewallState): string {
  const chains = [
    ...arrivals(state, state.endpoints, controlAnswers(state)),
    chain("refuse", [
      // Connections end at once instead of hanging.
      "meta l4proto tcp counter reject with tcp reset",
      "counter reject with icmpx admin-prohibited",
    ]),
    ...exits(state),
    chain("dns", resolvers(state)),
    chain("encrypted", encrypted(state)),
    ...(state.mode === "full_tunnel" ? fullChains(state) : privateChains(state)),
    // What this host's own programs send, output has judged.
    ...(state.tracked ? departures(state) : []),
  ];
  return `table inet ${FIREWALL_TABLE} {\n${chains.join("\n")}\n}\n`;
}

/**
 * How many rules a text has: ours, or what `nft` prints of it (which spells them in its own way, one a line). A
 * listing that is to be remembered as ours must have as many.
 */
export function countRules(text: string): number {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^(table|delete|chain|type|\})/.test(line)).length;
}

/** Whether a table, as `nft` prints it, remembers in conntrack by which exit connections began (null = there is none). */
export function asksConntrack(listing: string | null): boolean {
  return listing?.includes("ct mark") ?? false;
}

/**
 * What stays of the table while the tunnel is taken down: its addresses neither answer on other links nor leave
 * through them for as long as they exist. Everything else is open.
 */
export function partingText(ends: Ends): string {
  const chains = [...arrivals(ends, [], []), ...departures(ends)];
  return `${REMOVE_FIREWALL}table inet ${FIREWALL_TABLE} {\n${chains.join("\n")}\n}\n`;
}

/**
 * The state that allows what either of two allows, both being full tunnels: in force while gateways are changed, so
 * that neither the old nor the new one is cut off.
 */
export function unionOf(a: FirewallState, b: FirewallState): FirewallState {
  return {
    ...withEndpointsOf(b, a),
    // Until the prefixes have moved, traffic leaves by the old exits.
    exits: a.exits,
    addresses: unique([...a.addresses, ...b.addresses]),
    tracked: a.tracked || b.tracked,
  };
}

/** A state that knows the gateways of another too. */
export function withEndpointsOf(state: FirewallState, other: FirewallState): FirewallState {
  return {
    ...state,
    endpoints: uniqueBy(
      [...other.endpoints, ...state.endpoints],
      (endpoint) => `${endpoint.address} ${endpoint.port} ${String(endpoint.nested)}`,
    ),
  };
}

function fullChains(state: FirewallState): string[] {
  return [
    chain("ports", [...NAME_PORTS.map((port) => `th dport ${port} goto dns`), ...ways(state)]),
    chain("inside", [
      `meta mark ${C} goto refuse`,
      ...onlyOwnSource(state),
      ...hops(state),
      ...byConnection("ports"),
    ]),
    chain("output", [
      "type filter hook output priority filter; policy drop;",
      `meta mark ${W} goto encrypted`,
      `oifname ${tunnel(state)} goto inside`,
      LOOPBACK_OUT,
      ...addressing(),
      ...control(state),
      `meta mark ${C} goto refuse`,
      ...notOwnSource(state),
      "meta l4proto { tcp, udp } th dport { 53, 853 } goto dns",
      ...localNetwork(state),
      "goto refuse",
    ]),
    // Never looser than output: what is forwarded gets neither DHCP, nor marks, nor the agent's exception.
    chain("forward", [
      "type filter hook forward priority filter; policy drop;",
      ...(state.tracked
        ? [`iifname ${tunnel(state)} ct state established,related accept`]
        : nothingInside(state)),
      "meta l4proto { tcp, udp } th dport { 53, 853 } goto dns",
      ...hops(state),
      ...(state.tracked ? forwardedInside(state) : []),
      ...localNetwork(state),
      "goto refuse",
    ]),
  ];
}

function privateChains(state: FirewallState): string[] {
  return [
    chain("inside", [...onlyOwnSource(state), onwards(state)]),
    chain("output", [
      "type filter hook output priority filter; policy accept;",
      `meta mark ${W} jump encrypted`,
      `oifname ${tunnel(state)} goto inside`,
      LOOPBACK_OUT,
      ...control(state),
      ...notOwnSource(state),
      ...guarded(state),
    ]),
    chain("forward", [
      "type filter hook forward priority filter; policy accept;",
      ...guarded(state),
      ...(state.tracked ? forwardedInside(state) : nothingInside(state)),
    ]),
  ];
}

/** The tunnel's addresses leave through the tunnel, and nothing else does: of what enters it… */
function onlyOwnSource(state: Ends): string[] {
  return ([4, 6] as const).map((family) => {
    const own = ofFamily(state.addresses, family);
    return own.length === 0
      ? `meta nfproto ${family === 4 ? "ipv4" : "ipv6"} goto refuse`
      : `${ip(family)} saddr != ${braces(own)} goto refuse`;
  });
}

/** …and of what does not. */
function notOwnSource(state: Ends): string[] {
  return byFamily(state.addresses, (family, list) => `${family} saddr ${list} goto refuse`);
}

/** DHCP (RFC 2131, RFC 8415) and the part of NDP (RFC 4861) without which a link does not work. */
function addressing(): string[] {
  return [
    "udp sport 68 udp dport 67 ip daddr 255.255.255.255 accept",
    "ip6 saddr fe80::/10 udp sport 546 udp dport 547 ip6 daddr { ff02::1:2, ff05::1:3 } accept",
    "icmpv6 type nd-router-solicit ip6 hoplimit 255 ip6 daddr ff02::2 accept",
    "icmpv6 type nd-neighbor-solicit ip6 hoplimit 255 ip6 daddr { ff02::1:ff00:0/104, fe80::/10 } accept",
    "icmpv6 type nd-neighbor-advert ip6 hoplimit 255 ip6 daddr { ff02::1, fe80::/10 } accept",
  ];
}

/**
 * WireGuard's packets, which have its mark: by address and port, never by address alone (TunnelCrack ServerIP,
 * CVE-2023-36673). Those of a nested peer leave through the tunnel and nowhere else, with its address; the others never
 * do, and never have it: wireguard-go goes on from the address where it was spoken to last.
 */
function encrypted(state: FirewallState): string[] {
  return [
    ...state.endpoints.flatMap(({ address, port, nested }) => {
      const family = familyOf(address);
      const own = ofFamily(state.addresses, family);
      const from = own.length === 0 ? "" : ` ${ip(family)} saddr ${nested ? "" : "!= "}${braces(own)}`;
      if (nested && from === "") return [];
      const way = `oifname ${nested ? "" : "!= "}${tunnel(state)}`;
      return [`${ip(family)} daddr ${address} udp dport ${port} ${way}${from} accept`];
    }),
    ...(state.mode === "full_tunnel" ? [LOOPBACK_OUT, "goto refuse"] : []),
  ];
}

/** The agent's own sockets: mark, root, and exactly these destinations, outside the tunnel alone. */
function control(state: FirewallState): string[] {
  return state.control.map(
    ({ protocol, address, port }) =>
      `meta mark ${C} meta skuid 0 ${ip(familyOf(address))} daddr ${address} ${protocol} dport ${port} accept`,
  );
}

/** Unmarked packets to a nested gateway's own address would enter its carrier's tunnel and leave at the wrong hop. */
function hops(state: FirewallState): string[] {
  const nested = state.endpoints.filter((endpoint) => endpoint.nested).map((endpoint) => endpoint.address);
  return byFamily(unique(nested), (family, list) => `${family} daddr ${list} goto refuse`);
}

function resolvers(state: FirewallState): string[] {
  if (state.resolvers.length === 0) return [`oifname ${tunnel(state)} ${onwards(state)}`, "goto refuse"];
  return [
    ...byFamily(
      state.resolvers,
      (family, list) => `oifname ${tunnel(state)} ${family} daddr ${list} ${onwards(state)}`,
    ),
    "goto refuse",
  ];
}

/** TunnelCrack LocalNet (CVE-2023-36672): the set holds private on-link networks only; private prefixes and hops never. */
function localNetwork(state: FirewallState): string[] {
  if (state.local === null) return [];
  const outer = state.endpoints.map((endpoint) => endpoint.address);
  return [
    ...guarded(state),
    ...byFamily(unique(outer), (family, list) => `${family} daddr ${list} goto refuse`),
    ...byFamily(state.local, (family, list) => `${family} daddr ${list} accept`),
    "ip daddr { 224.0.0.0/4, 255.255.255.255 } accept",
    "ip6 daddr { ff02::/16, ff05::/16 } accept",
  ];
}

/** What travels in the tunnel or not at all. */
function guarded(state: FirewallState): string[] {
  return byFamily(
    state.guarded,
    (family, list) => `oifname != ${tunnel(state)} ${family} daddr ${list} goto refuse`,
  );
}
