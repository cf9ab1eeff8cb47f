/**
 * The text of `table inet nanami`, fed to `nft -f -` in one transaction. Pure. The order of the output chain is
 * the promise: loopback; DHCP and NDP exactly; marked packets to the endpoints; the agent's own marked sockets;
 * DNS; the tunnel; the local network where allowed; the rest is refused.
 */
import { familyOf, type Address, type Family } from "../../wireguard/address.ts";
import { contains, type Prefix } from "../../wireguard/prefix.ts";
import { unique, uniqueBy } from "../desired-state.ts";
import { EXIT_MARK, EXIT_MASK } from "../exits.ts";
import type { FirewallState } from "../network-state.ts";
import { CONTROL_MARK, FIREWALL_TABLE, WIREGUARD_MARK } from "./marks.ts";

const W = `0x${WIREGUARD_MARK.toString(16)}`;
const C = `0x${CONTROL_MARK.toString(16)}`;

/** The tunnel's interface and its addresses. */
type Ends = Pick<FirewallState, "interface" | "addresses">;

/** Removes the table, whether it exists or not. */
export const REMOVE_FIREWALL = `table inet ${FIREWALL_TABLE}\ndelete table inet ${FIREWALL_TABLE}\n`;

/** The whole table for one state; replaces the former one atomically. */
export function firewallText(state: FirewallState): string {
  return `${REMOVE_FIREWALL}${tableText(state)}`;
}

/**
 * The same where there is no table yet; fails where there is one. Somebody waits for the first one: after a
 * transaction that deletes something, closing `nft`'s socket waits until the kernel has freed it, 12 to 18 ms after
 * everything is in force.
 */
export function firstFirewallText(state: FirewallState): string {
  return `create table inet ${FIREWALL_TABLE}\n${tableText(state)}`;
}

