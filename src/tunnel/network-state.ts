/**
 * A `NetworkState` is what the system shall look like, as a value: interface, peers, routes, rules, kernel
 * parameters, firewall, DNS. `desiredState` makes it; a driver compares it with what is there.
 */
import type { Address, Family } from "../wireguard/address.ts";
import type { Prefix } from "../wireguard/prefix.ts";
import type { ControlException, TunnelMode } from "./types.ts";

export interface PeerState {
  readonly publicKey: string;
  readonly presharedKey: string | null;
  readonly endpoint: { readonly address: Address; readonly port: number };
  readonly allowedIps: readonly Prefix[];
  /** Seconds; 0 = off. */
  readonly keepalive: number;
  /** Its endpoint is reached through another peer of the same interface. */
  readonly nested: boolean;
}

/** A route in our table. Family, prefix and metric identify it. */
export interface Route {
  readonly family: Family;
  readonly to: Prefix;
  readonly metric: number;
  readonly via:
    | { readonly kind: "tunnel"; readonly mtu: number | null }
    | { readonly kind: "link"; readonly interface: string }
    | { readonly kind: "unreachable" };
}

/** A policy rule. */
export interface Rule {
  readonly family: Family;
  readonly priority: number;
  readonly mark: number | null;
  /** Only UDP to this address. */
  readonly udpTo: Address | null;
  /** Only what goes to this prefix. */
  readonly to: Prefix | null;
  /** Only what goes to this port, of any protocol that has ports. */
  readonly port: number | null;
  /** Only what comes from this address. */
  readonly from: Address | null;
  readonly action: "table" | "main" | "unreachable";
}

/** A network that an interface other than the tunnel is directly attached to. */
export interface OnLink {
  readonly interface: string;
  readonly prefix: Prefix;
}

/** What one peer carries. `to` is empty where it carries whatever enters the tunnel. */
export interface Exit {
  /** Connections that began by this exit carry it in conntrack. */
  readonly mark: number;
  readonly to: readonly Prefix[];
}

/** Everything the firewall's text is made from. All lists are sorted and free of duplicates. */
export interface FirewallState {
  readonly mode: TunnelMode;
  readonly interface: string;
  /** The tunnel's own addresses. */
  readonly addresses: readonly Address[];
  readonly endpoints: readonly {
    readonly address: Address;
    readonly port: number;
    readonly nested: boolean;
  }[];
  readonly control: readonly ControlException[];
  /** Resolvers inside the tunnel; empty = any, through the tunnel. */
  readonly resolvers: readonly Address[];
  /** What travels in the tunnel or not at all, in every mode. */
  readonly guarded: readonly Prefix[];
  /** Who carries what enters the tunnel, most specific first. */
  readonly exits: readonly Exit[];
  /**
   * Whether conntrack remembers by which exit each connection began. It costs every packet of the machine some 6 % of a
   * tunnel's time, and is needed where this host forwards packets of others, or cannot end its own sockets.
   */
  readonly tracked: boolean;
  /** On-link networks that stay reachable in `full_tunnel`; null = the local network is closed. */
  readonly local: readonly Prefix[] | null;
}

export interface DnsState {
  readonly mode: TunnelMode;
  readonly servers: readonly Address[];
  readonly matchDomains: readonly string[];
}

export interface NetworkState {
  readonly mode: TunnelMode;
  readonly interface: string;
  readonly addresses: readonly Prefix[];
  /** Bytes. */
  readonly mtu: number;
  readonly mark: number;
  readonly peers: readonly PeerState[];
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
  /** Path below `/proc/sys` → value. */
  readonly sysctls: Readonly<Record<string, string>>;
  readonly firewall: FirewallState;
  readonly dns: DnsState;
}
