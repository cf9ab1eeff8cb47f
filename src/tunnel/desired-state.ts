/** `desiredState`: from what somebody wants to what the system shall look like. Pure. */
import { familyOf, type Address, type Family } from "../wireguard/address.ts";
import { isLinkLocal, isPrivate } from "../wireguard/address-kind.ts";
import { contains, hostPrefix, prefixParts, subtract, type Prefix } from "../wireguard/prefix.ts";
import {
  LOCAL_METRIC,
  ROUTE_METRIC,
  RULE,
  UNREACHABLE_METRIC,
  WIREGUARD_MARK,
  CONTROL_MARK,
} from "./linux/marks.ts";
import { carrierOf, exitsOf } from "./exits.ts";
import type { FirewallState, NetworkState, OnLink, PeerState, Route, Rule } from "./network-state.ts";
import type { Intent, IntentPeer, PathMtu } from "./types.ts";

/** MTU of the interface where nobody says otherwise: 1500 less what WireGuard adds over IPv6. */
const DEFAULT_MTU = 1420;
/** What one more WireGuard layer takes: 40 IPv6 + 8 UDP + 32 WireGuard. */
const NESTING_OVERHEAD = 80;
/** The same over IPv4. */
const SMALLEST_NESTING_OVERHEAD = 60;
const PADDING = 16;
/** Smallest MTU that IPv6 works with (RFC 8200, section 5). */
const IPV6_MINIMUM_MTU = 1280;
/** Seconds, where keepalives are needed and nobody chose an interval. */
const DEFAULT_KEEPALIVE = 25;

const DEFAULT_ROUTES = { 4: "0.0.0.0/0" as Prefix, 6: "::/0" as Prefix } as const;
const MULTICAST = "224.0.0.0/4" as Prefix;
const FAMILIES = [4, 6] as const satisfies readonly Family[];

export interface Surroundings {
  /** Name of the tunnel's interface. */
  readonly interface: string;
  /** Networks that other interfaces are attached to; looked at only when the local network stays reachable. */
  readonly onLink: readonly OnLink[];
  /** Bytes of the largest packet that passes to the probe's end, where a black hole was found; null = all that fit. */
  readonly limit?: number | null;
  /** This host forwards packets of others, or its kernel cannot end sockets. */
  readonly tracks: boolean;
  /** Nothing may pass: the state has no peers, and everything the intent would steer is unreachable. */
  readonly closed: boolean;
}

/** Ports of DNS and of DNS over TLS (RFC 7858). */
export const NAME_PORTS = [53, 853] as const;

/** Turns an intent into a network state. */
export function desiredState(intent: Intent, surroundings: Surroundings): NetworkState {
  const { interface: interfaceName, onLink, limit = null, closed } = surroundings;
  const mtu = interfaceMtu(intent);
  const addresses = unique(intent.addresses as readonly Prefix[]).filter(
    (address) => prefixParts(address).family === 4 || mtu >= IPV6_MINIMUM_MTU,
  );
  const intended = peerStates(intent);
  const steered = steeredPrefixes(intent, intended);
  const peers = closed ? [] : intended;
  const local = localNetworks(intent, onLink, steered);
  const routes = [
    ...tunnelRoutes(intent, peers, steered, addresses, packetSizes(intent, peers, limit)),
    ...unreachableRoutes(intent, steered),
    ...localRoutes(local),
  ];
  return {
    mode: intent.mode,
    interface: interfaceName,
    addresses,
    mtu,
    mark: WIREGUARD_MARK,
    peers,
    routes,
    rules: FAMILIES.flatMap((family) =>
      rules(
        family,
        peers,
        closedPrefixes(intent, steered),
        addresses,
        namelessNetworks(family, intent, local, steered),
      ),
    ),
    sysctls: {
      // Without it strict reverse-path filtering drops the answers of gateways (they are routed by mark).
      "net/ipv4/conf/all/src_valid_mark": "1",
      // No ARP answers for the tunnel address on other links.
      "net/ipv4/conf/all/arp_ignore": "2",
    },
    firewall: {
      ...firewallState(intent, interfaceName, addresses, peers, steered, local),
      tracked: surroundings.tracks,
    },
    dns: {
      mode: intent.mode,
      servers: unique(intent.dns.servers as readonly Address[], false),
      matchDomains: unique(intent.dns.matchDomains),
    },
  };
}