function tableText(state: FirewallState): string {
  const chains = [
    chain("arrivals", arrivals(state)),
    chain("restore_mark", [
      "type filter hook prerouting priority mangle; policy accept;",
      // With strict reverse-path filtering the gateway's answer is checked by the route of its mark.
      `meta l4proto udp ct mark ${W} meta mark set ct mark`,
    ]),
    chain("save_mark", [
      "type filter hook output priority mangle; policy accept;",
      `meta mark ${W} meta l4proto udp ct mark set meta mark`,
    ]),
    chain("refuse", [
      // Connections end at once instead of hanging.
      "meta l4proto tcp counter reject with tcp reset",
      "counter reject with icmpx admin-prohibited",
    ]),
    ...exits(state),
    chain("dns", resolvers(state)),
    chain("output", state.mode === "full_tunnel" ? fullOutput(state) : privateOutput(state)),
    chain("forward", state.mode === "full_tunnel" ? fullForward(state) : privateForward(state)),
    chain("departures", departures(state)),
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

/**
 * What stays of the table while the tunnel is taken down: its addresses neither answer on other links nor leave
 * through them for as long as they exist. Everything else is open.
 */
export function partingText(ends: Ends): string {
  const chains = [chain("arrivals", arrivals(ends)), chain("departures", departures(ends))];
  return `${REMOVE_FIREWALL}table inet ${FIREWALL_TABLE} {\n${chains.join("\n")}\n}\n`;
}

/**
 * The state that allows what either of two allows, both being full tunnels: in force while gateways are changed, so
 * that neither the old nor the new one is cut off.
 */
export function unionOf(a: FirewallState, b: FirewallState): FirewallState {
  return {
    ...b,
    // Until the prefixes have moved, traffic leaves by the old exits.
    exits: a.exits,
    addresses: unique([...a.addresses, ...b.addresses]),
    endpoints: uniqueBy(
      [...a.endpoints, ...b.endpoints],
      (endpoint) => `${endpoint.address} ${endpoint.port} ${String(endpoint.nested)}`,
    ),
  };
}

/** CVE-2019-14899: a neighbour probes for the tunnel address. What did not arrive through the tunnel is dropped. */
function arrivals(state: Ends): string[] {
  return [
    "type filter hook prerouting priority raw; policy accept;",
    ...byFamily(
      state.addresses,
      (ip, list) => `iifname != { "lo", ${tunnel(state)} } ${ip} daddr ${list} counter drop`,
    ),
  ];
}

/** After source translation: only the tunnel's own addresses leave through it, whoever sent the packet. */
function departures(state: Ends): string[] {
  return [
    "type filter hook postrouting priority 300; policy accept;",
    ...onlyOwnSource(state, "counter drop"),
    ...byFamily(
      state.addresses,
      (ip, list) => `oifname != { "lo", ${tunnel(state)} } ${ip} saddr ${list} counter drop`,
    ),
  ];
}

function onlyOwnSource(state: Ends, verdict: string): string[] {
  return ([4, 6] as const).map((family) => {
    const own = state.addresses.filter((address) => familyOf(address) === family);
    return own.length === 0
      ? `oifname ${tunnel(state)} meta nfproto ${family === 4 ? "ipv4" : "ipv6"} ${verdict}`
      : `oifname ${tunnel(state)} ${ip(family)} saddr != ${braces(own)} ${verdict}`;
  });
}

function fullOutput(state: FirewallState): string[] {
  return [
    "type filter hook output priority filter; policy drop;",
    'oifname "lo" accept',
    ...addressing(),
    ...wireguard(state),
    `meta mark ${W} goto refuse`,
    ...control(state),
    `meta mark ${C} goto refuse`,
    ...sources(state),
    "meta l4proto { tcp, udp } th dport { 53, 853 } goto dns",
    ...hops(state),
    `oifname ${tunnel(state)} goto exits`,
    ...localNetwork(state),
    "goto refuse",
  ];
}

/** Never looser than output: what is forwarded gets neither DHCP, nor marks, nor the agent's exception. */
function fullForward(state: FirewallState): string[] {
  return [
    "type filter hook forward priority filter; policy drop;",
    `iifname ${tunnel(state)} ct state established,related accept`,
    "meta l4proto { tcp, udp } th dport { 53, 853 } goto dns",
    ...hops(state),
    `oifname ${tunnel(state)} goto exits`,
    ...strayed(state),
    ...localNetwork(state),
    "goto refuse",
  ];
}

function privateOutput(state: FirewallState): string[] {
  return [
    "type filter hook output priority filter; policy accept;",
    'oifname "lo" accept',
    ...wireguard(state),
    ...control(state),
    ...sources(state),
    ...guarded(state),
    `oifname ${tunnel(state)} goto exits`,
  ];
}

function privateForward(state: FirewallState): string[] {
  return [
    "type filter hook forward priority filter; policy accept;",
    ...guarded(state),
    `oifname ${tunnel(state)} goto exits`,
    ...strayed(state),
  ];
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
 * WireGuard's packets, by mark and address and port, never by address alone (TunnelCrack ServerIP, CVE-2023-36673).
 * Those of a nested peer leave through the tunnel and nowhere else.
 */
function wireguard(state: FirewallState): string[] {
  return state.endpoints.map(
    ({ address, port, nested }) =>
      `meta mark ${W} oifname ${nested ? "" : "!= "}${tunnel(state)} ${ip(familyOf(address))} daddr ${address} udp dport ${port} accept`,
  );
}

/** The agent's own sockets: mark, root, and exactly these destinations, outside the tunnel. */
function control(state: FirewallState): string[] {
  return state.control.map(
    ({ protocol, address, port }) =>
      `meta mark ${C} meta skuid 0 oifname != ${tunnel(state)} ${ip(familyOf(address))} daddr ${address} ${protocol} dport ${port} accept`,
  );
}

/** The tunnel's addresses leave through the tunnel, and nothing else does. */
function sources(state: FirewallState): string[] {
  return [
    ...onlyOwnSource(state, "goto refuse"),
    ...byFamily(
      state.addresses,
      (family, list) => `oifname != ${tunnel(state)} ${family} saddr ${list} goto refuse`,
    ),
  ];
}

/** Unmarked packets to a nested gateway's own address would enter its carrier's tunnel and leave at the wrong hop. */
function hops(state: FirewallState): string[] {
  const nested = state.endpoints.filter((endpoint) => endpoint.nested).map((endpoint) => endpoint.address);
  return byFamily(unique(nested), (family, list) => `${family} daddr ${list} goto refuse`);
}

function resolvers(state: FirewallState): string[] {
  if (state.resolvers.length === 0) return [`oifname ${tunnel(state)} goto exits`, "goto refuse"];
  return [
    ...byFamily(
      state.resolvers,
      (family, list) => `oifname ${tunnel(state)} ${family} daddr ${list} goto exits`,
    ),
    "goto refuse",
  ];
}

/**
 * A connection that began by another exit cannot go on: the far end knows it by that exit's address. Its next packet is
 * refused, for those of other hosts too, and where the kernel cannot end sockets. What was opened from the far side
 * keeps its way back; echo has no connection to end.
 */
function exits(state: FirewallState): string[] {
  const marks = [...new Set(state.exits.map(({ mark }) => mark))];
  const name = (mark: number): string => `exit_${marks.indexOf(mark) + 1}`;
  return [
    ...marks.map((mark) =>
      chain(name(mark), [
        `ct mark ${mark} accept`,
        `ct state new ct mark set ${mark} accept`,
        "ct state != established accept",
        "meta l4proto tcp goto refuse",
        // Told once. Many protocols go on from another address by themselves (QUIC, WireGuard).
        `ct mark set ${mark} goto refuse`,
      ]),
    ),
    chain("exits", [
      "meta l4proto != { tcp, udp } accept",
      "ct direction reply accept",
      ...state.exits.flatMap(({ mark, to }) =>
        to.length === 0
          ? [`goto ${name(mark)}`]
          : byFamily(to, (family, list) => `${family} daddr ${list} goto ${name(mark)}`),
      ),
      ...(state.exits.some(({ to }) => to.length === 0) ? [] : ["accept"]),
    ]),
  ];
}

/** Forwarded connections that began in the tunnel and would leave elsewhere, translated to the tunnel's address. */
function strayed(state: FirewallState): string[] {
  return [
    `oifname != ${tunnel(state)} ct direction original ct mark & ${EXIT_MASK} == ${EXIT_MARK} goto refuse`,
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

function chain(name: string, lines: readonly string[]): string {
  return `  chain ${name} {\n${lines.map((line) => `    ${line}\n`).join("")}  }`;
}

/** One rule for each family that the list has members of. */
function byFamily(
  items: readonly (Address | Prefix)[],
  rule: (ip: "ip" | "ip6", list: string) => string,
): string[] {
  return ([4, 6] as const).flatMap((family) => {
    const members = items.filter((item) => familyOf(item) === family);
    return members.length === 0 ? [] : [rule(ip(family), braces(members))];
  });
}

/** An anonymous set. A member inside another one is left out: interval sets refuse overlaps. */
function braces(members: readonly (Address | Prefix)[]): string {
  const outermost = members.filter(
    (member) => !members.some((other) => other !== member && contains(other as Prefix, member)),
  );
  return `{ ${outermost.join(", ")} }`;
}

function ip(family: Family): "ip" | "ip6" {
  return family === 4 ? "ip" : "ip6";
}

function tunnel(state: Ends): string {
  return `"${state.interface}"`;
}
