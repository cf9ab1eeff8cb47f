/** Gateways of a network as the caller may use them, and who may use which. */
import { z } from "zod";
import { GatewayAccess, Gateways } from "../../api/http.ts";
import { candidateSentence } from "../../routing/explain.ts";
import { judge } from "../../routing/judge.ts";
import type { End } from "../../routing/types.ts";
import type { Actor } from "../actor.ts";
import type { Action } from "../access.ts";
import { actorOf, type App } from "../app.ts";
import { actingUserOf, candidateOf } from "../candidates.ts";
import { etagOf, requireMatch } from "../etag.ts";
import { deviceFor, networkFor, requireLive } from "../permit.ts";
import type { Plane } from "../plane.ts";
import { forbidden, invalid, unknown } from "../problem.ts";
import { accessOf, liveGateways, type DeviceRecord } from "../store/records.ts";
import type { Tx } from "../store/store.ts";
import { NetworkParams } from "./networks.ts";

const GatewayParams = z.object({ id: z.string(), deviceId: z.string() });
const ENDS: readonly End[] = ["ingress", "egress"];

export function gatewayRoutes(app: App, plane: Plane): void {
  app.get(
    "/networks/:id/gateways",
    { schema: { params: NetworkParams, response: { 200: Gateways } } },
    async (request) => {
      const actor = actorOf(request);
      return plane.read(async (tx) => {
        const network = await networkFor(tx, actor, "read", request.params.id);
        const user = actingUserOf(actor);
        if (user === null) throw forbidden();
        const found = await liveGateways(tx, network.id);
        const access = await accessOf(
          tx,
          found.map(({ id }) => id),
        );
        const measuredBy = actor.kind === "device" ? actor.deviceId : null;
        const gateways = found.map((gateway) => {
          const candidate = candidateOf(gateway, network.id, [user], access, plane.live, measuredBy);
          const { healthy, load, roundTripMs } = candidate;
          return {
            deviceId: gateway.id,
            name: gateway.name,
            region: gateway.region ?? "",
            roles: [...gateway.roles],
            healthy,
            load,
            ...(roundTripMs === undefined ? {} : { roundTripMs }),
            ends: ENDS.map((end) => {
              const codes = judge(candidate, end);
              const reasons = codes.map((code) => ({
                code,
                message: candidateSentence(code, gateway.name, end),
              }));
              return { end, eligible: codes.length === 0, reasons };
            }),
          };
        });
        return { gateways };
      });
    },
  );

  app.get(
    "/networks/:id/gateways/:deviceId/access",
    { schema: { params: GatewayParams, response: { 200: GatewayAccess } } },
    async (request, reply) => {
      const stored = await plane.read(async (tx) => {
        const gateway = await gatewayFor(tx, actorOf(request), "administer", request.params);
        return (await accessOf(tx, [gateway.id])).get(gateway.id);
      });
      const { value, version } = stored ?? { value: [], version: 0 };
      return reply.header("etag", etagOf(version)).send({ allow: value === "everyone" ? value : [...value] });
    },
  );

  app.put(
    "/networks/:id/gateways/:deviceId/access",
    { schema: { params: GatewayParams, body: GatewayAccess, response: { 200: GatewayAccess } } },
    async (request, reply) => {
      const actor = actorOf(request);
      const { allow } = request.body;
      const version = await plane.change(async (change) => {
        const { tx } = change;
        const gateway = await gatewayFor(tx, actor, "administer", request.params);
        requireLive(gateway);
        const before = (await accessOf(tx, [gateway.id])).get(gateway.id) ?? { value: [], version: 0 };
        requireMatch(request.headers["if-match"], etagOf(before.version));
        if (allow !== "everyone") await requireUsers(tx, gateway.workspaceId, allow);
        const stored = { allow: JSON.stringify(allow), version: before.version + 1 };
        await tx
          .insertInto("gateway_access")
          .values({ gateway_id: gateway.id, ...stored })
          .onConflict((conflict) => conflict.column("gateway_id").doUpdateSet(stored))
          .execute();
        await change.record(actor, {
          workspaceId: gateway.workspaceId,
          action: "gateway.access.set",
          object: gateway.id,
          before: before.value,
          after: allow,
        });
        await change.gateways(gateway.networkId);
        await change.paths(gateway.networkId, "all");
        return stored.version;
      });
      return reply.header("etag", etagOf(version)).send({ allow });
    },
  );
}

/** The gateway, found through its network: a gateway of another network is unknown here. */
async function gatewayFor(
  tx: Tx,
  actor: Actor,
  action: Action,
  params: z.infer<typeof GatewayParams>,
): Promise<DeviceRecord> {
  const network = await networkFor(tx, actor, action, params.id);
  const { device } = await deviceFor(tx, actor, action, params.deviceId);
  if (device.kind !== "gateway" || device.networkId !== network.id) throw unknown();
  return device;
}

/** Throws 422 for every id that is no user of the workspace, foreign ones included. */
export async function requireUsers(
  tx: Tx,
  workspaceId: string,
  ids: readonly string[],
  pointer = (index: number) => `/allow/${index}`,
): Promise<void> {
  if (ids.length === 0) return;
  const rows = await tx
    .selectFrom("users")
    .select("id")
    .where("workspace_id", "=", workspaceId)
    .where("id", "in", ids)
    .execute();
  const known = new Set(rows.map(({ id }) => id));
  const faults = ids.flatMap((id, index) =>
    known.has(id)
      ? []
      : [{ pointer: pointer(index), code: "unknown_user", message: `${id} is no user of this workspace.` }],
  );
  if (faults.length > 0) throw invalid(faults);
}
