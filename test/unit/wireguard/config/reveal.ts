import type { TunnelConfig } from "../../../../src/wireguard/config/types.ts";

/** A configuration with its secrets as text, so that two can be compared whole. */
export function reveal(config: TunnelConfig): unknown {
  return {
    interface: { ...config.interface, privateKey: config.interface.privateKey.reveal() },
    peers: config.peers.map((peer) => ({ ...peer, presharedKey: peer.presharedKey?.reveal() ?? null })),
  };
}
