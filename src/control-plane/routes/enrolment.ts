/** Enrolment keys and what they are exchanged for. */
import {
  CreatedEnrollmentKey,
  CreateEnrollmentKey,
  Enroll,
  Enrolled,
  EnrollmentKeys,
} from "../../api/http.ts";
import { formatEnrollmentLink } from "../../api/link.ts";
import { actorOf, type App } from "../app.ts";
import { enrol, requireFreeGatewayName, type GatewayPlan } from "../enrolment.ts";
import { newId } from "../ids.ts";
import { networkFor } from "../permit.ts";
import { addressIn, covers, isUnroutable } from "../prefixes.ts";
import type { Plane } from "../plane.ts";
import { invalid, type Fault } from "../problem.ts";
import { liveGateways, type DeviceRecord, type NetworkRecord } from "../store/records.ts";
import { hashSecret, newSecret } from "../tokens.ts";
import { requireUsers } from "./gateways.ts";
import { NetworkParams } from "./networks.ts";
import { wirePath } from "../views.ts";

/** `perMinute`: enrolments from one address. */
export function enrolmentRoutes(app: App, plane: Plane, perMinute: number): void {
  app.post(
    "/networks/:id/enrollment-keys",
    { schema: { params: NetworkParams, body: CreateEnrollmentKey, response: { 201: CreatedEnrollmentKey } } },
    async (request, reply) => {
      const actor = actorOf(request);
      const { body } = request;
      const created = await plane.change(async (change) => {
        const { tx, now } = change;
        const network = await networkFor(tx, actor, "administer", request.params.id);
        const plan = body.for === "gateway" ? planOf(body) : null;
        if (plan !== null) {
          await requireFreeGatewayName(tx, network.id, plan.name);
          const faults = checkEndpoint(plan, network, await liveGateways(tx, network.id));
          if (faults.length > 0) throw invalid(faults);
        }
        const userId = body.for === "device" ? body.userId : null;
        if (userId !== null) await requireUsers(tx, network.workspaceId, [userId], () => "/userId");
        const key = newSecret("nanami_key");
        const id = newId("key");
        const expiresAt = new Date(now.getTime() + body.lifetime * 1000).toISOString();
        await tx
          .insertInto("enrollment_keys")
          .values({
            id,
            hash: hashSecret(key),
            network_id: network.id,
            for: body.for,
            user_id: userId,
            gateway: plan === null ? null : JSON.stringify(plan),
            expires_at: expiresAt,
            used_at: null,
          })
          .execute();
        await change.record(actor, {
          workspaceId: network.workspaceId,
          action: "enrollment-key.create",
          object: id,
          before: null,
          after: { networkId: network.id, for: body.for, userId, gateway: plan, expiresAt },
        });
        const link = formatEnrollmentLink({ host: plane.publicHost(), pin: plane.pin, key });
        return { id, key, link, expiresAt };
      });
      return reply.code(201).send(created);
    },
  );

  app.get(
    "/networks/:id/enrollment-keys",
    { schema: { params: NetworkParams, response: { 200: EnrollmentKeys } } },
    async (request) =>
      plane.read(async (tx) => {
        const network = await networkFor(tx, actorOf(request), "administer", request.params.id);
        const rows = await tx
          .selectFrom("enrollment_keys")
          .selectAll()
          .where("network_id", "=", network.id)
          .orderBy("expires_at", "desc")
          .limit(1000)
          .execute();
        const enrollmentKeys = rows.map((row) => ({
          id: row.id,
          for: row.for,
          userId: row.user_id,
          expiresAt: row.expires_at,
          usedAt: row.used_at,
        }));
        return { enrollmentKeys };
      }),
  );

  app.post(
    "/enrollments",
    {
      config: { open: true, rateLimit: { max: perMinute, timeWindow: "1 minute" } },
      schema: { body: Enroll, response: { 201: Enrolled } },
    },
    async (request, reply) => {
      const { enrolment, path, workspaceName } = await plane.change(async (change) => {
        const enrolment = await enrol(change, request.body);
        const { device, network } = enrolment;
        const workspace = await change.tx
          .selectFrom("workspaces")
          .select("name")
          .where("id", "=", network.workspaceId)
          .executeTakeFirstOrThrow();
        const path = device.kind === "device" ? await change.pathOf(device) : null;
        return { enrolment, path, workspaceName: workspace.name };
      });
      // The first path is used at once: let its gateways know the device first.
      if (path !== null) await plane.hub.gatewaysReady(path);
      return reply.code(201).send({
        deviceId: enrolment.device.id,
        networkId: enrolment.network.id,
        workspaceName,
        networkName: enrolment.network.name,
        token: enrolment.token,
        ...(path === null ? {} : { path: wirePath(path) }),
      });
    },
  );
}

function planOf(body: GatewayPlan): GatewayPlan {
  const { name, region, roles, endpoint, publicAddresses } = body;
  return { name, region, roles, endpoint, ...(publicAddresses === undefined ? {} : { publicAddresses }) };
}

/** An endpoint has to be outside every tunnel, reachable, and one gateway's alone. */
function checkEndpoint(
  plan: GatewayPlan,
  network: NetworkRecord,
  gateways: readonly DeviceRecord[],
): Fault[] {
  const fault = (code: string, message: string): Fault[] => [{ pointer: "/endpoint", code, message }];
  const { endpoint } = plan;
  if (Number(endpoint.slice(endpoint.lastIndexOf(":") + 1)) > 65535)
    return fault("invalid_port", `${endpoint} has no UDP port: it ends at 65535.`);
  const taken = gateways.find((gateway) => gateway.endpoint === endpoint);
  if (taken !== undefined)
    return fault("endpoint_in_use", `${endpoint} is the endpoint of gateway ${taken.name}.`);
  const address = addressIn(endpoint);
  // A gateway forwards to the others by address alone: its firewall names what may leave it.
  if (address === null)
    return fault(
      "name_not_address",
      `${endpoint} names a host. Gateways reach each other by address and look no names up: give the public address and UDP port instead.`,
    );
  if (isUnroutable(address)) {
    return fault(
      "unroutable",
      `${endpoint} cannot be reached by devices (loopback, link-local, multicast or reserved). Give the address that devices see.`,
    );
  }
  if (covers([...network.overlayPrefixes, ...network.privatePrefixes], address)) {
    return fault(
      "inside_tunnel",
      `${endpoint} is inside the network's own prefixes, so that the tunnel would have to run inside itself. Give the address outside.`,
    );
  }
  return [];
}
