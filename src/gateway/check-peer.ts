/** One peer of a gateway's state against the rules: identity, addresses, grants. Pure. */
import type { GatewayState } from "../api/events.ts";
import { bytesOf, type AddressBytes } from "../wireguard/address.ts";
import { parseEndpoint } from "../wireguard/endpoint.ts";
import { parsePresharedKey, parsePublicKey, type PublicKey, type SecretKey } from "../wireguard/keys.ts";
import { contains, isHostPrefix, parsePrefix, prefixParts, type Prefix } from "../wireguard/prefix.ts";
import { failure, success, type Result } from "../wireguard/result.ts";
import { parseAll } from "./parse-all.ts";
import { UNROUTABLE } from "./special-prefixes.ts";

export type PeerCode =
  | "wrong_workspace"
  | "wrong_network"
  | "own_identity"
  | "bad_key"
  | "bad_address"
  | "outside_overlay"
  | "duplicate_device"
  | "duplicate_key"
  | "duplicate_address"
  | "bad_grant"
  | "bad_relay";

/** Where a relayed packet may go: the UDP endpoint of another gateway. */
export interface Relay {
  readonly address: string;
  readonly port: number;
}

export interface CheckedPeer {
  readonly deviceId: string;
  readonly name: string;
  readonly publicKey: PublicKey;
  readonly presharedKey: SecretKey | null;
  /** Host prefixes, canonical: the peer's identity. */
  readonly addresses: readonly Prefix[];
  readonly privatePrefixes: readonly Prefix[];
  readonly internet: boolean;
  readonly relays: readonly Relay[];
}

type Peer = GatewayState["peers"][number];

/** The gateway and its network, as far as a peer must fit them. */
export interface Surroundings {
  readonly deviceId: string;
  readonly publicKey: PublicKey;
  readonly workspaceId: string;
  readonly networkId: string;
  /** The gateway's own overlay addresses. */
  readonly addresses: readonly Prefix[];
  readonly overlayPrefixes: readonly Prefix[];
  readonly privatePrefixes: readonly Prefix[];
}

/** A check for the peers of one state. What they have in common is looked at once for all of them. */
export function peerChecker(around: Surroundings): (peer: Peer) => Result<CheckedPeer, PeerCode> {
  const shared: Shared = {
    inOverlay: membership(around.overlayPrefixes),
    grants: remembered((text) => checkGrant(text, around)),
    relays: remembered((text) => checkRelay(text, around)),
  };
  return (peer) => checkPeer(peer, around, shared);
}

function checkPeer(peer: Peer, around: Surroundings, shared: Shared): Result<CheckedPeer, PeerCode> {
  if (peer.workspaceId !== around.workspaceId)
    return failure("wrong_workspace", `${peer.name} belongs to another workspace.`);
  if (peer.networkId !== around.networkId)
    return failure("wrong_network", `${peer.name} belongs to another network.`);
  const publicKey = parsePublicKey(peer.publicKey);
  if (!publicKey.ok) return failure("bad_key", publicKey.message);
  if (peer.deviceId === around.deviceId || publicKey.value === around.publicKey)
    return failure("own_identity", `${peer.name} is this gateway itself.`);
  const presharedKey = peer.presharedKey === undefined ? success(null) : parsePresharedKey(peer.presharedKey);
  if (!presharedKey.ok) return failure("bad_key", presharedKey.message);
  const addresses = checkAddresses(peer, around, shared.inOverlay);
  if (!addresses.ok) return addresses;
  const privatePrefixes = each(peer.grants.privatePrefixes, shared.grants);
  if (!privatePrefixes.ok) return failure("bad_grant", `${peer.name}: ${privatePrefixes.message}`);
  const relays = each(
    peer.grants.relays.map((relay) => relay.endpoint),
    shared.relays,
  );
  if (!relays.ok) return failure("bad_relay", `${peer.name}: ${relays.message}`);
  return success({
    deviceId: peer.deviceId,
    name: peer.name,
    publicKey: publicKey.value,
    presharedKey: presharedKey.value,
    addresses: addresses.value,
    privatePrefixes: privatePrefixes.value,
    internet: peer.grants.internet,
    relays: relays.value,
  });
}

function checkAddresses(
  peer: Peer,
  around: Surroundings,
  inOverlay: (host: Prefix) => boolean,
): Result<readonly Prefix[], PeerCode> {
  const hosts = parseAll(
    peer.addresses,
    (prefix) => (isHostPrefix(prefix) ? null : `${prefix} is more than one address.`),
    "bad_address",
  );
  if (!hosts.ok) return hosts;
  const outside = hosts.value.find((host) => !inOverlay(host));
  if (outside !== undefined)
    return failure("outside_overlay", `${peer.name} asks for ${outside}, which is outside the overlay.`);
  const own = hosts.value.find((prefix) => around.addresses.includes(prefix));
  if (own !== undefined)
    return failure("own_identity", `${peer.name} asks for ${own}, the gateway's own address.`);
  return success([...new Set(hosts.value)]);
}

/** Checks whose answers are the same for every peer: ten thousand peers share a handful of grants. */
interface Shared {
  readonly inOverlay: (host: Prefix) => boolean;
  readonly grants: (text: string) => Result<Prefix>;
  readonly relays: (text: string) => Result<Relay>;
}

/** As `contains` for each of the networks, which are taken apart only once. */
function membership(networks: readonly Prefix[]): (host: Prefix) => boolean {
  const parts = networks.map((network) => {
    const { address, length } = prefixParts(network);
    return { bytes: bytesOf(address), length };
  });
  return (host) => {
    const own = bytesOf(prefixParts(host).address);
    return parts.some(({ bytes, length }) => own.length === bytes.length && commonBits(own, bytes) >= length);
  };
}

/** How many leading bits two addresses of one family share. */
function commonBits(a: AddressBytes, b: AddressBytes): number {
  const index = a.findIndex((byte, position) => byte !== b[position]);
  return index === -1 ? a.length * 8 : index * 8 + Math.clz32((a[index] ?? 0) ^ (b[index] ?? 0)) - 24;
}

function remembered<T>(check: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const answer = known.get(text) ?? check(text);
    known.set(text, answer);
    return answer;
  };
}

function each<T>(texts: readonly string[], check: (text: string) => Result<T>): Result<readonly T[]> {
  const values: T[] = [];
  for (const text of texts) {
    const checked = check(text);
    if (!checked.ok) return checked;
    values.push(checked.value);
  }
  return success(values);
}

function checkGrant(text: string, around: Surroundings): Result<Prefix> {
  const prefix = parsePrefix(text);
  if (!prefix.ok) return failure(prefix.code, `${text}: ${prefix.message}`);
  return around.privatePrefixes.some((outer) => contains(outer, prefix.value))
    ? prefix
    : failure("outside", `the grant ${text} is outside the private prefixes of this network.`);
}

function checkRelay(text: string, around: Surroundings): Result<Relay> {
  const endpoint = parseEndpoint(text);
  if (!endpoint.ok) return failure(endpoint.code, `relay ${text}: ${endpoint.message}`);
  if (endpoint.value.kind === "name")
    return failure("relay_name", `the relay ${text} is a name; a gateway forwards to addresses.`);
  const { address, port } = endpoint.value;
  const inside = [...around.overlayPrefixes, ...around.privatePrefixes, ...UNROUTABLE].find((prefix) =>
    contains(prefix, address),
  );
  return inside === undefined
    ? success({ address, port })
    : failure("relay_inside", `the relay ${text} lies inside ${inside}.`);
}
