/**
 * The vocabulary of the routing model. Everything here is data: policy objects in, a path with its reasons
 * out. The words are those of the API, the command line and the app.
 */

/** How much of a device's traffic is steered: private resources only, or everything through the egress. */
export type TrafficMode = "vpn_only" | "full_tunnel";

/** Where a decision may come from, highest priority first (see `LAYERS`). */
export type Layer = "device" | "user" | "network" | "system";

/** All layers, highest priority first. */
export const LAYERS = ["device", "user", "network", "system"] as const satisfies readonly Layer[];

/** The two ends of a path. */
export type End = "ingress" | "egress";

/** What a node can do in the overlay. */
export type NodeRole = "ingress_gateway" | "exit_gateway";

/**
 * Who chooses the gateways. One unit: pins of two layers never mix. A pinned end is a device id; `null` leaves
 * that end to the platform. Not both ends are null.
 */
export type Selection =
  | { readonly routingMode: "auto" }
  | {
      readonly routingMode: "manual";
      readonly ingressDeviceId: string | null;
      readonly egressDeviceId: string | null;
    };

/** What one layer says. An absent field inherits from the layer below. */
export interface RoutingPreference {
  readonly trafficMode?: TrafficMode | undefined;
  readonly selection?: Selection | undefined;
}

/** The three layers that people write; the fourth, the system defaults, is `SYSTEM_DEFAULTS`. */
export interface PolicyLayers {
  readonly device: RoutingPreference;
  readonly user: RoutingPreference;
  readonly network: RoutingPreference;
}

/** Why a pin is not allowed. */
export type PinCode =
  "unknown_device" | "wrong_workspace" | "wrong_network" | "access_denied" | "missing_role";

/** Why a gateway is not chosen for an end. `unhealthy` concerns only the automatic choice. */
export type CandidateCode = PinCode | "unhealthy";

/**
 * Why there is no path. `control_plane_unreachable`: a device that resolves by itself, while its control plane is
 * away, does not know the gateway that the decision needs.
 */
export type UnavailableCode = PinCode | "no_eligible_gateway" | "control_plane_unreachable" | "revoked";

/** One gateway as an end of a path: everything a device needs to talk to it. */
export interface Hop {
  readonly deviceId: string;
  readonly name: string;
  readonly region: string;
  /** WireGuard public key, base64. */
  readonly publicKey: string;
  /** `address:port` or `[address]:port` or `name:port`. */
  readonly endpoint: string;
  /** Overlay addresses with their full length, `/32` and `/128`. */
  readonly overlayAddresses: readonly string[];
  /** How the Internet sees traffic that leaves here. */
  readonly publicAddresses?: readonly string[] | undefined;
}

/**
 * A gateway (or a device somebody pinned as one) as resolution sees it, from the acting user's point of view.
 * The caller has already decided the four facts about access; resolution only applies them.
 */
export interface GatewayCandidate {
  readonly hop: Hop;
  readonly roles: readonly NodeRole[];
  /** The acting user may know that this device exists. When false every judgement is `unknown_device`. */
  readonly visible: boolean;
  readonly sameWorkspace: boolean;
  readonly sameNetwork: boolean;
  /** The access check of the acting user passed. */
  readonly accessGranted: boolean;
  readonly healthy: boolean;
  /** 0 (idle) to 1 (full). */
  readonly load: number;
  /** Milliseconds, as the device itself measured it; absent where it never did. */
  readonly roundTripMs?: number | undefined;
}

/** One decision with the layer that took it and the layers below that wanted something and were overridden. */
export interface Decision<T> {
  readonly value: T;
  readonly decidedBy: Layer;
  readonly overridden: readonly { readonly layer: Layer; readonly value: T }[];
}

/** The verdict on one gateway for one end. `score`: lower is better, in milliseconds or their equivalent. */
export interface CandidateVerdict {
  readonly deviceId: string;
  readonly end: End;
  readonly eligible: boolean;
  readonly reasons: readonly CandidateCode[];
  readonly score?: number | undefined;
}

/**
 * A pair of gateways a path may use. The egress is absent only where the path itself has none (`vpn_only` without
 * a usable exit), so that the ingress can still fail over.
 */
export interface HopPair {
  readonly ingress: Hop;
  readonly egress?: Hop | undefined;
}

/** A sentence for a person with the code that programs read. */
export interface Reason<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
}

/**
 * The outcome of resolution: all of a path but its envelope (ids, epoch, time, tunnel parameters).
 * `ready`: the ingress is there, and in `full_tunnel` the egress too. `unavailable`: the reason is there and no
 * hop at all, so that nothing can be steered through half a path.
 */
export interface Resolution {
  readonly status: "ready" | "unavailable";
  readonly reason?: Reason<UnavailableCode> | undefined;
  readonly trafficMode: Decision<TrafficMode>;
  readonly selection: Decision<Selection>;
  readonly ingress?: Hop | undefined;
  readonly egress?: Hop | undefined;
  readonly alternates: readonly HopPair[];
  readonly candidates: readonly CandidateVerdict[];
}

/** Version of a path. Numbers compare only within one lineage; a restored store starts a new one. */
export interface Epoch {
  readonly lineage: string;
  readonly number: number;
}

/** What the tunnel needs besides its gateways. */
export interface TunnelParameters {
  /** The device's own overlay addresses, `/32` and `/128`. */
  readonly addresses: readonly string[];
  /** Prefixes of the private network, canonical. */
  readonly privatePrefixes: readonly string[];
  readonly dns: { readonly servers: readonly string[]; readonly matchDomains: readonly string[] };
  /** Overlay address that answers ICMP echo. */
  readonly probe: string;
  /** Outer MTU in bytes. */
  readonly mtu?: number | undefined;
}

/** Where a device's traffic goes, with every reason. The value that the control plane pushes. */
export interface ResolvedPath extends Resolution {
  readonly epoch: Epoch;
  readonly deviceId: string;
  readonly networkId: string;
  /** ISO 8601, UTC. */
  readonly issuedAt: string;
  readonly tunnel: TunnelParameters;
}