function peerStates(intent: Intent): readonly PeerState[] {
  const carried = (peer: IntentPeer): readonly Prefix[] =>
    intent.peers
      .filter((other) => other.via === peer.publicKey)
      .map((other) => hostPrefix(other.endpoint.address as Address));
  return intent.peers.map((peer) => ({
    publicKey: peer.publicKey,
    presharedKey: peer.presharedKey ?? null,
    endpoint: { address: peer.endpoint.address as Address, port: peer.endpoint.port },
    allowedIps: unique([...(peer.allowedIps as readonly Prefix[]), ...carried(peer)]),
    keepalive: peer.keepalive ?? defaultKeepalive(intent, peer),
    nested: peer.via !== undefined,
  }));
}

/** Where no probe makes a handshake happen, a keepalive has to; so too for an exit that the probe may not cross. */
function defaultKeepalive(intent: Intent, peer: IntentPeer): number {
  return intent.probe === undefined || peer.via !== undefined ? DEFAULT_KEEPALIVE : 0;
}

/**
 * What enters the tunnel in every mode: the private prefixes, what the peers were given beside them (a default
 * route excepted), and the probe and the resolvers where a peer carries them.
 */
function steeredPrefixes(intent: Intent, peers: readonly PeerState[]): readonly Prefix[] {
  const endpoints = peers.filter((peer) => peer.nested).map((peer) => hostPrefix(peer.endpoint.address));
  const allowed = peers
    .flatMap((peer) => peer.allowedIps)
    .filter((prefix) => prefixParts(prefix).length > 1 && !endpoints.includes(prefix));
  const hosts = [intent.probe, ...intent.dns.servers]
    .filter((address): address is Address => address !== undefined)
    .map(hostPrefix)
    .filter((host) => carrierOf(peers, host) !== undefined);
  const all = unique([...(intent.privatePrefixes as readonly Prefix[]), ...allowed, ...hosts]);
  const unserved = unservedPrefixes(intent);
  return all.filter(
    (prefix) =>
      // Its neighbours go nowhere, so that it needs a route of its own.
      unserved.some((outer) => contains(outer, prefix)) ||
      !all.some((other) => other !== prefix && covers(other, prefix, peers)),
  );
}

function unservedPrefixes({ unserved = [] }: Intent): readonly Prefix[] {
  return unserved as readonly Prefix[];
}

/** Whether a route to `outer` makes one to `inner` needless: the same peer carries both. */
function covers(outer: Prefix, inner: Prefix, peers: readonly PeerState[]): boolean {
  return contains(outer, inner) && carrierOf(peers, outer) === carrierOf(peers, inner);
}

function tunnelRoutes(
  intent: Intent,
  peers: readonly PeerState[],
  steered: readonly Prefix[],
  addresses: readonly Prefix[],
  sizeFor: (owner: PeerState) => number,
): readonly Route[] {
  const endpoints = peers.filter((peer) => peer.nested).map((peer) => hostPrefix(peer.endpoint.address));
  const wanted = [
    ...steered,
    ...(intent.mode === "full_tunnel" ? FAMILIES.map((family) => DEFAULT_ROUTES[family]) : []),
    ...endpoints,
  ];
  const unserved = unservedPrefixes(intent);
  return unique(wanted).flatMap((to): Route[] => {
    if (unserved.includes(to)) return [];
    const { family } = prefixParts(to);
    const owner = carrierOf(peers, to) ?? halvesOwner(to, peers);
    if (owner === undefined || !addresses.some((address) => prefixParts(address).family === family))
      return [];
    // What WireGuard itself sends to a nested gateway is as large as what it carries makes it.
    const size = endpoints.includes(to) ? interfaceMtu(intent) : sizeFor(owner);
    if (family === 6 && size < IPV6_MINIMUM_MTU) return [];
    const routeMtu = size === interfaceMtu(intent) ? null : size;
    return [{ family, to, metric: ROUTE_METRIC, via: { kind: "tunnel", mtu: routeMtu } }];
  });
}

/** Bytes of the largest packet to the probe's end that the links should carry. */
export function sizeToProbe(intent: Intent): number {
  const peers = peerStates(intent);
  const owner =
    intent.probe === undefined ? undefined : carrierOf(peers, hostPrefix(intent.probe as Address));
  return owner === undefined ? interfaceMtu(intent) : packetSizes(intent, peers, null)(owner);
}

