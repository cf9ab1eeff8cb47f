/** The three written policy layers: the routing model's own surfaces. */
import { z } from "zod";
import { RoutingPreference } from "../../routing/schema.ts";
import type * as model from "../../routing/types.ts";
import { validateSelection } from "../../routing/validate-pin.ts";
import { userOf, type Actor } from "../actor.ts";
import type { Action } from "../access.ts";
import { actorOf, type App } from "../app.ts";
import { actingUserOf, candidateOf, pinnedIn } from "../candidates.ts";
import { etagOf, requireMatch } from "../etag.ts";
import type { Scope } from "../paths.ts";
import { clientFor, networkFor, permit, requireLive } from "../permit.ts";
import type { Change, Plane } from "../plane.ts";
import { forbidden, invalid, unknown } from "../problem.ts";
import {
  accessOf,
  findDevice,
  findNetwork,
  readPreference,
  writePreference,
  type PreferenceKey,
} from "../store/records.ts";
import type { Tx } from "../store/store.ts";
import { NetworkParams } from "./networks.ts";

/** One layer of somebody, after access was decided. */
interface Place {
  readonly key: PreferenceKey;
  readonly workspaceId: string;
  /** Whose paths a change concerns. */
  readonly scope: Scope;
}

type Locate<Params> = (tx: Tx, actor: Actor, action: Action, params: Params) => Promise<Place>;

const DeviceParams = z.object({ id: z.string() });
const UserParams = z.object({ id: z.string(), userId: z.string() });

export function preferenceRoutes(app: App, plane: Plane): void {
  const surface = <Params>(url: string, params: z.ZodType<Params>, locate: Locate<Params>): void => {
    app.get(url, { schema: { params, response: { 200: RoutingPreference } } }, async (request, reply) => {
      const stored = await plane.read(async (tx) => {
        const place = await locate(tx, actorOf(request), "read", params.parse(request.params));
        return readPreference(tx, place.key);
      });
      return reply.header("etag", etagOf(stored.version)).send(stored.value);
    });
    app.put(
      url,
      { schema: { params, body: RoutingPreference, response: { 200: RoutingPreference } } },
      async (request, reply) => {
        const actor = actorOf(request);
        const version = await plane.change(async (change) => {
          const place = await locate(change.tx, actor, "write", params.parse(request.params));
          return replace(change, actor, place, request.body, request.headers["if-match"]);
        });
        return reply.header("etag", etagOf(version)).send(request.body);
      },
    );
  };

  surface("/networks/:id/routing-policy", NetworkParams, async (tx, actor, action, { id }) => {
    const network = await networkFor(tx, actor, action, id);
    const key = { layer: "network", networkId: network.id, subjectId: network.id } as const;
    return { key, workspaceId: network.workspaceId, scope: "all" };
  });

  surface("/devices/:id/routing-preference", DeviceParams, async (tx, actor, action, { id }) => {
    const { device } = await clientFor(tx, actor, action, id);
    if (action === "write") requireLive(device);
    const key = { layer: "device", networkId: device.networkId, subjectId: device.id } as const;
    return { key, workspaceId: device.workspaceId, scope: { deviceId: device.id } };
  });

  surface("/networks/:id/users/:userId/routing-preference", UserParams, async (tx, actor, action, params) => {
    const network = await findNetwork(tx, params.id);
    const userId = params.userId === "me" ? userOf(actor) : params.userId;
    if (network === undefined || userId === null) throw unknown();
    const { workspaceId, id: networkId, preferencesWritableBy: writableBy } = network;
    permit(actor, action, { kind: "user-preference", workspaceId, networkId, userId, writableBy });
    const user = await tx
      .selectFrom("users")
      .select("id")
      .where("id", "=", userId)
      .where("workspace_id", "=", workspaceId)
      .executeTakeFirst();
    if (user === undefined) throw unknown();
    return { key: { layer: "user", networkId, subjectId: userId }, workspaceId, scope: { ownerId: userId } };
  });
}

/** Replaces one layer: precondition, pins, store, audit, paths. Returns the new version. */
async function replace(
  change: Change,
  actor: Actor,
  { key, workspaceId, scope }: Place,
  value: model.RoutingPreference,
  ifMatch: string | undefined,
): Promise<number> {
  const before = await readPreference(change.tx, key);
  requireMatch(ifMatch, etagOf(before.version));
  await requireAllowedPins(change, actor, key.networkId, value);
  const version = before.version + 1;
  await writePreference(change.tx, key, value, version);
  const action = key.layer === "network" ? "network.policy.set" : `${key.layer}.preference.set`;
  await change.record(actor, {
    workspaceId,
    action,
    object: key.subjectId,
    before: before.value,
    after: value,
  });
  await change.paths(key.networkId, scope);
  return version;
}

/** Throws 422 with a fault per pin that breaks a rule for the acting user. */
async function requireAllowedPins(
  { tx, live }: Change,
  actor: Actor,
  networkId: string,
  { selection }: model.RoutingPreference,
): Promise<void> {
  if (selection === undefined) return;
  const user = actingUserOf(actor);
  if (user === null) throw forbidden();
  const ids = pinnedIn(selection);
  const access = await accessOf(tx, ids);
  const candidates = new Map<string, model.GatewayCandidate>();
  for (const id of ids) {
    const device = await findDevice(tx, id);
    if (device !== undefined && !device.revoked)
      candidates.set(id, candidateOf(device, networkId, [user], access, live, null));
  }
  const faults = validateSelection(selection, candidates);
  if (faults.length > 0) throw invalid(faults);
}
