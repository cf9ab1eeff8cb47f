/**
 * The routing model as it crosses the wire: zod schemas of the values in `src/routing/types.ts`, strict
 * (unknown fields are refused) and bounded. Parsed on both sides.
 */
import * as z from "zod/mini";
import type * as model from "./types.ts";

/** Identifier of any object: `<kind>_<22 characters>`, opaque to everybody but the control plane. */
export const Id = z.string().check(z.regex(/^[a-z]{2,4}_[A-Za-z0-9]{8,40}$/, "not an identifier"));
/** A name people give: one line, no control characters. */
export const Name = z
  .string()
  .check(z.minLength(1), z.maxLength(64), z.regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, "has a control character"));
/** Lower-case RFC 1123 label: names of workspaces, networks and gateways that become DNS or file names. */
export const Label = z
  .string()
  .check(z.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "not a lower-case label"));
/** A WireGuard public key: canonical base64 of 32 bytes. */
export const PublicKey = z
  .string()
  .check(z.regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, "not a WireGuard key"));
/** A prefix; canonical form and meaning are checked where it is used. */
export const PrefixText = z.union([z.cidrv4(), z.cidrv6()]);
/** `address:port`, `[address]:port` or `name:port`. */
export const EndpointText = z
  .string()
  .check(
    z.maxLength(261),
    z.regex(/^(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9.-]{1,253}):[1-9][0-9]{0,4}$/, "not host:port"),
  );
/** A DNS name in lower case without the trailing dot. */
export const DomainName = z
  .string()
  .check(
    z.maxLength(253),
    z.regex(
      /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
      "not a DNS name",
    ),
  );
/** An IP address without a prefix length. */
export const AddressText = z.union([z.ipv4(), z.ipv6()]);

export const TrafficMode = z.enum(["vpn_only", "full_tunnel"]);
export const Layer = z.enum(["device", "user", "network", "system"]);
export const NodeRole = z.enum(["ingress_gateway", "exit_gateway"]);

export const Selection = z.discriminatedUnion("routingMode", [
  z.strictObject({ routingMode: z.literal("auto") }),
  z
    .strictObject({
      routingMode: z.literal("manual"),
      ingressDeviceId: z.nullable(Id),
      egressDeviceId: z.nullable(Id),
    })
    .check(
      z.refine((s) => s.ingressDeviceId !== null || s.egressDeviceId !== null, {
        message: "pin at least one end, or use routingMode auto",
      }),
    ),
]);

export const RoutingPreference = z.strictObject({
  trafficMode: z.optional(TrafficMode),
  selection: z.optional(Selection),
}) satisfies z.ZodMiniType<model.RoutingPreference>;

export const Hop = z.strictObject({
  deviceId: Id,
  name: Name,
  region: Name,
  publicKey: PublicKey,
  endpoint: EndpointText,
  overlayAddresses: z.array(PrefixText).check(z.minLength(1), z.maxLength(4)),
  publicAddresses: z.optional(z.array(AddressText).check(z.maxLength(8))),
});

const CandidateCode = z.enum([
  "unknown_device",
  "wrong_workspace",
  "wrong_network",
  "access_denied",
  "missing_role",
  "unhealthy",
]);

const decision = <T extends z.ZodMiniType>(value: T) =>
  z.strictObject({
    value,
    decidedBy: Layer,
    overridden: z.array(z.strictObject({ layer: Layer, value })).check(z.maxLength(3)),
  });

export const Epoch = z.strictObject({
  lineage: z.string().check(z.minLength(1), z.maxLength(64)),
  number: z.int().check(z.gte(0)),
});

export const TunnelParameters = z.strictObject({
  addresses: z.array(PrefixText).check(z.minLength(1), z.maxLength(4)),
  privatePrefixes: z.array(PrefixText).check(z.maxLength(256)),
  dns: z.strictObject({
    servers: z.array(AddressText).check(z.maxLength(4)),
    matchDomains: z.array(DomainName).check(z.maxLength(64)),
  }),
  probe: AddressText,
  mtu: z.optional(z.int().check(z.gte(576), z.lte(65535))),
});

/** Most verdicts on gateways, one for each end, that a path carries. */
export const MAX_CANDIDATES = 2048;

export const ResolvedPath = z.strictObject({
  epoch: Epoch,
  deviceId: Id,
  networkId: Id,
  issuedAt: z.iso.datetime(),
  status: z.enum(["ready", "unavailable"]),
  reason: z.optional(
    z.strictObject({
      code: z.enum([
        "unknown_device",
        "wrong_workspace",
        "wrong_network",
        "access_denied",
        "missing_role",
        "no_eligible_gateway",
        "control_plane_unreachable",
        "revoked",
      ]),
      message: z.string().check(z.maxLength(1000)),
    }),
  ),
  trafficMode: decision(TrafficMode),
  selection: decision(Selection),
  ingress: z.optional(Hop),
  egress: z.optional(Hop),
  alternates: z.array(z.strictObject({ ingress: Hop, egress: z.optional(Hop) })).check(z.maxLength(16)),
  candidates: z
    .array(
      z.strictObject({
        deviceId: Id,
        end: z.enum(["ingress", "egress"]),
        eligible: z.boolean(),
        reasons: z.array(CandidateCode).check(z.maxLength(6)),
        score: z.optional(z.number()),
      }),
    )
    .check(z.maxLength(MAX_CANDIDATES)),
  tunnel: TunnelParameters,
}) satisfies z.ZodMiniType<model.ResolvedPath>;
