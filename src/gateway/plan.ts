/** The smallest change from what WireGuard and the interface have to what a state wants. Pure. */
import type { Dump, DumpPeer } from "../wireguard/dump.ts";
import type { PublicKey, SecretKey } from "../wireguard/keys.ts";
import type { Prefix } from "../wireguard/prefix.ts";
import type { CheckedPeer } from "./check-peer.ts";
import type { CheckedState } from "./check-state.ts";

export interface WireguardChange {
  /**
   * Peers to take away before the firewall changes: those that go, and those whose addresses change, so that no
   * old key ever holds an address whose grants are already somebody else's.
   */
  readonly remove: readonly PublicKey[];
  /** For `wg addconf`, after the firewall changed: names only what differs. Empty text = nothing. Has keys in it. */
  readonly config: string;
}

/** `null` = deny everything: no peer stays. */
export function wireguardChange(
  dump: Dump,
  state: CheckedState | null,
  privateKey: SecretKey,
): WireguardChange {
  const wanted = new Map(state?.peers.map((peer) => [peer.publicKey, peer]));
  const kept = new Map<PublicKey, DumpPeer>();
  const remove: PublicKey[] = [];
  for (const peer of dump.peers) {
    const desired = wanted.get(peer.publicKey);
    if (desired !== undefined && sameMembers(peer.allowedIps, desired.addresses))
      kept.set(peer.publicKey, peer);
    else remove.push(peer.publicKey);
  }
  const sections: string[] = [];
  if (state !== null) {
    const head = interfaceSection(dump, state, privateKey);
    if (head !== null) sections.push(head);
    for (const peer of state.peers) {
      const present = kept.get(peer.publicKey);
      if (present === undefined || !sameSecret(present.presharedKey, peer.presharedKey))
        sections.push(peerSection(peer));
    }
  }
  return { remove, config: sections.join("\n") };
}

/** Commands for `ip -batch` that give the interface its addresses, MTU and routes; empty = all is as it should be. */
export function interfaceCommands(actual: LinkReading, state: CheckedState, name: string): readonly string[] {
  const gone = actual.addresses.filter((address) => !state.addresses.includes(address));
  const fresh = state.addresses.filter((address) => !actual.addresses.includes(address));
  const stale = actual.routes.filter((route) => !state.overlayPrefixes.includes(route));
  const missing = state.overlayPrefixes.filter((prefix) => !actual.routes.includes(prefix));
  return [
    ...(actual.up && actual.mtu === state.mtu ? [] : [`link set ${name} mtu ${state.mtu} up`]),
    ...gone.map((address) => `address del ${address} dev ${name}`),
    ...fresh.map((address) => `address replace ${address} dev ${name}`),
    ...stale.map((route) => `route del ${route} dev ${name}`),
    ...missing.map((prefix) => `route replace ${prefix} dev ${name}`),
  ];
}

export interface LinkReading {
  readonly up: boolean;
  readonly mtu: number;
  /** Without link-local ones. */
  readonly addresses: readonly Prefix[];
  /** Destinations of routes through the interface that the kernel did not make by itself. */
  readonly routes: readonly Prefix[];
}

function interfaceSection(dump: Dump, state: CheckedState, privateKey: SecretKey): string | null {
  const sameKey = dump.privateKey?.equals(privateKey) === true;
  if (sameKey && dump.listenPort === state.listenPort) return null;
  return `[Interface]\nPrivateKey = ${privateKey.reveal()}\nListenPort = ${state.listenPort}\n`;
}

/** WireGuard's word for "no preshared key". */
const NO_KEY = "A".repeat(43) + "=";

function peerSection(peer: CheckedPeer): string {
  return [
    "[Peer]",
    `PublicKey = ${peer.publicKey}`,
    `PresharedKey = ${peer.presharedKey?.reveal() ?? NO_KEY}`,
    `AllowedIPs = ${peer.addresses.join(", ")}`,
    "",
  ].join("\n");
}

function sameSecret(a: SecretKey | null, b: SecretKey | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((member) => b.includes(member));
}
