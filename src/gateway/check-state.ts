/**
 * The gateway's own judgement of what the control plane wants from it. The gateway is the boundary, so nothing is
 * believed because of who sent it: a peer that breaks a rule is left out and reported, a state that breaks one is
 * refused as a whole and the previous one stays in force. Pure.
 */
import type { GatewayState } from "../api/events.ts";
import { familyOf } from "../wireguard/address.ts";
import type { PublicKey } from "../wireguard/keys.ts";
import { contains, isHostPrefix, overlaps, prefixParts, type Prefix } from "../wireguard/prefix.ts";
import { failure, success, type Result } from "../wireguard/result.ts";
import { peerChecker, type CheckedPeer, type PeerCode } from "./check-peer.ts";
import { parseAll } from "./parse-all.ts";
import { UNROUTABLE } from "./special-prefixes.ts";

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

  const checkPeer = peerChecker({ ...self, ...network.value, networkId: self.networkId });
  const refused: Refusal[] = [];
  const sound: CheckedPeer[] = [];
  for (const peer of state.peers) {
    const checked = checkPeer(peer);
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
