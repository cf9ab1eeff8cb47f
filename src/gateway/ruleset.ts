/**
 * What the firewall of a gateway looks like: rules that never change with the peers, over sets that do. A peer
 * more or less is an element more or less, so ten thousand peers cost a lookup and not ten thousand rules. Pure.
 */
import { familyOf, type Family } from "../wireguard/address.ts";
import { prefixParts, subtract, type Prefix } from "../wireguard/prefix.ts";
import type { CheckedState } from "./check-state.ts";
import { METADATA, NOT_INTERNET, UNROUTABLE } from "./special-prefixes.ts";

export const TABLE = "nanami_gateway";

/** Why packets were refused (rejected with ICMP) or dropped. Names of nft counters. */
export const COUNTERS = [
  /** From a device to another device, or to an address of the overlay that nobody has. */
  "refused_device",
  /** To cloud metadata, link-local, loopback, multicast. */
  "refused_special",
  /** To a private prefix that this device was not granted. */
  "refused_private",
  /** To the Internet, which this device was not granted here. */
  "refused_internet",
  /** To private or reserved space that nobody grants (the gateway's own surroundings). */
  "refused_internal",
  /** To the gateway itself, anything but a ping of its overlay address. */
  "refused_gateway",
  /** A source that no peer has, in the tunnel, or an overlay source outside the tunnel. */
  "dropped_spoofed",
  /** Packets that belong to no connection and could leave unmasqueraded. */
  "dropped_invalid",
  /** From outside to a device that did not ask. */
  "dropped_unsolicited",
] as const;

/** Name of a set → its elements in canonical text. */
export type SetElements = ReadonlyMap<string, ReadonlySet<string>>;

export interface Ruleset {
  /** Tables, sets without elements, chains and rules. Equal text = equal rules. */
  readonly skeleton: string;
  readonly sets: SetElements;
}

/** What shapes the skeleton. */
export interface Shape {
  readonly interface: string;
  /** WireGuard's port; null while there is no state and so no WireGuard. */
  readonly listenPort: number | null;
  readonly privateRouting: "masquerade" | "routed";
}

/**
 * Ports that masqueraded packets may leave from. A device must never get the WireGuard port (it would shadow it,
 * CVE-2021-3773, and replies would be `notrack`ed) nor the port of a service of this host.
 */
export function masqueradePorts(listenPort: number | null): string {
  const [first, last] = [10_000, 65_535];
  if (listenPort === null || listenPort < first) return `${first}-${last}`;
  return listenPort - first > last - listenPort ? `${first}-${listenPort - 1}` : `${listenPort + 1}-${last}`;
}

/** The ruleset of a state, or (null) the one that lets nothing through. `interfaceName` is our own constant. */
export function rulesetOf(state: CheckedState | null, interfaceName: string): Ruleset {
  return {
    skeleton: skeletonOf({
      interface: interfaceName,
      listenPort: state?.listenPort ?? null,
      privateRouting: state?.privateRouting ?? "masquerade",
    }),
    sets: setsOf(state),
  };
}

