/**
 * Which peer carries what, and which connections cannot go on after a change. A connection lives in the tunnel's
 * gateways: behind another exit it has another address, so it is ended at once instead of being left hanging.
 * Private connections keep their exit across switches of the mode and of the egress. Pure.
 */
import type { Address } from "../wireguard/address.ts";
import { isLoopback } from "../wireguard/address-kind.ts";
import { longestMatch } from "../wireguard/longest-match.ts";
import { contains, prefixParts, type Prefix } from "../wireguard/prefix.ts";
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

/** Of a state, what tells which connections go on. */
export interface Carriage {
  readonly addresses: readonly Prefix[];
  readonly routes: readonly Route[];
  readonly peers: readonly Pick<PeerState, "publicKey" | "allowedIps">[];
}

/** Whether a connection between these ends of this machine and another cannot go on. */
export type Ended = (src: Address, dst: Address) => boolean;

/**
 * The connections of this machine that a state ends: those that would have to enter the tunnel with another address
 * than the tunnel's, or to leave elsewhere with the tunnel's, and those whose exit is another than before. `former` is
 * what carried traffic last; null = not known, or nothing did. While all is closed nothing is known of the next exit, so
 * what is in the tunnel waits. `own` are the machine's addresses.
 */
export function endedBy(state: Carriage, former: Carriage | null, own: readonly Address[]): Ended {
  const ownAddresses = new Set<string>(own);
  const has = (prefixes: readonly Prefix[], address: Address): boolean =>
    prefixes.some((prefix) => contains(prefix, address));
  const gone = former?.addresses.filter((address) => !state.addresses.includes(address)) ?? [];
  const exit = exitsAt(state);
  const formerExit = former === null || state.peers.length === 0 ? null : exitsAt(former);
  return (src, dst) => {
    if (has(gone, src)) return true;
    if (ownAddresses.has(dst) || isLoopback(dst)) return false;
    const now = exit(dst);
    // Who leaves elsewhere now, with another address than the tunnel's, began after the change or never was inside.
    if (!has(state.addresses, src)) return now !== OUTSIDE;
    if (now === OUTSIDE) return true;
    const before = formerExit?.(dst) ?? NOWHERE;
    return before !== OUTSIDE && before !== NOWHERE && before !== now;
  };
}

/** For an address the key of the peer that carries it, or one of the two words below. */
function exitsAt({ routes, peers }: Carriage): (address: Address) => string {
  const route = longestMatch(
    [...routes].sort((a, b) => a.metric - b.metric).map(({ to, via }) => [to, via.kind] as const),
  );
  const carrier = longestMatch(
    peers.flatMap(({ publicKey, allowedIps }) => allowedIps.map((to) => [to, publicKey] as const)),
  );
  return (address) => {
    const via = route(address) ?? "link";
    if (via === "link") return OUTSIDE;
    return via === "unreachable" ? NOWHERE : (carrier(address) ?? NOWHERE);
  };
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

const EVERYTHING = ["0.0.0.0/0", "::/0"] as readonly string[] as readonly Prefix[];

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
