/**
 * The agent's contract for its faces (CLI, desktop app): JSON-RPC 2.0 with Content-Length framing over a unix
 * socket or named pipe. Declared once; both sides derive from it and both sides parse. Requests carry typed
 * intents: never paths, argv, environment, URLs to fetch or interface names.
 */
import * as z from "zod/mini";
import { diagnosticsMethods } from "./diagnostics.ts";
import { healthMethods } from "./health.ts";
import { profileMethods } from "./profiles.ts";
import { settingsMethods } from "./settings.ts";
import { Enrollment, Snapshot } from "./snapshot.ts";
import { Id, Name, ResolvedPath, RoutingPreference, TrafficMode } from "../routing/schema.ts";

export { RpcProblem, type Refusal } from "./problem.ts";
export { Loosened, Snapshot, Traffic, TunnelStatus } from "./snapshot.ts";

/** Rises when a face and an agent can no longer talk to each other. */
export const PROTOCOL = 2;
/** Largest message either side accepts, bytes. */
export const MAX_MESSAGE = 8 * 1024 * 1024;

export const StoredPreference = z.strictObject({
  layer: z.enum(["device", "user", "network"]),
  value: RoutingPreference,
  etag: z.string(),
});

export const GatewayRow = z.strictObject({
  deviceId: Id,
  name: Name,
  region: Name,
  healthy: z.boolean(),
  roundTripMs: z.nullable(z.number()),
  ends: z.array(
    z.strictObject({
      end: z.enum(["ingress", "egress"]),
      eligible: z.boolean(),
      chosen: z.boolean(),
      reasons: z.array(z.strictObject({ code: z.string(), message: z.string() })),
    }),
  ),
});

const layerWritable = z.enum(["device", "user"]);
const none = z.strictObject({});

/** Every request: name → schema of its parameters and of its answer. */
export const methods = {
  /** The whole snapshot; later `changed` notifications follow on this connection, numbered from `sequence`. */
  subscribe: { params: none, result: z.strictObject({ sequence: z.int(), snapshot: Snapshot }) },
  /** The snapshot alone. */
  status: { params: none, result: Snapshot },
  /**
   * Connects; with `mode`, first writes the mode to the device layer. With `profile`, connects that manual profile
   * in place of the managed path, and `mode` narrows what it steers. Answers when accepted; watch the state.
   */
  connect: {
    params: z.strictObject({ mode: z.optional(TrafficMode), profile: z.optional(Id) }),
    result: Snapshot,
  },
  /** The one request that unprotects. Answers when it is done. */
  disconnect: { params: none, result: Snapshot },
  enroll: {
    params: z.strictObject({ link: z.string().check(z.maxLength(512)), name: z.optional(Name) }),
    result: Enrollment,
  },
  logout: { params: none, result: none },
  getPreferences: { params: none, result: z.array(StoredPreference) },
  /** Replaces one layer. `etag` absent = whatever is stored now. */
  setPreference: {
    params: z.strictObject({
      layer: layerWritable,
      value: RoutingPreference,
      etag: z.optional(z.string().check(z.maxLength(64))),
    }),
    result: z.strictObject({ stored: StoredPreference, saved: z.boolean() }),
  },
  previewPath: {
    params: z.strictObject({
      layers: z.strictObject({
        device: z.optional(z.nullable(RoutingPreference)),
        user: z.optional(z.nullable(RoutingPreference)),
      }),
    }),
    result: z.strictObject({ current: ResolvedPath, proposed: ResolvedPath }),
  },
  gateways: { params: none, result: z.array(GatewayRow) },
  ...profileMethods,
  ...settingsMethods,
  ...healthMethods,
  ...diagnosticsMethods,
} as const;
export type Methods = typeof methods;
export type MethodName = keyof Methods;
export type Params<M extends MethodName> = z.infer<Methods[M]["params"]>;
export type Result<M extends MethodName> = z.infer<Methods[M]["result"]>;

/** Notification after `subscribe`: the top-level fields of the snapshot that are new. */
export const Changed = z.strictObject({ sequence: z.int(), patch: z.partial(Snapshot) });
export type Changed = z.infer<typeof Changed>;
