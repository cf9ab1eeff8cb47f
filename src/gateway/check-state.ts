/**
 * The gateway's own judgement of what the control plane wants from it. The gateway is the boundary, so nothing is
 * believed because of who sent it: a peer that breaks a rule is left out and reported, a state that breaks one is
 * refused as a whole and the previous one stays in force. Pure.
 */
import type { GatewayState } from "../api/events.ts";
import { bytesOf, familyOf, type AddressBytes } from "../wireguard/address.ts";
import { parseEndpoint } from "../wireguard/endpoint.ts";
import { parsePresharedKey, parsePublicKey, type PublicKey, type SecretKey } from "../wireguard/keys.ts";
import {
  contains,
  isHostPrefix,
  overlaps,
  parsePrefix,
  prefixParts,
  type Prefix,
} from "../wireguard/prefix.ts";
import { failure, success, type Result } from "../wireguard/result.ts";
import { UNROUTABLE } from "./special-prefixes.ts";

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

/** A state that keeps every rule. Only `checkState` makes one. */
export interface CheckedState {
  readonly version: number;
  readonly workspaceId: string;
  readonly addresses: readonly Prefix[];
  readonly overlayPrefixes: readonly Prefix[];
  readonly listenPort: number;
  /** Bytes. */
  readonly mtu: number;
  readonly privatePrefixes: readonly Prefix[];
  readonly privateRouting: "masquerade" | "routed";
  /** Empty = nobody may pass, which is a decision; "no data" is the absence of a state. Both deny. */
  readonly peers: readonly CheckedPeer[];
}

export type StateCode =
  | "wrong_gateway"
  | "wrong_network"
  | "wrong_workspace"
  | "bad_overlay"
  | "bad_address"
  | "bad_private_prefix";

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

/** Why a state (no `deviceId`) or one of its peers is not in force. Goes out in `state.applied`. */
export interface Refusal {
  readonly deviceId?: string;
  readonly code: StateCode | PeerCode;
  readonly message: string;
}

export type Verdict =
  | { readonly ok: true; readonly state: CheckedState; readonly refused: readonly Refusal[] }
  | { readonly ok: false; readonly refused: readonly [Refusal] };

/** Who this gateway is. `workspaceId` is known once a state has been in force. */
export interface Self {
  readonly deviceId: string;
  readonly networkId: string;
  readonly publicKey: PublicKey;
  readonly workspaceId?: string | undefined;
}

/** MTU of the overlay interface where the control plane names none: 1500 less WireGuard over IPv6. */
const DEFAULT_MTU = 1420;
/** Below this the kernel takes IPv6 off the interface (RFC 8200, section 5). */
const SMALLEST_IPV6_MTU = 1280;

/** Checks a whole state. The order of peers never matters: of peers that claim the same thing none is believed. */
export function checkState(state: GatewayState, self: Self): Verdict {
  const network = checkNetwork(state, self);
  if (!network.ok) return { ok: false, refused: [{ code: network.code, message: network.message }] };

  const inOverlay = membership(network.value.overlayPrefixes);
  const grants = remembered((text) => checkGrant(text, network.value));
  const relays = remembered((text) => checkRelay(text, network.value));
  const refused: Refusal[] = [];
  const sound: CheckedPeer[] = [];
  for (const peer of state.peers) {
    const checked = checkPeer(peer, state, self, network.value, { inOverlay, grants, relays });
    if (checked.ok) sound.push(checked.value);
    else refused.push({ deviceId: peer.deviceId, code: checked.code, message: checked.message });
  }

  const claims = claimsOf(sound);
  const peers: CheckedPeer[] = [];
  for (const peer of sound) {
    const conflict = conflictOf(peer, claims);
    if (conflict === null) peers.push(peer);
    else refused.push({ deviceId: peer.deviceId, ...conflict });
  }
  return { ok: true, state: { ...network.value, peers }, refused };
}

type Network = Omit<CheckedState, "peers">;

function checkNetwork(state: GatewayState, self: Self): Result<Network, StateCode> {
  if (state.deviceId !== self.deviceId)
    return failure("wrong_gateway", `This state is for gateway ${state.deviceId}, not for ${self.deviceId}.`);
  if (state.networkId !== self.networkId)
    return failure("wrong_network", `This state is for network ${state.networkId}, not ${self.networkId}.`);
  if (self.workspaceId !== undefined && state.workspaceId !== self.workspaceId)
    return failure(
      "wrong_workspace",
      `This state is for workspace ${state.workspaceId}, this gateway serves ${self.workspaceId}. Enrol it anew to move it.`,
    );
  const overlayPrefixes = parseAll(state.overlayPrefixes, routable, "bad_overlay");
  if (!overlayPrefixes.ok) return overlayPrefixes;
  const addresses = parseAll(state.addresses, hostInside(overlayPrefixes.value), "bad_address");
  if (!addresses.ok) return addresses;
  const privatePrefixes = parseAll(
    state.privatePrefixes,
    (prefix) =>
      overlayPrefixes.value.some((overlay) => overlaps(overlay, prefix))
        ? `The private prefix ${prefix} overlaps the overlay itself.`
        : routable(prefix),
    "bad_private_prefix",
  );
  if (!privatePrefixes.ok) return privatePrefixes;
  const smallest = overlayPrefixes.value.some((prefix) => familyOf(prefix) === 6) ? SMALLEST_IPV6_MTU : 576;
  return success({
    version: state.version,
    workspaceId: state.workspaceId,
    addresses: addresses.value,
    overlayPrefixes: overlayPrefixes.value,
    listenPort: state.listenPort,
    mtu: Math.max(state.mtu ?? DEFAULT_MTU, smallest),
    privatePrefixes: privatePrefixes.value,
    privateRouting: state.privateRouting,
  });
}

