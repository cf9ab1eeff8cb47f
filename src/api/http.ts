/**
 * The control plane's HTTP contract under `/api/v1`: bodies and answers of every surface, as schemas. Errors are
 * problem+json (RFC 9457). Bodies are at most `MAX_BODY` bytes.
 */
import { z } from "zod";
import {
  AddressText,
  DomainName,
  EndpointText,
  Id,
  Label,
  Name,
  NodeRole,
  PrefixText,
  PublicKey,
  ResolvedPath,
  RoutingPreference,
  TrafficMode,
} from "../routing/schema.ts";

export const API_PREFIX = "/api/v1";
/** Largest request body, bytes. */
export const MAX_BODY = 64 * 1024;
/** Longest life of an enrolment key, seconds. */
export const MAX_KEY_LIFETIME = 24 * 60 * 60;

/** RFC 9457 problem details. `code` is stable; `errors` name the offending places as JSON pointers (RFC 6901). */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), code: z.string(), message: z.string() })).optional(),
  /** Until when it was good, of what is not any more. */
  expiredAt: z.iso.datetime().optional(),
});
export type Problem = z.infer<typeof Problem>;

export const Workspace = z.strictObject({ id: Id, name: Label });
export const Workspaces = z.strictObject({ workspaces: z.array(Workspace) });
export const CreateWorkspace = z.strictObject({ name: Label });
/** The operator's token is shown this once. */
export const CreatedWorkspace = z.strictObject({ workspace: Workspace, operatorToken: z.string() });

export const User = z.strictObject({ id: Id, name: Name });
export const Users = z.strictObject({ users: z.array(User) });
export const CreateUser = z.strictObject({ name: Name });
/** The member's token is shown this once. */
export const CreatedUser = z.strictObject({ user: User, token: z.string() });

export const Dns = z.strictObject({
  servers: z.array(AddressText).max(4),
  matchDomains: z.array(DomainName).max(64),
});
export const CreateNetwork = z.strictObject({
  name: Label,
  /** Overlay prefixes that device and gateway addresses are taken from. */
  overlayPrefixes: z.array(PrefixText).min(1).max(2),
  privatePrefixes: z.array(PrefixText).max(256).default([]),
  dns: Dns.default({ servers: [], matchDomains: [] }),
  preferencesWritableBy: z.enum(["members", "operators"]).default("members"),
  privateRouting: z.enum(["masquerade", "routed"]).default("masquerade"),
  mtu: z.number().int().min(576).max(65535).optional(),
});
export const Network = z.strictObject({
  id: Id,
  name: Label,
  overlayPrefixes: z.array(PrefixText),
  privatePrefixes: z.array(PrefixText),
  dns: Dns,
  preferencesWritableBy: z.enum(["members", "operators"]),
  privateRouting: z.enum(["masquerade", "routed"]),
  mtu: z.number().int().optional(),
});
export const Networks = z.strictObject({ networks: z.array(Network) });
/** Body of `PUT /networks/:id/private-prefixes`. */
export const PrivatePrefixes = z.strictObject({
  privatePrefixes: z.array(PrefixText).max(256),
  dns: Dns.optional(),
});

export const Device = z.strictObject({
  id: Id,
  networkId: Id,
  name: Name,
  kind: z.enum(["device", "gateway"]),
  ownerId: z.nullable(Id),
  publicKey: PublicKey,
  addresses: z.array(PrefixText),
  roles: z.array(NodeRole),
  region: z.nullable(Name),
  endpoint: z.nullable(EndpointText),
  revoked: z.boolean(),
});
export const Devices = z.strictObject({ devices: z.array(Device) });
/** Body of `PUT /devices/:id/roles`. */
export const Roles = z.strictObject({ roles: z.array(NodeRole).max(2) });
/** Body of `PUT /networks/:id/gateways/:deviceId/access`: everyone in the network, or these users. */
export const GatewayAccess = z.strictObject({
  allow: z.union([z.literal("everyone"), z.array(Id).max(1000)]),
});

/** A gateway as `GET /networks/:id/gateways` shows it to the caller. */
export const Gateway = z.strictObject({
  deviceId: Id,
  name: Name,
  region: Name,
  roles: z.array(NodeRole),
  healthy: z.boolean(),
  load: z.number(),
  /** Milliseconds as the calling device measured, where it did. */
  roundTripMs: z.number().optional(),
  ends: z.array(
    z.strictObject({
      end: z.enum(["ingress", "egress"]),
      eligible: z.boolean(),
      reasons: z.array(z.strictObject({ code: z.string(), message: z.string() })),
    }),
  ),
});
export const Gateways = z.strictObject({ gateways: z.array(Gateway) });

