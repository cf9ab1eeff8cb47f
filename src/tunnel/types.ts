/**
 * What the tunnel engine speaks. An `Intent` is what somebody wants; `desiredState(intent)` turns it into a
 * `NetworkState`, a value that a driver reconciles the system with. Addresses and prefixes are canonical text that
 * `src/wireguard` has parsed.
 */

import type { DnsStanding } from "./dns/resolver.ts";
import type { NetworkState } from "./network-state.ts";

/** How much is steered: the private prefixes, or everything. */
export type TunnelMode = "vpn_only" | "full_tunnel";

/** A WireGuard peer as somebody wants it. */
export interface IntentPeer {
  /** For people: the gateway's name, or the endpoint of a manual peer. */
  readonly name: string;
  readonly publicKey: string;
  readonly presharedKey?: string | undefined;
  /** Already resolved to an address. */
  readonly endpoint: { readonly address: string; readonly port: number };
  readonly allowedIps: readonly string[];
  /** Seconds; absent = off. */
  readonly keepalive?: number | undefined;
  /** Public key of the peer through whose tunnel this one's endpoint is reached (nesting, at most one level). */
  readonly via?: string | undefined;
}

/** Where the agent's own marked sockets may go outside the tunnel while it is closed. */
export interface ControlException {
  readonly protocol: "tcp" | "udp";
  readonly address: string;
  readonly port: number;
}

/** Everything about one tunnel but the private key, which is passed beside it and never recorded with it. */
export interface Intent {
  readonly mode: TunnelMode;
  /** The device's own addresses, `/32` and `/128`. */
  readonly addresses: readonly string[];
  /** The first peer that is not nested is the ingress. */
  readonly peers: readonly IntentPeer[];
  readonly privatePrefixes: readonly string[];
  /** Of the private prefixes those that no peer serves: nothing goes there, also where a peer carries what is around. */
  readonly unserved?: readonly string[] | undefined;
  readonly dns: { readonly servers: readonly string[]; readonly matchDomains: readonly string[] };
  /** Address inside the tunnel that answers ICMP echo; absent = a handshake has to do. */
  readonly probe?: string | undefined;
  /** MTU of the interface in bytes; absent = the engine's default (1420). */
  readonly mtu?: number | undefined;
  /** Whether the local network stays reachable in `full_tunnel`. */
  readonly allowLocalNetwork: boolean;
  readonly control: readonly ControlException[];
}

/** What the engine itself says of why nothing passes, or of a wish that it refuses. */
export const TUNNEL_BLOCKAGES = [
  "gateway_silent",
  "offline",
  "lockdown",
  "lockdown_not_in_force",
  "superseded",
  "record_lost",
  "record_unwritable",
  "bad_intent",
  "bad_key",
  "key_missing",
  "not_protected",
  "program_missing",
  "program_failed",
  "sysctl_failed",
  "resolver_unwritable",
  "resolver_refused",
  "forwarder_failed",
  "internal",
] as const;

/** Why nothing passes, for programs (`code`), for a person (`message`), and what would end it (`remedy`). */
export interface Blockage {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  /** What the sentence names. */
  readonly facts?: Readonly<Record<string, string>> | undefined;
}

/** One of the engine's own. */
export type TunnelBlockage = Blockage & { readonly code: (typeof TUNNEL_BLOCKAGES)[number] };

/**
 * Where the tunnel is. In every state but `disconnected` the promises of the mode hold (`real` of the engine says
 * from when on), unless `connecting` has a reason: then they could not be put in force, and that is tried again.
 * `disconnected` with a reason: nobody is connected, and lockdown, which is to close this device, could not be put in
 * force; that is tried again too. `since` is ISO 8601. `verified`: traffic was seen to pass, or (without a probe) only a handshake.
 */
export type TunnelStatus =
  | { readonly state: "disconnected"; readonly reason?: Blockage | undefined }
  | {
      readonly state: "connecting";
      readonly mode: TunnelMode;
      readonly since: string;
      readonly reason?: Blockage | undefined;
    }
  | {
      readonly state: "connected";
      readonly mode: TunnelMode;
      readonly since: string;
      readonly verified: "traffic" | "handshake";
    }
  | {
      readonly state: "reconnecting";
      readonly mode: TunnelMode;
      readonly since: string;
      readonly reason: Blockage;
    }
  | {
      readonly state: "blocked";
      readonly mode: TunnelMode;
      readonly since: string;
      readonly reason: Blockage;
    }
  | { readonly state: "disconnecting"; readonly since: string };

/** What can be other than it was made, and what each sentence names: addresses, programs, the system's own words. */
export const DEVIATIONS = {
  firewall_gone: [],
  firewall_changed: [],
  interface_gone: ["interface"],
  interface_changed: ["line"],
  route_missing: ["family", "line"],
  route_added: ["family", "line"],
  peer_taken: ["peer"],
  resolver_manager: ["path", "former", "manager"],
  resolver_other: ["by", "named", "wanted"],
  resolver_nobody: ["by", "wanted"],
  resolver_silent: ["by"],
  resolver_without_interface: ["by"],
  names_claimed: ["link", "domain"],
  names_claimed_all: ["link"],
} as const;
type DeviationCode = keyof typeof DEVIATIONS;