/** What a black hole leaves of a path, for faces; null where nothing is lost. */
export function pathMtu(intent: Intent, limit: number | null): PathMtu | null {
  const intended = sizeToProbe(intent);
  if (limit === null || limit >= intended) return null;
  return { intended, passes: limit, ipv6: limit >= IPV6_MINIMUM_MTU };
}

function interfaceMtu(intent: Intent): number {
  return intent.mtu ?? DEFAULT_MTU;
}

/**
 * Bytes of the largest packet that a peer's routes let in. WireGuard in user space pads packets to multiples of 16, up
 * to the interface's MTU: behind IPv6 the padding of a nested packet would not fit any more.
 */
function packetSizes(
  intent: Intent,
  peers: readonly PeerState[],
  limit: number | null,
): (owner: PeerState) => number {
  const outer = interfaceMtu(intent);
  const nested = ({ endpoint }: PeerState): number =>
    familyOf(endpoint.address) === 6
      ? Math.floor((outer - NESTING_OVERHEAD) / PADDING) * PADDING
      : outer - NESTING_OVERHEAD;
  const size = (owner: PeerState): number => (owner.nested ? nested(owner) : outer);
  const probe = intent.probe === undefined ? null : hostPrefix(intent.probe as Address);
  const measured = probe === null ? undefined : carrierOf(peers, probe);
  if (limit === null || measured === undefined) return size;
  // What was measured through one more or one fewer layer, as the most that can be meant.
  const layer = (owner: PeerState): number =>
    owner.nested === measured.nested ? 0 : owner.nested ? -NESTING_OVERHEAD : SMALLEST_NESTING_OVERHEAD;
  return (owner) => Math.min(size(owner), limit + layer(owner));
}

/** Files often write the default route as its two halves; then it belongs to who carries the first half. */
function halvesOwner(to: Prefix, peers: readonly PeerState[]): PeerState | undefined {
  if (prefixParts(to).length !== 0) return undefined;
  const halves = (prefixParts(to).family === 4 ? ["0.0.0.0/1", "128.0.0.0/1"] : ["::/1", "8000::/1"]).map(
    (half) => carrierOf(peers, half as Prefix),
  );
  return halves.every((owner) => owner !== undefined) ? halves[0] : undefined;
}

/** What travels in the tunnel or not at all. */
function closedPrefixes(intent: Intent, steered: readonly Prefix[]): readonly Prefix[] {
  return intent.mode === "full_tunnel" ? FAMILIES.map((family) => DEFAULT_ROUTES[family]) : unique(steered);
}

function unreachableRoutes(intent: Intent, steered: readonly Prefix[]): readonly Route[] {
  return unique([...closedPrefixes(intent, steered), ...unservedPrefixes(intent)]).map((to) => ({
    family: prefixParts(to).family,
    to,
    metric: UNREACHABLE_METRIC,
    via: { kind: "unreachable" },
  }));
}

/**
 * The local network, where it stays reachable: private or link-local *and* on-link, and not inside what is
 * steered (a LAN 10.20.0.0/24 inside a private 10.20.0.0/16 would let a neighbour answer for a private host).
 * See TunnelCrack, CVE-2023-36672.
 */
function localNetworks(
  intent: Intent,
  onLink: readonly OnLink[],
  steered: readonly Prefix[],
): readonly OnLink[] | null {
  if (intent.mode !== "full_tunnel" || !intent.allowLocalNetwork) return null;
  return onLink.filter(
    ({ prefix }) =>
      (isPrivate(prefix) || isLinkLocal(prefix)) && !steered.some((guarded) => contains(guarded, prefix)),
  );
}

function localRoutes(local: readonly OnLink[] | null): readonly Route[] {
  const links = [...new Set(local?.map((network) => network.interface))];
  const networks = [
    ...(local ?? []),
    ...links.map((name): OnLink => ({ interface: name, prefix: MULTICAST })),
  ];
  return networks.map((network, index) => ({
    family: prefixParts(network.prefix).family,
    to: network.prefix,
    metric: LOCAL_METRIC + index,
    via: { kind: "link", interface: network.interface },
  }));
}

/**
 * Where on the local network nobody may be asked for names: on all of it, but for what is in the tunnel although the
 * network claims it. Where that is torn into too many pieces, or there are too many networks, the firewall alone knows.
 */
