/**
 * The words of `wg set` between the peers that are there and the desired ones. Only peers that differ are named:
 * `wg syncconf` and `setconf` lose packets and clear what they omit. Pure.
 */
import { familyOf } from "../../wireguard/address.ts";
import type { DumpPeer } from "../../wireguard/dump.ts";
import { overlaps, type Prefix } from "../../wireguard/prefix.ts";
import { carrierOf } from "../exits.ts";
import type { PeerState } from "../network-state.ts";
import { secretPath } from "./programs.ts";

export interface WireguardArguments {
  readonly words: readonly string[];
  /** Preshared keys; the words refer to them by their place (0 is the private key's). */
  readonly secrets: readonly string[];
}

/** Seconds: makes a peer shake hands at once. */
const HANDSHAKE_KEEPALIVE = 5;

/**
 * So many prefixes that a peer does not need it may keep. Each push may leave some behind, and every look reads and
 * compares all of them.
 */
const MOST_LEFT = 256;

/** Whether this peer takes over prefixes that a live peer carries now. */
export function moves(peer: PeerState, current: readonly DumpPeer[]): boolean {
  return current.some(
    (other) =>
      other.publicKey !== peer.publicKey &&
      other.latestHandshake > 0 &&
      other.allowedIps.some((theirs) => peer.allowedIps.some((ours) => overlaps(theirs, ours))),
  );
}

/** Whether it has yet to shake hands: it is not there, or was added without prefixes and has not done so since. */
export function isNewcomer({ publicKey }: PeerState, current: readonly DumpPeer[]): boolean {
  const now = current.find((candidate) => candidate.publicKey === publicKey);
  return now === undefined || (now.allowedIps.length === 0 && now.latestHandshake === 0);
}

/**
 * What a peer carries once all is done: what it shall, and what it has now and would carry by a wider prefix of its
 * own. That stays as it is, since to take it away leaves a moment in which nobody has it (`uapi-set.ts`); where it has
 * become too much, all of it goes at once.
 */
export function carriedBy(
  peer: PeerState,
  peers: readonly PeerState[],
  current: readonly DumpPeer[],
): readonly Prefix[] {
  const now = current.find((candidate) => candidate.publicKey === peer.publicKey)?.allowedIps ?? [];
  const shall = new Set(peer.allowedIps);
  const left = now.filter((prefix) => !shall.has(prefix) && carrierOf(peers, prefix) === peer);
  return left.length > MOST_LEFT ? [...shall] : [...shall, ...left];
}

/** Adds peers without any prefix, so that they shake hands while the old ones still carry the traffic. */
export function bareArguments(peers: readonly PeerState[]): WireguardArguments {
  const secrets: string[] = [];
  const words = peers.flatMap((peer) => [
    "peer",
    peer.publicKey,
    ...presharedWords(peer, secrets),
    "endpoint",
    endpointText(peer),
    "persistent-keepalive",
    String(peer.keepalive === 0 ? HANDSHAKE_KEEPALIVE : peer.keepalive),
    "allowed-ips",
    "",
  ]);
  return { words, secrets };
}

/**
 * Adds and changes peers. `former` are the peers that were wanted before: an endpoint is only set when the wish
 * changed, since a peer may have roamed. `carried` are the prefixes that a peer has for now. `shaken` were added bare
 * just before.
 */
export function peerArguments(
  peers: readonly PeerState[],
  current: readonly DumpPeer[],
  former: readonly PeerState[],
  carried: (peer: PeerState) => readonly Prefix[],
  shaken: readonly PeerState[],
): WireguardArguments {
  const secrets: string[] = [];
  const words = peers.flatMap((peer) => {
    const now = current.find((candidate) => candidate.publicKey === peer.publicKey);
    const before = former.find((candidate) => candidate.publicKey === peer.publicKey);
    const allowedIps = carried(peer);
    const isBare = shaken.includes(peer);
    const changes = [
      ...(isBare || (now?.presharedKey?.reveal() ?? null) === peer.presharedKey
        ? []
        : presharedWords(peer, secrets)),
      ...(isBare || endpointStands(peer, now, before) ? [] : ["endpoint", endpointText(peer)]),
      ...(keepaliveNow(peer, now, isBare) === peer.keepalive
        ? []
        : ["persistent-keepalive", String(peer.keepalive)]),
      ...(sameSet(now?.allowedIps ?? [], allowedIps) ? [] : ["allowed-ips", allowedIps.join(",")]),
    ];
    return changes.length === 0 && now !== undefined ? [] : ["peer", peer.publicKey, ...changes];
  });
  return { words, secrets };
}

function keepaliveNow(peer: PeerState, now: DumpPeer | undefined, isBare: boolean): number {
  if (isBare) return peer.keepalive === 0 ? HANDSHAKE_KEEPALIVE : peer.keepalive;
  return now?.persistentKeepalive ?? 0;
}

/** Whether the endpoint need not be set. A peer that becomes nested has to forget the source address it used. */
function endpointStands(peer: PeerState, now: DumpPeer | undefined, before: PeerState | undefined): boolean {
  if (now?.endpoint == null) return false;
  if (before === undefined) return now.endpoint === endpointText(peer);
  return endpointText(before) === endpointText(peer) && (before.nested || !peer.nested);
}

/** The words that make peers, which were nested and are not, or the other way round, forget the source they used. */
export function movedArguments(peers: readonly PeerState[], former: readonly PeerState[]): readonly string[] {
  return peers
    .filter((peer) =>
      former.some((other) => other.nested !== peer.nested && other.publicKey === peer.publicKey),
    )
    .flatMap((peer) => ["peer", peer.publicKey, "endpoint", endpointText(peer)]);
}

/**
 * The words that make peers forget the source address they used, for after the device's own addresses changed, or where
 * nothing comes back. wireguard-go goes on sending from an address that does not do, and gives up only after some
 * fifteen seconds. The endpoint is the one in use, since a peer may have roamed.
 */
export function rerootedArguments(
  peers: readonly PeerState[],
  current: readonly DumpPeer[],
): readonly string[] {
  return peers.flatMap((peer) => {
    const endpoint = current.find((candidate) => candidate.publicKey === peer.publicKey)?.endpoint ?? null;
    return endpoint === null ? [] : ["peer", peer.publicKey, "endpoint", endpoint];
  });
}

function presharedWords(peer: PeerState, secrets: string[]): string[] {
  if (peer.presharedKey === null) return ["preshared-key", "/dev/null"];
  secrets.push(peer.presharedKey);
  return ["preshared-key", secretPath(secrets.length)];
}

function endpointText(peer: PeerState): string {
  const { address, port } = peer.endpoint;
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const others = new Set(b);
  return a.length === b.length && a.every((item) => others.has(item));
}
