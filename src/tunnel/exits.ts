/**
 * Which peer carries what, and which connections cannot go on after a change. A connection lives in the tunnel's
 * gateways: behind another exit it has another address, so it is ended at once instead of being left hanging.
 * Private connections keep their exit across switches of the mode and of the egress. Pure.
 */
import type { Address } from "../wireguard/address.ts";
import { contains, hostPrefix, prefixParts, type Prefix } from "../wireguard/prefix.ts";
import type { Exit, PeerState, Route } from "./network-state.ts";

/** Marks of connections by exit: this in the highest byte, three bytes of the gateway's key below. */
export const EXIT_MARK = 0x45000000;
export const EXIT_MASK = 0xff000000;

/** The exits of some peers, most specific prefixes first. One peer alone carries whatever enters the tunnel. */
export function exitsOf(peers: readonly PeerState[]): readonly Exit[] {
  const [only, ...others] = peers;
  if (only === undefined) return [];
  if (others.length === 0) return [{ mark: markOf(only), to: [] }];
  const carried = peers
    .flatMap((peer) => peer.allowedIps.map((to) => ({ mark: markOf(peer), to, ...prefixParts(to) })))
    .sort((a, b) => b.length - a.length || a.mark - b.mark || (a.to < b.to ? -1 : 1));
  const exits: { mark: number; to: Prefix[] }[] = [];
  for (const { mark, to } of carried) {
    const last = exits.at(-1);
    if (last?.mark === mark) last.to.push(to);
    else exits.push({ mark, to: [to] });
  }
  return exits;
}

function markOf({ publicKey }: PeerState): number {
  return EXIT_MARK + Buffer.from(publicKey, "base64").readUIntBE(0, 3);
}

/** Which sockets: by their ends, as `ss` filters them (ss(8)), and the mark that they do not have. */
export type Filter =
  | boolean
  | { readonly end: "src" | "dst"; readonly prefix: Prefix }
  | { readonly not: Filter }
  | { readonly any: readonly Filter[] }
  | { readonly all: readonly Filter[] };

/** Of a state, what tells which connections go on. */
export interface Carriage {
  readonly addresses: readonly Prefix[];
  readonly routes: readonly Route[];
  readonly peers: readonly Pick<PeerState, "publicKey" | "allowedIps">[];
}

/**
 * The connections of this machine that a state ends: those that would have to enter the tunnel with another address
 * than the tunnel's, or to leave elsewhere with the tunnel's, and those whose exit is another than before. `former` is
 * the state in which traffic was carried last; null = not known, or none. While all is closed nothing is known of the
 * next exit, so what is in the tunnel waits. `own` are the machine's addresses.
 */
export function endedBy(state: Carriage, former: Carriage | null, own: readonly Address[]): Filter {
  const closed = state.peers.length === 0;
  const ownPrefixes = [...own.map(hostPrefix), ...LOOPBACK];
  const boundaries = [
    ...EVERYTHING,
    ...ownPrefixes,
    ...boundariesOf(state, ...(former === null ? [] : [former])),
  ];
  const decide = (of: (prefix: Prefix) => boolean): Filter =>
    byPrefix(boundaries, (prefix) => !ownPrefixes.some((one) => contains(one, prefix)) && of(prefix));
  const inside = decide((prefix) => exitAt(state, prefix) !== OUTSIDE);
  const changed =
    closed || former === null
      ? false
      : decide((prefix) => {
          const before = exitAt(former, prefix);
          return before !== OUTSIDE && before !== NOWHERE && before !== exitAt(state, prefix);
        });
  // Who leaves elsewhere now, with another address than the tunnel's, began after the change or never was inside.
  const fromTunnel = from(state.addresses);
  const gone = former?.addresses.filter((address) => !state.addresses.includes(address)) ?? [];
  return any([
    all([inside, not(fromTunnel)]),
    all([decide((prefix) => exitAt(state, prefix) === OUTSIDE), fromTunnel]),
    all([changed, fromTunnel]),
    from(gone),
  ]);
}

/**
 * Whether something that is in the tunnel before and after leaves by another exit now. By its ends a connection of
 * before looks just like one that is opened afterwards, so that only time tells them apart.
 */
export function movesExit(state: Carriage, former: Carriage): boolean {
  const carried = (exit: string): boolean => exit !== OUTSIDE && exit !== NOWHERE;
  return [...EVERYTHING, ...boundariesOf(state, former)].some((prefix) => {
    const [before, now] = [exitAt(former, prefix), exitAt(state, prefix)];
    return before !== now && carried(before) && carried(now);
  });
}

/** Between these prefixes nothing is decided otherwise. */
function boundariesOf(...states: readonly Carriage[]): readonly Prefix[] {
  return states.flatMap(({ routes, peers }) => [
    ...routes.map(({ to }) => to),
    ...peers.flatMap(({ allowedIps }) => allowedIps),
  ]);
}

