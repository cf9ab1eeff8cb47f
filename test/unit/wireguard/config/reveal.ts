import { inspect } from "node:util";
import { reportOf, type CheckedConfig } from "../../../../src/wireguard/config/check.ts";
import type { TunnelConfig } from "../../../../src/wireguard/config/types.ts";
import { PRIVATE, PSK } from "./files.ts";

/** A configuration with its secrets as text, so that two can be compared whole. */
export function reveal(config: TunnelConfig): unknown {
  return {
    interface: { ...config.interface, privateKey: config.interface.privateKey.reveal() },
    peers: config.peers.map((peer) => ({ ...peer, presharedKey: peer.presharedKey?.reveal() ?? null })),
  };
}

/** Whether anything that can be printed of a check has a secret of the file in it, or most of one. */
export function showsSecret(checked: CheckedConfig): boolean {
  const { config } = checked;
  const inConfig =
    config === null ? [] : [config.interface.privateKey, ...config.peers.map((peer) => peer.presharedKey)];
  const all = JSON.stringify(reportOf(checked)) + JSON.stringify(checked) + inspect(config, { depth: 9 });
  const found = JSON.stringify(checked.findings);
  return (
    inConfig.some((key) => key !== null && all.includes(key.reveal().slice(0, 40))) ||
    [PRIVATE, PSK].some((secret) => found.includes(secret.slice(0, 12)))
  );
}
