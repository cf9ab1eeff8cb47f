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
import { familyOf, type Address, type Family } from "../../wireguard/address.ts";
import { contains, type Prefix } from "../../wireguard/prefix.ts";
import { unique, uniqueBy } from "../desired-state.ts";
import { EXIT_MARK, EXIT_MASK } from "../exits.ts";
import type { FirewallState } from "../network-state.ts";
import { CONTROL_MARK, FIREWALL_TABLE, WIREGUARD_MARK } from "./marks.ts";

const W = `0x${WIREGUARD_MARK.toString(16)}`;
const C = `0x${CONTROL_MARK.toString(16)}`;

/** Its index is 1 in every network namespace, and indexes are quicker to compare than names. */
const LOOPBACK_IN = 'iif "lo" accept';
const LOOPBACK_OUT = 'oif "lo" accept';

/** Ports of DNS and of DNS over TLS (RFC 7858). */
const NAME_PORTS = [53, 853] as const;

/** Up to so many comparisons cost less than to look a packet up in a set. */
const FEW = 4;

/** The tunnel's interface and its addresses. */
type Ends = Pick<FirewallState, "interface" | "addresses">;

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

type Endpoints = FirewallState["endpoints"];

/**
 * CVE-2019-14899: a neighbour probes for the tunnel address. What did not arrive through the tunnel is dropped, before
 * conntrack sees it.
 *
 * So is what a gateway sent by a way that is not its own: what was on its way when it was nested or ceased to be, or
 * what its carrier kept back. wireguard-go answers where it was last spoken to from, and by the wrong way nothing of
 * that leaves: the peer would be silent for fifteen seconds.
 */
function arrivals(state: Ends, endpoints: Endpoints, others: readonly string[]): string[] {
  return [
    chain("to_own", [`iifname ${tunnel(state)} accept`, LOOPBACK_IN, "counter drop"]),
    chain("arrivals", [
      "type filter hook prerouting priority raw; policy accept;",
      ...bySender(onlyOnce(endpoints, false), (sender) => `${sender} iifname ${tunnel(state)} counter drop`),
      ...bySender(
        onlyOnce(endpoints, true),
        (sender) => `${sender} iifname != ${tunnel(state)} counter drop`,
      ),
      ...answers(state, endpoints),
      ...byFamily(state.addresses, (family, list) => `${family} daddr ${list} goto to_own`),
      ...others,
    ]),
  ];
}

/** Those that are nested, or are not, and not both, as they are while gateways are changed. */
function onlyOnce(endpoints: Endpoints, nested: boolean): Endpoints {
  return endpoints.filter(
    (one) =>
      one.nested === nested &&
      !endpoints.some(
        (other) => other.nested !== nested && other.address === one.address && other.port === one.port,
      ),
  );
}

/** For each family that the endpoints are of one rule, or one for each of few endpoints. */
function bySender(endpoints: Endpoints, rule: (sender: string) => string): string[] {
  return ([4, 6] as const).flatMap((family) => {
    const ends = endpoints.filter(({ address }) => familyOf(address) === family);
    if (ends.length <= FEW)
      return ends.map(({ address, port }) => rule(`${ip(family)} saddr ${address} udp sport ${port}`));
    const list = ends.map(({ address, port }) => `${address} . ${port}`).join(", ");
    return [rule(`${ip(family)} saddr . udp sport { ${list} }`)];
  });
}

/**
 * Strict reverse-path filtering asks whether the way back leads where a packet came from, and for a gateway's answers
 * that is the way of marked packets. By address and port, which costs less than to have conntrack remember the mark;
 * whoever forges them gets past that filter with the gateway's address, as everybody does without a tunnel.
 */
function answers(state: Ends, endpoints: Endpoints): string[] {
  const outer = endpoints.filter(({ nested }) => !nested);
  return bySender(outer, (sender) => `${sender} iifname != ${tunnel(state)} meta mark set ${W}`);
}

/** The same for the agent's own connections: their answers come by the way of its mark. */
function controlAnswers(state: FirewallState): string[] {
  return state.control
    .filter(({ address }) => isSteered(state, address as Address))
    .map(
      ({ protocol, address, port }) =>
        `${ip(familyOf(address))} saddr ${address} ${protocol} sport ${port} iifname != ${tunnel(state)} meta mark set ${C}`,
    );
}

/** Whether what has no mark is led into the tunnel on its way to this address. */
function isSteered({ mode, guarded }: FirewallState, address: Address): boolean {
  return mode === "full_tunnel" || guarded.some((prefix) => contains(prefix, address));
}

/** Whether a gateway is nested in one of two states and not in the other. */
export function changesPlaces(a: Endpoints, b: Endpoints): boolean {
  return a.some((one) =>
    b.some(
      (other) => one.nested !== other.nested && one.address === other.address && one.port === other.port,
    ),
  );
}

/**
 * Adds to the table of one state that the answers of another's gateways are known too, where the way back to them leads
 * into the tunnel in either; empty where nothing is to be added.
 */
