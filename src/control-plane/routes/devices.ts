/** `/devices`: listing, node roles, key rotation, removal. */
import { z } from "zod";
import { Device, Devices, Roles, RotateKey } from "../../api/http.ts";
import { decide } from "../access.ts";
import { actorOf, type App } from "../app.ts";
import { subjectOf } from "../candidates.ts";
import { etagOf, requireMatch } from "../etag.ts";
import { requireUsableKey } from "../enrolment.ts";
import { deviceFor, requireLive, workspaceOf } from "../permit.ts";
import type { Plane } from "../plane.ts";
import { invalid } from "../problem.ts";
import { devicesOf, networksOf, type DeviceRecord } from "../store/records.ts";
import { revokeTokens } from "../tokens.ts";
import { deviceView } from "../views.ts";

const DeviceParams = z.object({ id: z.string() });

export function deviceRoutes(app: App, plane: Plane): void {
  app.get("/devices", { schema: { response: { 200: Devices } } }, async (request) => {
    const actor = actorOf(request);
    const workspaceId = workspaceOf(actor, "list");
    const { all, networks } = await plane.read(async (tx) => ({
      all: await devicesOf(tx, workspaceId),
      networks: await networksOf(tx, workspaceId),
    }));
    const networkById = new Map(networks.map((network) => [network.id, network]));
    const devices = all.filter((device) => {
      const network = networkById.get(device.networkId);
      return network !== undefined && decide(actor, "read", subjectOf(device, network)) === "allowed";
    });
    return { devices: devices.map(deviceView) };
  });

  app.get(
    "/devices/:id",
    { schema: { params: DeviceParams, response: { 200: Device } } },
    async (request, reply) => {
      const { device } = await plane.read((tx) => deviceFor(tx, actorOf(request), "read", request.params.id));
      return reply.header("etag", etagOf(device.version)).send(deviceView(device));
    },
  );

  app.put(
    "/devices/:id/roles",
    { schema: { params: DeviceParams, body: Roles, response: { 200: Device } } },
    async (request, reply) => {
      const actor = actorOf(request);
      const after = await plane.change(async (change) => {
        const { device } = await deviceFor(change.tx, actor, "administer", request.params.id);
        requireLive(device);
        requireMatch(request.headers["if-match"], etagOf(device.version));
        if (device.kind !== "gateway") {
          const message = `${device.name} is somebody's device. Only what was enrolled as a gateway, with an endpoint, can have a role.`;
          throw invalid([{ pointer: "/roles", code: "not_a_gateway", message }]);
        }
        const after: DeviceRecord = {
          ...device,
          roles: [...new Set(request.body.roles)].sort(),
          version: device.version + 1,
        };
        await change.tx
          .updateTable("devices")
          .set({ roles: JSON.stringify(after.roles), version: after.version })
          .where("id", "=", device.id)
          .execute();
        await change.record(actor, {
          workspaceId: device.workspaceId,
          action: "device.roles.set",
          object: device.id,
          before: device.roles,
          after: after.roles,
        });
        await change.gateways(device.networkId);
        await change.paths(device.networkId, "all");
        return after;
      });
      return reply.header("etag", etagOf(after.version)).send(deviceView(after));
    },
  );

  app.post(
    "/devices/:id/key-rotation",
    { schema: { params: DeviceParams, body: RotateKey, response: { 200: Device } } },
    async (request, reply) => {
      const actor = actorOf(request);
      const { publicKey } = request.body;
      const { after, path } = await plane.change(async (change) => {
        const { device } = await deviceFor(change.tx, actor, "use", request.params.id);
        requireLive(device);
        await requireUsableKey(change.tx, device.networkId, publicKey);
        const after = { ...device, publicKey, version: device.version + 1 };
        await change.tx
          .updateTable("devices")
          .set({ public_key: publicKey, version: after.version })
          .where("id", "=", device.id)
          .execute();
        await change.record(actor, {
          workspaceId: device.workspaceId,
          action: "device.key.rotate",
          object: device.id,
          before: { publicKey: device.publicKey },
          after: { publicKey },
        });
        await change.gateways(device.networkId);
        if (device.kind === "gateway") await change.paths(device.networkId, "all");
        return { after, path: device.kind === "device" ? await change.pathOf(device) : null };
      });
      // The device may use its new key from the answer on: let its gateways know the key first.
      if (path !== null) await plane.hub.gatewaysReady(path);
      return reply.header("etag", etagOf(after.version)).send(deviceView(after));
    },
  );

  app.delete("/devices/:id", { schema: { params: DeviceParams } }, async (request, reply) => {
    const actor = actorOf(request);
    await plane.change(async (change) => {
      const { tx, now } = change;
      const { device } = await deviceFor(tx, actor, "use", request.params.id);
      if (device.revoked) return;
      await tx
        .updateTable("devices")
        .set({ revoked_at: now.toISOString(), version: device.version + 1 })
        .where("id", "=", device.id)
        .execute();
      await revokeTokens(tx, { subjectId: device.id }, now);
      await change.record(actor, {
        workspaceId: device.workspaceId,
        action: "device.remove",
        object: device.id,
        before: deviceView(device),
        after: null,
      });
      await change.gateways(device.networkId);
      if (device.kind === "gateway") await change.paths(device.networkId, "all");
      const own = "deviceId" in actor && actor.deviceId === device.id;
      const reason = own ? "This device was logged out." : "This device was revoked.";
      change.afterwards(() => {
        plane.live.forget(device.id);
        plane.hub.revoke(device.id, reason);
      });
    });
    return reply.code(204).send();
  });
}
