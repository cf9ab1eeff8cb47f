/** Gateway states for tests: sound ones, of any size. */
import type { GatewayState } from "../../../src/api/events.ts";
import type { Self } from "../../../src/gateway/check-state.ts";
import { parsePublicKey, type PublicKey } from "../../../src/wireguard/keys.ts";

/** A key that differs for every number and belongs to nobody. */
export function keyOf(number: number): PublicKey {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32BE(number + 1);
  const key = parsePublicKey(bytes.toString("base64"));
  if (!key.ok) throw new Error(key.message);
  return key.value;
}

export const SELF: Self = {
  deviceId: "dev_Gateway00",
  networkId: "net_Corp00000",
  publicKey: keyOf(1_000_000),
};
export const WORKSPACE = "ws_Acme000000";

export type Peer = GatewayState["peers"][number];

export function peerOf(number: number, more: Partial<Peer> = {}): Peer {
  const host = number + 2;
  return {
    deviceId: `dev_${String(number).padStart(9, "0")}`,
    workspaceId: WORKSPACE,
    networkId: SELF.networkId,
    name: `device ${number}`,
    publicKey: keyOf(number),
    addresses: [`100.64.${host >> 8}.${host & 255}/32`, `fd00:64::${host.toString(16)}/128`],
    grants: { privatePrefixes: ["10.20.0.0/16", "fd00:20::/64"], internet: false, relays: [] },
    ...more,
  };
}

export function stateOf(peers: readonly Peer[], more: Partial<GatewayState> = {}): GatewayState {
  return {
    version: 1,
    workspaceId: WORKSPACE,
    networkId: SELF.networkId,
    deviceId: SELF.deviceId,
    addresses: ["100.64.0.1/32", "fd00:64::1/128"],
    overlayPrefixes: ["100.64.0.0/16", "fd00:64::/64"],
    listenPort: 51820,
    privatePrefixes: ["10.20.0.0/16", "10.30.0.0/16", "fd00:20::/64"],
    privateRouting: "masquerade",
    peers: [...peers],
    ...more,
  };
}
