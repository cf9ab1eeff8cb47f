/** What the agent tells its faces: everything that they show. */
import * as z from "zod/mini";
import { Id, Layer, Name, ResolvedPath, RoutingPreference, TrafficMode } from "../routing/schema.ts";
import { Facts, Said } from "./said.ts";
import { Settings } from "./settings.ts";

const Reason = z.strictObject({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  facts: z.optional(Facts),
});

/** Mirrors `TunnelStatus` of the tunnel engine. */
export const TunnelStatus = z.discriminatedUnion("state", [
  z.strictObject({
    state: z.literal("disconnected"),
    /** Why lockdown, which is to close this device, is not in force. */
    reason: z.optional(Reason),
  }),
  z.strictObject({
    state: z.literal("connecting"),
    mode: TrafficMode,
    since: z.iso.datetime(),
    /** Why nothing is protected yet: what closes could not be put in force. */
    reason: z.optional(Reason),
  }),
  z.strictObject({
    state: z.literal("connected"),
    mode: TrafficMode,
    since: z.iso.datetime(),
    verified: z.enum(["traffic", "handshake"]),
  }),
  z.strictObject({
    state: z.literal("reconnecting"),
    mode: TrafficMode,
    since: z.iso.datetime(),
    reason: Reason,
  }),
  z.strictObject({ state: z.literal("blocked"), mode: TrafficMode, since: z.iso.datetime(), reason: Reason }),
  z.strictObject({ state: z.literal("disconnecting"), since: z.iso.datetime() }),
]);
export type TunnelStatus = z.infer<typeof TunnelStatus>;

export const Enrollment = z.strictObject({
  controlPlane: z.string(),
  deviceId: Id,
  networkId: Id,
  workspaceName: z.string(),
  networkName: z.string(),
  publicKey: z.string(),
});

export const Traffic = z.strictObject({
  rxBytes: z.number(),
  txBytes: z.number(),
  /** Bytes per second over the last interval. */
  rxRate: z.number(),
  txRate: z.number(),
  /** Seconds since the last handshake; null = never. */
  handshakeAge: z.nullable(z.number()),
  roundTripMs: z.nullable(z.number()),
  /** Names of a profile's peers that do not answer while another does: what is for them waits. */
  silentPeers: z.optional(z.array(z.string())),
});

/** What a new path keeps in the tunnel less than the one before. */
export const Loosened = z.strictObject({
  /** From everything to the private network alone. */
  mode: z.boolean(),
  /** Prefixes that were kept in the tunnel: the first few, and how many there are. */
  prefixes: z.array(z.string()),
  prefixCount: z.int(),
  /** The layer that decided the mode before, and the one that does now. */
  chosenBy: Layer,
  decidedBy: Layer,
});
export type Loosened = z.infer<typeof Loosened>;

/** A gateway by the names that people know. */
const GatewayName = z.strictObject({ deviceId: Id, name: Name, region: Name });

/** Everything a face shows. Sent whole at subscription; afterwards only the top-level fields that changed. */
export const Snapshot = z.strictObject({
  agentVersion: z.string(),
  protocol: z.int(),
  enrollment: z.nullable(Enrollment),
  tunnel: TunnelStatus,
  /** The newest path that the control plane resolved (or that the agent resolved while it was away). */
  path: z.nullable(ResolvedPath),
  /**
   * The gateways that the managed tunnel really uses; the egress in `full_tunnel` alone. `failedOver`: they stand in
   * for those of the path, which did not answer. null = no managed tunnel.
   */
  inForce: z.nullable(
    z.strictObject({ ingress: GatewayName, egress: z.nullable(GatewayName), failedOver: z.boolean() }),
  ),
  controlPlane: z.strictObject({
    connected: z.boolean(),
    /** What went wrong last, for a person. */
    problem: z.nullable(z.string()),
    /** The same by code (`TROUBLES` in `said.ts`). */
    troubles: z.optional(z.array(Said)),
    /** True after close code 4401: this device was revoked. */
    revoked: z.boolean(),
  }),
  /**
   * What an operator loosened and is in force, for a person; until the next connect or choice of a mode. null =
   * nothing.
   */
  announcement: z.nullable(z.string()),
  /** The same by its facts. */
  loosened: z.optional(z.nullable(Loosened)),
  /** A newer path that would loosen what the person chose: it waits for consent, and nothing is opened by it. */
  consent: z.optional(z.nullable(Loosened)),
  /** A change made while the control plane was away: not saved yet. */
  unsaved: z.nullable(
    z.strictObject({ layer: Layer, value: RoutingPreference, conflict: z.nullable(z.string()) }),
  ),
  /** Large packets are lost on the way, so only smaller ones are sent (bytes of a packet in the tunnel); null = none. */
  pathMtu: z.optional(
    z.nullable(
      z.strictObject({
        intended: z.int(),
        passes: z.int(),
        /** Whether IPv6 still fits; where not it is unreachable. */
        ipv6: z.boolean(),
      }),
    ),
  ),
  traffic: z.nullable(Traffic),
  /** The manual profile that is connected, or being connected, in place of the managed path; null = none. */
  profile: z.nullable(
    z.strictObject({
      id: Id,
      name: Name,
      /** Why it, or a part of it, is not in force as it is now stored, for a person; null when all is. */
      problem: z.nullable(z.string()),
      /** The same by code (`PROFILE_TROUBLES`). */
      trouble: z.optional(z.nullable(Said)),
    }),
  ),
  settings: Settings,
});
export type Snapshot = z.infer<typeof Snapshot>;
