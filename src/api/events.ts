/**
 * `GET /api/v1/events`: the WebSocket between the control plane and devices and gateways. JSON text frames,
 * each at most `MAX_FRAME` bytes. Anything that does not parse closes the connection with 1008.
 */
import { z } from "zod";
import {
  AddressText,
  EndpointText,
  Epoch,
  Id,
  Name,
  PrefixText,
  PublicKey,
  ResolvedPath,
} from "../routing/schema.ts";

/** Largest frame either side accepts, bytes. A gateway's desired state dominates. */
export const MAX_FRAME = 4 * 1024 * 1024;
/** Close code: the token was revoked. */
export const CLOSE_REVOKED = 4401;
/** Interval of WebSocket pings in both directions, milliseconds; two missed in a row end the connection. */
export const HEARTBEAT_MS = 15_000;

/** What a gateway must look like: the whole of it, never a difference. */
export const GatewayState = z.strictObject({
  /** Rises with every change; echoed in `state.applied`. */
  version: z.number().int().min(0),
  workspaceId: Id,
  networkId: Id,
  deviceId: Id,
  /** The gateway's own overlay addresses, `/32` and `/128`. */
  addresses: z.array(PrefixText).min(1).max(4),
  /** The overlay's own prefixes; every peer address lies inside. */
  overlayPrefixes: z.array(PrefixText).min(1).max(2),
  listenPort: z.number().int().min(1).max(65535),
  mtu: z.number().int().min(576).max(65535).optional(),
  /** Prefixes of the private network behind the overlay. */
  privatePrefixes: z.array(PrefixText).max(256),
  /** `masquerade`: private hosts see the gateway. `routed`: they see the device (return routes exist). */
  privateRouting: z.enum(["masquerade", "routed"]),
  peers: z
    .array(
      z.strictObject({
        deviceId: Id,
        workspaceId: Id,
        networkId: Id,
        name: Name,
        publicKey: PublicKey,
        presharedKey: z.optional(PublicKey),
        /** `/32` and `/128` only: the peer's identity. */
        addresses: z.array(PrefixText).min(1).max(4),
        grants: z.strictObject({
          /** Prefixes this peer may reach; each lies inside `privatePrefixes`. */
          privatePrefixes: z.array(PrefixText).max(256),
          /** Whether this gateway is an egress the peer may use. */
          internet: z.boolean(),
          /** Endpoints (address and UDP port) of egress gateways this peer may reach through here. */
          relays: z.array(z.strictObject({ deviceId: Id, endpoint: EndpointText })).max(64),
        }),
      }),
    )
    .max(10_000),
});
export type GatewayState = z.infer<typeof GatewayState>;

/** From a device. `roundTrips`: milliseconds by gateway id. */
export const DeviceMessage = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("hello"), epoch: z.optional(Epoch) }),
  z.strictObject({
    type: z.literal("report"),
    roundTrips: z.record(Id, z.number().min(0).max(60_000)),
  }),
]);
export type DeviceMessage = z.infer<typeof DeviceMessage>;

/**
 * To a device. `path.changed`: something other than `issuedAt` and scores is new. `path.current`: the answer to
 * a `hello` whose epoch is still the newest. Both carry the whole path.
 */
export const DeviceEvent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("path.changed"), path: ResolvedPath }),
  z.strictObject({ type: z.literal("path.current"), path: ResolvedPath }),
]);
export type DeviceEvent = z.infer<typeof DeviceEvent>;

/** From a gateway. */
export const GatewayMessage = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("hello"), version: z.number().int().min(0).optional() }),
  z.strictObject({
    type: z.literal("health"),
    healthy: z.boolean(),
    /** 0 (idle) to 1 (full). */
    load: z.number().min(0).max(1),
    message: z.string().max(500).optional(),
    /** Addresses by which the Internet sees this gateway, where it knows. */
    publicAddresses: z.array(AddressText).max(8).optional(),
  }),
  z.strictObject({
    type: z.literal("state.applied"),
    version: z.number().int().min(0),
    /** Why (a part of) the state was refused; absent when all of it is in force. */
    refused: z
      .array(
        z.strictObject({ deviceId: z.optional(Id), code: z.string().max(64), message: z.string().max(500) }),
      )
      .max(64)
      .optional(),
  }),
]);
export type GatewayMessage = z.infer<typeof GatewayMessage>;

/** To a gateway. */
export const GatewayEvent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("state.changed"), state: GatewayState }),
]);
export type GatewayEvent = z.infer<typeof GatewayEvent>;