export function moreAnswersText(state: FirewallState, other: FirewallState): string {
  const unknown = other.endpoints.filter(
    ({ address, port }) =>
      !state.endpoints.some((one) => !one.nested && one.address === address && one.port === port),
  );
  const steered = unknown.filter(({ address }) => [state, other].some((one) => isSteered(one, address)));
  return answers(state, steered)
    .map((rule) => `add rule inet ${FIREWALL_TABLE} arrivals ${rule}\n`)
    .join("");
}

/** After source translation: only the tunnel's own addresses leave through it, whoever sent the packet. */
function departures(state: Ends): string[] {
  return [
    chain("from_own", [`oifname ${tunnel(state)} accept`, LOOPBACK_OUT, "counter drop"]),
    chain("departures", [
      "type filter hook postrouting priority 300; policy accept;",
      ...byFamily(state.addresses, (family, list) => `${family} saddr ${list} goto from_own`),
      `oifname ${tunnel(state)} counter drop`,
    ]),
  ];
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

/**
 * A connection that began by another exit cannot go on: the far end knows it by that exit's address. Its next packet is
 * refused, for those of other hosts too, and where the kernel cannot end sockets. What was opened from the far side
 * keeps its way back; echo has no connection to end.
 */
function exits(state: FirewallState): string[] {
  if (!state.tracked) return [];
  return [
    ...exitMarks(state).map((mark) =>
      chain(exitName(state, mark), [
        `ct mark ${mark} accept`,
        "ct direction reply accept",
        `ct state new ct mark set ${mark} accept`,
        "ct state != established accept",
        "meta l4proto tcp goto refuse",
        // Told once. Many protocols go on from another address by themselves (QUIC, WireGuard).
        `ct mark set ${mark} goto refuse`,
      ]),
    ),
    chain("ways", ways(state)),
    chain("exits", byConnection("ways")),
  ];
}

/** Leads what has connections to a chain, and lets the rest pass. */
function byConnection(name: string): string[] {
  return [`meta l4proto tcp goto ${name}`, `meta l4proto udp goto ${name}`, "accept"];
}

/** What is quicker to see than that an address is in the set of all. */
const EVERYTHING: Readonly<Record<string, string>> = {
  "0.0.0.0/0": "meta nfproto ipv4",
  "::/0": "meta nfproto ipv6",
};

/** What becomes of a packet that may enter the tunnel. */
function onwards(state: FirewallState): string {
  return state.tracked ? "goto exits" : "accept";
}

/** Leads a packet of a connection to the chain of the exit that carries it now. */
function ways(state: FirewallState): string[] {
  if (!state.tracked) return ["accept"];
  return [
    ...state.exits.flatMap(({ mark, to }) =>
      to.length === 0
        ? [`goto ${exitName(state, mark)}`]
        : byFamily(
            to,
            (family, list) =>
              `${EVERYTHING[list] ?? `${family} daddr ${list}`} goto ${exitName(state, mark)}`,
          ),
    ),
    ...(state.exits.some(({ to }) => to.length === 0) ? [] : ["accept"]),
  ];
}

function exitMarks(state: FirewallState): readonly number[] {
  return [...new Set(state.exits.map(({ mark }) => mark))];
}

function exitName(state: FirewallState, mark: number): string {
  return `exit_${exitMarks(state).indexOf(mark) + 1}`;
}

/** This host forwards nothing; if it begins to, other hosts wait until their connections are tracked. */
function nothingInside(state: FirewallState): string[] {
  return [`oifname ${tunnel(state)} goto refuse`];
}

/**
 * What other hosts send into the tunnel, and their connections that began in it and would leave elsewhere, translated to
 * its address.
 */
function forwardedInside(state: FirewallState): string[] {
  return [
    `oifname ${tunnel(state)} goto exits`,
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

/** For each family that the list has members of one rule, or one for each of few members. */
function byFamily(
  items: readonly (Address | Prefix)[],
  rule: (ip: "ip" | "ip6", list: string) => string,
): string[] {
  return ([4, 6] as const).flatMap((family) => {
    const members = outermost(ofFamily(items, family));
    if (members.length <= FEW) return members.map((member) => rule(ip(family), member));
    return [rule(ip(family), braces(members))];
  });
}

/** Without the members that are inside another one: interval sets refuse overlaps. */
function outermost<T extends Address | Prefix>(members: readonly T[]): readonly T[] {
  return members.filter(
    (member) => !members.some((other) => other !== member && contains(other as Prefix, member)),
  );
}

function ofFamily<T extends Address | Prefix>(items: readonly T[], family: Family): readonly T[] {
  return items.filter((item) => familyOf(item) === family);
}

/** An anonymous set. */
function braces(members: readonly (Address | Prefix)[]): string {
  return `{ ${members.join(", ")} }`;
}

function ip(family: Family): "ip" | "ip6" {
  return family === 4 ? "ip" : "ip6";
}

function tunnel(state: Ends): string {
  return `"${state.interface}"`;
}