/** The sockets that have one of these addresses. */
export function from(addresses: readonly Prefix[]): Filter {
  return any(addresses.map((prefix) => ({ end: "src", prefix })));
}

const EVERYTHING = ["0.0.0.0/0", "::/0"] as readonly string[] as readonly Prefix[];
const LOOPBACK = ["127.0.0.0/8", "::1/128"] as readonly string[] as readonly Prefix[];

/** Neither the tunnel nor our `unreachable` routes have it. */
const OUTSIDE = "outside";
const NOWHERE = "nowhere";

/** The key of the peer that carries all of a prefix, or one of the two words above. */
function exitAt(state: Carriage, prefix: Prefix): string {
  const { family } = prefixParts(prefix);
  const route = mostSpecific(
    state.routes.filter(({ family: its, to }) => its === family && contains(to, prefix)),
  );
  if (route === undefined || route.via.kind === "link") return OUTSIDE;
  if (route.via.kind === "unreachable") return NOWHERE;
  return carrierOf(state.peers, prefix)?.publicKey ?? NOWHERE;
}

/** The peer that WireGuard encrypts packets to all of a prefix for: the longest match. */
export function carrierOf<T extends Pick<PeerState, "allowedIps">>(
  peers: readonly T[],
  prefix: Prefix,
): T | undefined {
  let best: { readonly peer: T; readonly length: number } | undefined;
  for (const peer of peers) {
    for (const allowed of peer.allowedIps) {
      const { length } = prefixParts(allowed);
      if (contains(allowed, prefix) && (best === undefined || length > best.length)) best = { peer, length };
    }
  }
  return best?.peer;
}

function mostSpecific(routes: readonly Route[]): Route | undefined {
  return [...routes].sort(
    (a, b) => prefixParts(b.to).length - prefixParts(a.to).length || a.metric - b.metric,
  )[0];
}

/** True for the destinations whose longest match among the boundaries is decided so. */
function byPrefix(boundaries: readonly Prefix[], decide: (prefix: Prefix) => boolean): Filter {
  const ascending = [...new Set(boundaries)].sort((a, b) => prefixParts(a).length - prefixParts(b).length);
  let filter: Filter = false;
  for (const prefix of ascending) {
    const parent = ascending
      .filter((other) => other !== prefix && contains(other, prefix))
      .sort((a, b) => prefixParts(b).length - prefixParts(a).length)[0];
    const decided = decide(prefix);
    if (decided === (parent !== undefined && decide(parent))) continue;
    const here: Filter = { end: "dst", prefix };
    filter = decided ? any([here, filter]) : all([not(here), filter]);
  }
  return filter;
}

function not(filter: Filter): Filter {
  return typeof filter === "boolean" ? !filter : { not: filter };
}

function any(filters: readonly Filter[]): Filter {
  if (filters.includes(true)) return true;
  const open = filters.filter((filter) => filter !== false);
  return open.length < 2 ? (open[0] ?? false) : { any: open };
}

function all(filters: readonly Filter[]): Filter {
  if (filters.includes(false)) return false;
  const open = filters.filter((filter) => filter !== true);
  return open.length < 2 ? (open[0] ?? true) : { all: open };
}

/** Whether a filter is about a connection between these ends. */
export function isAbout(filter: Filter, src: Address, dst: Address): boolean {
  if (typeof filter === "boolean") return filter;
  if ("end" in filter) return contains(filter.prefix, filter.end === "src" ? src : dst);
  if ("not" in filter) return !isAbout(filter.not, src, dst);
  return "any" in filter
    ? filter.any.some((one) => isAbout(one, src, dst))
    : filter.all.every((one) => isAbout(one, src, dst));
}

/** As `ss -F` reads it: a condition a line, since it takes no long ones. Sockets with this mark are left out. */
export function filterText(filter: Filter, exceptMark: number): string {
  return `fwmark != 0x${exceptMark.toString(16)} and\n${conditionText(filter)}\n`;
}

function conditionText(filter: Exclude<Filter, boolean> | Filter): string {
  // It has no word for these; what every socket does, and what none does.
  if (typeof filter === "boolean")
    return filter ? "( src 0.0.0.0/0 or src ::/0 )" : "( not src 0.0.0.0/0 and not src ::/0 )";
  if ("end" in filter) return `${filter.end} ${filter.prefix}`;
  if ("not" in filter) return `not ${conditionText(filter.not)}`;
  const [word, members] = "any" in filter ? (["or", filter.any] as const) : (["and", filter.all] as const);
  return `(\n${members.map(conditionText).join(`\n${word} `)}\n)`;
}