function skeletonOf(shape: Shape): string {
  const overlay = `"${shape.interface}"`;
  const outside = `{ ${overlay}, "lo" }`;
  const ports = masqueradePorts(shape.listenPort);
  const both = (lines: (f: (typeof FAMILIES)[number]) => readonly string[]) => FAMILIES.flatMap(lines);
  return [
    `table inet ${TABLE} {`,
    ...COUNTERS.map((name) => `counter ${name} { }`),
    ...both(({ n, type }) => [
      `set own${n} { type ${type}; }`,
      `set overlay${n} { type ${type}; flags interval; }`,
      `set peers${n} { type ${type}; }`,
      `set special${n} { type ${type}; flags interval; }`,
      `set private${n} { type ${type}; flags interval; }`,
      `set granted${n} { type ${type} . ${type}; flags interval; }`,
      `set relays${n} { type ${type} . ${type} . inet_service; }`,
      `set internal${n} { type ${type}; flags interval; }`,
      `set internet${n} { type ${type}; }`,
      // Who was refused how often: what an operator looks at. Bounded and forgetful.
      `set refused_by${n} { type ${type}; size 16384; flags dynamic,timeout; timeout 1h; }`,
    ]),
    `chain refuse {`,
    ...both(({ ip, n }) => [`update @refused_by${n} { ${ip} saddr counter }`]),
    // A connection whose grant was withdrawn ends at once; TCP takes ICMP for a passing mishap (RFC 1122, 4.2.3.9).
    `meta l4proto tcp ct state established reject with tcp reset`,
    `reject with icmpx admin-prohibited`,
    `}`,
    `chain untracked_and_spoofed {`,
    `type filter hook prerouting priority raw; policy accept;`,
    ...both(({ ip, n, protocol }) => [
      `iifname ${overlay} meta nfproto ${protocol} ${ip} saddr != @peers${n} counter name dropped_spoofed drop`,
      `iifname != ${outside} ${ip} saddr @overlay${n} counter name dropped_spoofed drop`,
    ]),
    ...(shape.listenPort === null
      ? []
      : [`iifname != ${overlay} udp dport ${shape.listenPort} fib daddr type local notrack`]),
    `}`,
    `chain untracked_replies {`,
    `type filter hook output priority raw; policy accept;`,
    ...(shape.listenPort === null ? [] : [`oifname != ${overlay} udp sport ${shape.listenPort} notrack`]),
    `}`,
    `chain input {`,
    `type filter hook input priority filter; policy accept;`,
    `iifname ${overlay} jump to_gateway`,
    ...both(({ ip, n }) => [
      `iifname != ${outside} ${ip} daddr @own${n} counter name dropped_unsolicited drop`,
    ]),
    `}`,
    `chain to_gateway {`,
    ...both(({ ip, n, ping }) => [`${ip} daddr @own${n} ${ping} accept`]),
    `counter name refused_gateway goto refuse`,
    `}`,
    `chain forward {`,
    `type filter hook forward priority filter; policy drop;`,
    `ct state invalid counter name dropped_invalid drop`,
    `iifname ${overlay} goto from_device`,
    `oifname ${overlay} goto to_device`,
    `}`,
    // Every packet is judged by the grants of this moment, not by a connection that they once allowed. What passes
    // is found first; why something does not pass is looked for afterwards.
    `chain from_device {`,
    `oifname ${overlay} counter name refused_device goto refuse`,
    `meta nfproto vmap { ipv4 : goto from_device4, ipv6 : goto from_device6 }`,
    `}`,
    ...both(({ ip, n }) => [
      `chain from_device${n} {`,
      `${ip} saddr . ${ip} daddr @granted${n} accept`,
      `${ip} saddr . ${ip} daddr . udp dport @relays${n} accept`,
      `${ip} daddr @internal${n} goto internal${n}`,
      `${ip} saddr @internet${n} accept`,
      `counter name refused_internet goto refuse`,
      `}`,
      `chain internal${n} {`,
      `${ip} daddr @overlay${n} counter name refused_device goto refuse`,
      `${ip} daddr @special${n} counter name refused_special goto refuse`,
      `${ip} daddr @private${n} counter name refused_private goto refuse`,
      `counter name refused_internal goto refuse`,
      `}`,
    ]),
    `chain to_device {`,
    `ct state related meta l4proto { icmp, ipv6-icmp } accept`,
    `ct state established ct direction reply meta nfproto vmap { ipv4 : jump to_device4, ipv6 : jump to_device6 }`,
    `counter name dropped_unsolicited drop`,
    `}`,
    ...both(({ ip, n }) => [
      `chain to_device${n} {`,
      `${ip} daddr . ${ip} saddr @granted${n} accept`,
      `${ip} daddr . ${ip} saddr . udp sport @relays${n} accept`,
      `${ip} daddr @internet${n} ${ip} saddr != @internal${n} accept`,
      `}`,
    ]),
    `chain translate {`,
    `type nat hook postrouting priority srcnat; policy accept;`,
    ...both(({ ip, n }) => [
      ...(shape.privateRouting === "routed"
        ? [`oifname != ${overlay} ${ip} saddr @peers${n} ${ip} daddr @private${n} accept`]
        : []),
      `oifname != ${overlay} ${ip} saddr @peers${n} meta l4proto { tcp, udp } masquerade to :${ports}`,
      `oifname != ${overlay} ${ip} saddr @peers${n} masquerade`,
    ]),
    `}`,
    `}`,
    ``,
  ].join("\n");
}

const FAMILIES = [
  { n: 4, ip: "ip", type: "ipv4_addr", protocol: "ipv4", ping: "icmp type echo-request" },
  { n: 6, ip: "ip6", type: "ipv6_addr", protocol: "ipv6", ping: "icmpv6 type echo-request" },
] as const;

function setsOf(state: CheckedState | null): SetElements {
  const sets = new Map<string, Set<string>>();
  for (const { n } of FAMILIES) for (const name of SETS) sets.set(`${name}${n}`, new Set());
  const add = (name: (typeof SETS)[number], family: Family, element: string) =>
    sets.get(`${name}${family}`)?.add(element);
  const addAll = (name: (typeof SETS)[number], prefixes: readonly Prefix[]) => {
    for (const prefix of merged(prefixes)) add(name, familyOf(prefix), elementOf(prefix));
  };
  addAll("own", state?.addresses ?? []);
  addAll("overlay", state?.overlayPrefixes ?? []);
  addAll("special", [...UNROUTABLE, ...METADATA]);
  addAll("private", state?.privatePrefixes ?? []);
  addAll("internal", [
    ...UNROUTABLE,
    ...METADATA,
    ...NOT_INTERNET,
    ...(state?.overlayPrefixes ?? []),
    ...(state?.privatePrefixes ?? []),
  ]);
  // Metadata is refused even inside a granted prefix. The answer is kept: many peers share a handful of grants.
  const mergedGrants = new Map<string, readonly Prefix[]>();
  for (const peer of state?.peers ?? []) {
    const grantsKey = peer.privatePrefixes.join(" ");
    const grants = mergedGrants.get(grantsKey) ?? subtract(peer.privatePrefixes, METADATA);
    mergedGrants.set(grantsKey, grants);
    for (const prefix of peer.addresses) {
      const { address, family } = prefixParts(prefix);
      add("peers", family, address);
      if (peer.internet) add("internet", family, address);
      for (const grant of grants)
        if (familyOf(grant) === family) add("granted", family, `${address} . ${elementOf(grant)}`);
      for (const relay of peer.relays)
        if (familyOf(relay.address) === family)
          add("relays", family, `${address} . ${relay.address} . ${relay.port}`);
    }
  }
  return sets;
}

const SETS = [
  "own",
  "overlay",
  "peers",
  "special",
  "private",
  "granted",
  "relays",
  "internal",
  "internet",
] as const;

/** The fewest prefixes for the same addresses: sets of intervals refuse elements that overlap. */
function merged(prefixes: readonly Prefix[]): readonly Prefix[] {
  return subtract(prefixes, []);
}

/** As nft writes it back: a single address without its length. */
function elementOf(prefix: Prefix): string {
  const { address, family, length } = prefixParts(prefix);
  return length === (family === 4 ? 32 : 128) ? address : prefix;
}