/** Parses every prefix strictly and asks `problem` about each; the first problem refuses all of them. */
function parseAll<Code extends StateCode | PeerCode>(
  texts: readonly string[],
  problem: (prefix: Prefix) => string | null,
  code: Code,
): Result<readonly Prefix[], Code> {
  const prefixes: Prefix[] = [];
  for (const text of texts) {
    const prefix = parsePrefix(text);
    if (!prefix.ok) return failure(code, `${text}: ${prefix.message}`);
    const why = problem(prefix.value);
    if (why !== null) return failure(code, why);
    prefixes.push(prefix.value);
  }
  return success(prefixes);
}

function routable(prefix: Prefix): string | null {
  const touched = UNROUTABLE.find((special) => overlaps(special, prefix));
  return touched === undefined
    ? null
    : `${prefix} reaches into ${touched}, which is nobody's network (RFC 6890).`;
}

function hostInside(overlay: readonly Prefix[]): (prefix: Prefix) => string | null {
  return (prefix) => {
    if (!isHostPrefix(prefix)) return `${prefix} is more than one address; an identity is a /32 or a /128.`;
    if (!overlay.some((outer) => contains(outer, prefix)))
      return `${prefix} is outside the overlay ${overlay.join(", ")}.`;
    return null;
  };
}

type Peer = GatewayState["peers"][number];

function checkPeer(
  peer: Peer,
  state: GatewayState,
  self: Self,
  network: Network,
  shared: Shared,
): Result<CheckedPeer, PeerCode> {
  if (peer.workspaceId !== state.workspaceId)
    return failure("wrong_workspace", `${peer.name} belongs to another workspace.`);
  if (peer.networkId !== state.networkId)
    return failure("wrong_network", `${peer.name} belongs to another network.`);
  const publicKey = parsePublicKey(peer.publicKey);
  if (!publicKey.ok) return failure("bad_key", publicKey.message);
  if (peer.deviceId === self.deviceId || publicKey.value === self.publicKey)
    return failure("own_identity", `${peer.name} is this gateway itself.`);
  const presharedKey = peer.presharedKey === undefined ? success(null) : parsePresharedKey(peer.presharedKey);
  if (!presharedKey.ok) return failure("bad_key", presharedKey.message);
  const addresses = checkAddresses(peer, network, shared.inOverlay);
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
  network: Network,
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
  const own = hosts.value.find((prefix) => network.addresses.includes(prefix));
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

function checkGrant(text: string, network: Network): Result<Prefix> {
  const prefix = parsePrefix(text);
  if (!prefix.ok) return failure(prefix.code, `${text}: ${prefix.message}`);
  return network.privatePrefixes.some((outer) => contains(outer, prefix.value))
    ? prefix
    : failure("outside", `the grant ${text} is outside the private prefixes of this network.`);
}

function checkRelay(text: string, network: Network): Result<Relay> {
  const endpoint = parseEndpoint(text);
  if (!endpoint.ok) return failure(endpoint.code, `relay ${text}: ${endpoint.message}`);
  if (endpoint.value.kind === "name")
    return failure("relay_name", `the relay ${text} is a name; a gateway forwards to addresses.`);
  const { address, port } = endpoint.value;
  const inside = [...network.overlayPrefixes, ...network.privatePrefixes, ...UNROUTABLE].find((prefix) =>
    contains(prefix, address),
  );
  return inside === undefined
    ? success({ address, port })
    : failure("relay_inside", `the relay ${text} lies inside ${inside}.`);
}

type Claims = Readonly<Record<"device" | "key" | "address", ReadonlyMap<string, number>>>;

/** How many of the otherwise sound peers claim each identity. A refused peer takes nothing from anybody. */
function claimsOf(peers: readonly CheckedPeer[]): Claims {
  const counted = (values: readonly string[]) => {
    const claims = new Map<string, number>();
    for (const value of values) claims.set(value, (claims.get(value) ?? 0) + 1);
    return claims;
  };
  return {
    device: counted(peers.map((peer) => peer.deviceId)),
    key: counted(peers.map((peer) => peer.publicKey)),
    address: counted(peers.flatMap((peer) => peer.addresses)),
  };
}

function conflictOf(peer: CheckedPeer, claims: Claims): { code: PeerCode; message: string } | null {
  const twice = (claimed: ReadonlyMap<string, number>, value: string) => (claimed.get(value) ?? 0) > 1;
  if (twice(claims.device, peer.deviceId))
    return { code: "duplicate_device", message: `${peer.name} appears twice; neither is believed.` };
  if (twice(claims.key, peer.publicKey))
    return {
      code: "duplicate_key",
      message: `${peer.name} has the key of another peer; neither is believed.`,
    };
  const address = peer.addresses.find((one) => twice(claims.address, one));
  return address === undefined
    ? null
    : {
        code: "duplicate_address",
        message: `${peer.name} and another peer both claim ${prefixParts(address).address}; neither is believed.`,
      };
}