function namelessNetworks(
  family: Family,
  intent: Intent,
  local: readonly OnLink[] | null,
  steered: readonly Prefix[],
): readonly Prefix[] {
  const networks = unique((local ?? []).map(({ prefix }) => prefix)).filter(
    (prefix) => familyOf(prefix) === family,
  );
  const inside = [...steered, ...intent.dns.servers.map((server) => hostPrefix(server as Address))];
  const claimed = inside.filter((prefix) => networks.some((network) => contains(network, prefix)));
  const nameless = networks.length > MOST_ENDS ? [] : subtract(networks, claimed);
  return nameless.length > MOST_ENDS ? [] : nameless;
}

/** Every packet passes the rules one by one, so a file of thousands of prefixes leaves this to the firewall. */
const MOST_ENDS = 32;

/** The rules of one family, in the order in which the kernel asks them. */
function rules(
  family: Family,
  peers: readonly PeerState[],
  closed: readonly Prefix[],
  addresses: readonly Prefix[],
  nameless: readonly Prefix[],
): readonly Rule[] {
  const rule = (priority: number, mark: number | null, action: Rule["action"]): Rule => ({
    family,
    priority,
    mark,
    udpTo: null,
    to: null,
    port: null,
    from: null,
    action,
  });
  const nested = peers
    .filter((peer) => peer.nested && familyOf(peer.endpoint.address) === family)
    .map((peer): Rule => ({
      ...rule(RULE.nestedEndpoint, WIREGUARD_MARK, "table"),
      udpTo: peer.endpoint.address,
    }));
  // To a socket that is bound to another interface, an unreachable IPv6 route is as little there as any route of
  // another interface (IPv4 asks the kind of a route first): without these ends only the firewall would hold it.
  const ends = closed.filter((prefix) => family === 6 && familyOf(prefix) === 6).slice(0, MOST_ENDS);
  return [
    ...nested,
    rule(RULE.wireguard, WIREGUARD_MARK, "main"),
    // Without these ends, marked packets that `main` has no route for would fall through into the tunnel and be
    // encrypted again and again.
    rule(RULE.wireguardEnd, WIREGUARD_MARK, "unreachable"),
    rule(RULE.control, CONTROL_MARK, "main"),
    rule(RULE.controlEnd, CONTROL_MARK, "unreachable"),
    // The local network is routed to, but names are asked of the tunnel's resolvers alone.
    ...nameless.flatMap((to) =>
      NAME_PORTS.map((port): Rule => ({ ...rule(RULE.namesEnd, null, "unreachable"), to, port })),
    ),
    // Before `main`: routes that a rogue DHCP server installs there are never asked (CVE-2024-3661).
    rule(RULE.everything, null, "table"),
    // Two priorities: beside a rule for a prefix the kernel takes one for everything to be there already.
    ...ends.map((prefix): Rule => {
      if (prefixParts(prefix).length === 0) return rule(RULE.everythingEnd, null, "unreachable");
      return { ...rule(RULE.prefixEnd, null, "unreachable"), to: prefix };
    }),
    // What is bound to the tunnel's address goes nowhere else, not even without the firewall.
    ...addresses
      .map((address) => prefixParts(address).address)
      .filter((address) => familyOf(address) === family)
      .slice(0, MOST_ENDS)
      .map((from): Rule => ({ ...rule(RULE.sourceEnd, null, "unreachable"), from })),
  ];
}

function firewallState(
  intent: Intent,
  interfaceName: string,
  addresses: readonly Prefix[],
  peers: readonly PeerState[],
  steered: readonly Prefix[],
  local: readonly OnLink[] | null,
): Omit<FirewallState, "tracked"> {
  return {
    mode: intent.mode,
    interface: interfaceName,
    addresses: unique(addresses.map((address) => prefixParts(address).address)),
    endpoints: uniqueBy(
      peers.map((peer) => ({ ...peer.endpoint, nested: peer.nested })),
      (endpoint) => `${endpoint.address} ${endpoint.port} ${String(endpoint.nested)}`,
    ),
    control: uniqueBy(intent.control, (item) => `${item.protocol} ${item.address} ${item.port}`),
    resolvers: unique(intent.dns.servers as readonly Address[]),
    guarded: steered,
    exits: exitsOf(peers),
    local: local === null ? null : unique(local.map((network) => network.prefix)),
  };
}

/** Without duplicates; sorted, unless the order means something. */
export function unique<T extends string>(items: readonly T[], sorted = true): readonly T[] {
  const set = [...new Set(items)];
  return sorted ? set.sort() : set;
}

/** As `unique`, by a key that tells items apart. */
export function uniqueBy<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  const byKey = new Map(items.map((item) => [key(item), item]));
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
