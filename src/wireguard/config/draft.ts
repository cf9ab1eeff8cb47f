/** What the parser has understood so far, every value with its place; the checks work on this. */
import type { Address } from "../address.ts";
import type { Endpoint, HostName } from "../endpoint.ts";
import type { PublicKey, SecretKey } from "../keys.ts";
import type { InterfaceAddress, Prefix, PrefixBytes } from "../prefix.ts";
import type { Located, Place, TunnelConfig } from "./types.ts";

interface DraftSection extends Place {
  /** Keys that were read in this section → the line of the first. */
  readonly seen: Map<string, number>;
}

export interface DraftInterface extends DraftSection {
  privateKey: Located<SecretKey> | null;
  readonly addresses: Located<InterfaceAddress>[];
  readonly dns: Located<Address>[];
  readonly searchDomains: Located<HostName>[];
  mtu: Located<number> | null;
  listenPort: Located<number> | null;
  /** Elements read so far, repetitions included. */
  addressCount: number;
  dnsCount: number;
}

/** A prefix with its bytes beside it: the checks compare many. */
export interface DraftPrefix extends Located<Prefix>, PrefixBytes {}

export interface DraftPeer extends DraftSection {
  publicKey: Located<PublicKey> | null;
  presharedKey: Located<SecretKey> | null;
  endpoint: Located<Endpoint> | null;
  readonly allowedIps: DraftPrefix[];
  persistentKeepalive: number | null;
  prefixCount: number;
}

export interface Draft {
  interface: DraftInterface | null;
  readonly peers: DraftPeer[];
  /** Which peer asks for a prefix. */
  readonly owners: Map<Prefix, DraftPeer>;
}

export function newInterface(place: Place): DraftInterface {
  return {
    line: place.line,
    column: place.column,
    seen: new Map(),
    privateKey: null,
    addresses: [],
    dns: [],
    searchDomains: [],
    mtu: null,
    listenPort: null,
    addressCount: 0,
    dnsCount: 0,
  };
}

export function newPeer(place: Place): DraftPeer {
  return {
    line: place.line,
    column: place.column,
    seen: new Map(),
    publicKey: null,
    presharedKey: null,
    endpoint: null,
    allowedIps: [],
    persistentKeepalive: null,
    prefixCount: 0,
  };
}

/** The value of a draft in which nothing required is missing; null otherwise. */
export function toConfig(draft: Draft): TunnelConfig | null {
  const own = draft.interface;
  if (own?.privateKey == null) return null;
  const peers: TunnelConfig["peers"][number][] = [];
  for (const peer of draft.peers) {
    if (peer.publicKey === null) return null;
    peers.push({
      publicKey: peer.publicKey.value,
      presharedKey: peer.presharedKey?.value ?? null,
      endpoint: peer.endpoint?.value ?? null,
      allowedIps: peer.allowedIps.map(valueOf),
      persistentKeepalive: peer.persistentKeepalive,
    });
  }
  return {
    interface: {
      privateKey: own.privateKey.value,
      addresses: own.addresses.map(valueOf),
      dns: own.dns.map(valueOf),
      searchDomains: own.searchDomains.map(valueOf),
      mtu: own.mtu?.value ?? null,
      listenPort: own.listenPort?.value ?? null,
    },
    peers,
  };
}

function valueOf<T>(located: Located<T>): T {
  return located.value;
}
