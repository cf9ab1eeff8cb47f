/** A WireGuard tunnel as a typed value: what a configuration file means, without what we leave out of it. */
import type { Address } from "../address.ts";
import type { Endpoint, HostName } from "../endpoint.ts";
import type { PublicKey, SecretKey } from "../keys.ts";
import type { InterfaceAddress, Prefix } from "../prefix.ts";

export interface InterfaceConfig {
  readonly privateKey: SecretKey;
  readonly addresses: readonly InterfaceAddress[];
  readonly dns: readonly Address[];
  readonly searchDomains: readonly HostName[];
  /** Bytes, 576 to 65535; null = not said. */
  readonly mtu: number | null;
  /** UDP port; null = any. */
  readonly listenPort: number | null;
}

export interface PeerConfig {
  readonly publicKey: PublicKey;
  readonly presharedKey: SecretKey | null;
  readonly endpoint: Endpoint | null;
  /** Distinct, in the order of the file. */
  readonly allowedIps: readonly Prefix[];
  /** Seconds; null = off. */
  readonly persistentKeepalive: number | null;
}

export interface TunnelConfig {
  readonly interface: InterfaceConfig;
  readonly peers: readonly PeerConfig[];
}

/** Limits of one file (design: imported configurations). Sizes are bytes, a line is counted without its end. */
export const LIMITS = {
  fileBytes: 64 * 1024,
  lineBytes: 1024,
  peers: 64,
  prefixesPerPeer: 256,
  /** Of `Address` and of `DNS`, each. */
  elements: 64,
  findings: 1000,
} as const;

/** A value with the place in the file where it begins. Lines and columns count from 1, columns in bytes. */
export interface Located<T> extends Place {
  readonly value: T;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}