/** Body of `POST /networks/:id/enrollment-keys`. */
export const CreateEnrollmentKey = z.discriminatedUnion("for", [
  z.strictObject({
    for: z.literal("device"),
    userId: Id,
    /** Seconds. */
    lifetime: z.number().int().min(1).max(MAX_KEY_LIFETIME).default(3600),
  }),
  z.strictObject({
    for: z.literal("gateway"),
    name: Label,
    region: Name,
    roles: z.array(NodeRole).min(1).max(2),
    /** Address and UDP port: a name is refused with 422 `name_not_address`. */
    endpoint: EndpointText,
    publicAddresses: z.array(AddressText).max(8).optional(),
    lifetime: z.number().int().min(1).max(MAX_KEY_LIFETIME).default(3600),
  }),
]);
/** The key and the link are shown this once; the store keeps a hash. */
export const CreatedEnrollmentKey = z.strictObject({
  id: Id,
  key: z.string(),
  link: z.string(),
  expiresAt: z.iso.datetime(),
});
export const EnrollmentKey = z.strictObject({
  id: Id,
  for: z.enum(["device", "gateway"]),
  userId: z.nullable(Id),
  expiresAt: z.iso.datetime(),
  usedAt: z.iso.datetime().nullable(),
});

export const EnrollmentKeys = z.strictObject({ enrollmentKeys: z.array(EnrollmentKey) });

/** Body of `POST /enrollments`; needs no token. */
export const Enroll = z.strictObject({ key: z.string().min(16).max(128), publicKey: PublicKey, name: Name });
/** `path` is present for a device. */
export const Enrolled = z.strictObject({
  deviceId: Id,
  networkId: Id,
  workspaceName: Label,
  networkName: Label,
  token: z.string(),
  path: z.optional(ResolvedPath),
});

/** Body of `POST /devices/:id/key-rotation`. */
export const RotateKey = z.strictObject({ publicKey: PublicKey });

/**
 * Body of `POST /networks/:id/manual-configs`: a configuration for plain WireGuard. `userId`: whose it is; a member's
 * own where absent. `publicKey`: of a key that the user keeps; absent = one is generated. `gatewayDeviceId`: absent =
 * the platform chooses.
 */
export const CreateManualConfig = z.strictObject({
  name: Name,
  trafficMode: z._default(TrafficMode, "vpn_only"),
  userId: z.optional(Id),
  publicKey: z.optional(PublicKey),
  gatewayDeviceId: z.optional(Id),
});
export const ManualConfig = z.strictObject({
  id: Id,
  networkId: Id,
  ownerId: Id,
  name: Name,
  publicKey: PublicKey,
  addresses: z.array(PrefixText),
  trafficMode: TrafficMode,
  /** The gateway that the file names. */
  gatewayDeviceId: Id,
  createdAt: z.iso.datetime(),
  /** null = in force. */
  revokedAt: z.iso.datetime().nullable(),
});
export const ManualConfigs = z.strictObject({ manualConfigs: z.array(ManualConfig) });
/**
 * `file`: the whole WireGuard file, shown this once and not stored. For a key that the user keeps a comment stands
 * where the private key goes.
 */
export const CreatedManualConfig = z.strictObject({ manualConfig: ManualConfig, file: z.string() });

/** Body of `POST /devices/:id/resolved-path/preview`: absent = as stored, null = unset. */
export const Preview = z.strictObject({
  layers: z.strictObject({
    device: z.optional(z.nullable(RoutingPreference)),
    user: z.optional(z.nullable(RoutingPreference)),
    network: z.optional(z.nullable(RoutingPreference)),
  }),
});
export const Previewed = z.strictObject({ current: ResolvedPath, proposed: ResolvedPath });

export const AuditEntry = z.strictObject({
  id: z.number().int(),
  at: z.iso.datetime(),
  actor: z.strictObject({
    kind: z.enum(["bootstrap", "operator", "member", "device", "gateway", "system"]),
    id: z.string().nullable(),
  }),
  action: z.string(),
  object: z.string(),
  before: z.unknown(),
  after: z.unknown(),
});
/** Newest first; `GET /audit?before=<id>` goes on where a page ended. */
export const AuditLog = z.strictObject({ entries: z.array(AuditEntry) });