/** The same as a sentence, by its code. */
export type DeviationSaid = {
  readonly [C in DeviationCode]: {
    readonly code: C;
    readonly facts: Readonly<Record<(typeof DEVIATIONS)[C][number], string>>;
  };
}[DeviationCode];

/** One thing that is not as it was made. */
export interface Deviation {
  readonly what: "firewall" | "routing" | "dns";
  /** For a person. */
  readonly message: string;
  /** The same by code; null = the system said it in words of its own. */
  readonly said: DeviationSaid | null;
}

/** What is other than it was made in how names are looked up. */
export type ForeignNames = Omit<Deviation, "what">;

/** Somebody else changed what is ours, and it was put right. */
export interface Repair {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly what: readonly Deviation[];
}

/** Large packets are lost on the way, so only smaller ones are sent. Sizes are bytes of a packet in the tunnel. */
export interface PathMtu {
  readonly intended: number;
  readonly passes: number;
  /** Whether IPv6 still fits (RFC 8200 asks for 1280); where not it is unreachable. */
  readonly ipv6: boolean;
}

/** One reading of a peer (`wg show dump`). */
export interface PeerReading {
  readonly publicKey: string;
  readonly endpoint: string | null;
  /** Seconds since the epoch; 0 = never. */
  readonly latestHandshake: number;
  readonly rxBytes: number;
  readonly txBytes: number;
}

/**
 * The engine as the agent sees it. One loop drives the pure transition function; calls only put events into it.
 * Nothing but `disconnect` removes protection; `close` stops the loop and leaves the network as it is.
 */
export interface TunnelEngine {
  readonly status: TunnelStatus;
  /** What is in force or being brought in force; null when disconnected. */
  readonly intent: Intent | null;
  /**
   * Whether nobody is connected or connecting: nothing of ours is in force, or lockdown alone. Also while lockdown
   * cannot be put in force, when `status` says why.
   */
  readonly atRest: boolean;
  /** Whether everything is closed, or is to be, since nobody knows any more what an earlier life wanted. */
  readonly recordLost: boolean;
  /** Starts or changes the tunnel: the same operation, a reconcile. Returns at once; watch `status`. */
  apply(intent: Intent, privateKey: string): void;
  /**
   * Resolves when what was asked for last is in force, or could not be brought in force and is tried again: `status`
   * says which.
   */
  settled(): Promise<void>;
  /**
   * Null once what `status` promises is in force, or could not be put in force. Until then it is too early to tell
   * anybody; resolves when that has changed.
   */
  real(): Promise<void> | null;
  /** Keeps everything closed that the last intent's mode closes, with a reason for the person. */
  block(reason: Blockage): void;
  /**
   * The one call that unprotects. Resolves when the system is what it was before; rejects with what could not be put
   * back, which is tried again by itself. `status` says whether the device is open nevertheless.
   */
  disconnect(): Promise<void>;
  /**
   * Says what stays in force while disconnected: lockdown's intent (from `lockdown.ts`), or null for nothing. Changes
   * the system at once when nobody is connected, else with the next `disconnect`. Resolves when it is real.
   */
  rest(intent: Intent | null): Promise<void>;
  /** What the system was made to look like last; null when nothing of ours is in force. */
  readonly network: NetworkState | null;
  /** What of `network` is not on the system (any more), one sentence each; empty = all in place. */
  inspect(): Promise<readonly Deviation[]>;
  /** What was put right last after somebody else changed it; null = nothing since nobody was connected. */
  readonly lastRepair: Repair | null;
  /** How this system asks for names; null while the tunnel's servers are asked for none. */
  readonly names: DnsStanding | null;
  /**
   * The resolvers that the network around gave, the newest known, ours never among them; null while nothing is in
   * force. They are what returns on disconnect.
   */
  readonly outsideResolvers: readonly string[] | null;
  /** Calls back when `outsideResolvers` changed. Dispose to stop. */
  onOutsideResolvers(listener: () => void): Disposable;
  /** Readings of the peers in force; empty when there is no interface. */
  readings(): Promise<readonly PeerReading[]>;
  /** Last round-trip time of the probe through the tunnel, milliseconds. */
  readonly probeRoundTripMs: number | undefined;
  /** What a black hole on the way leaves; null = nothing is known to be lost. */
  readonly pathMtu: PathMtu | null;
  /** Calls back when that changed. Dispose to stop. */
  onPathMtu(listener: () => void): Disposable;
  /** Looks at once whether all is in place and traffic passes: the machine woke up, or moved. */
  checkNow(): void;
  /** Calls back with every new status, after it is real. Dispose to stop. */
  onStatus(listener: (status: TunnelStatus) => void): Disposable;
  close(): Promise<void>;
}
