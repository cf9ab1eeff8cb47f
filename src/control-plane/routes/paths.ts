/** A device's resolved path, and what it would be under other layers. */
import { z } from "zod";
import { Preview, Previewed } from "../../api/http.ts";
import { ResolvedPath } from "../../routing/schema.ts";
import type { PolicyLayers } from "../../routing/types.ts";
import { actorOf, type App } from "../app.ts";
import { actingUserOf } from "../candidates.ts";
import { etagOf } from "../etag.ts";
import { layersOf, pathOf, strangersIn, viewOf } from "../paths.ts";
import { clientFor, permit } from "../permit.ts";
import type { Plane } from "../plane.ts";
import { forbidden } from "../problem.ts";
import { wirePath } from "../views.ts";

const DeviceParams = z.object({ id: z.string() });

export function pathRoutes(app: App, plane: Plane): void {
  app.get(
    "/devices/:id/resolved-path",
    { schema: { params: DeviceParams, response: { 200: ResolvedPath } } },
    async (request, reply) => {
      const path = await plane.change(async (change) => {
        const { device } = await clientFor(change.tx, actorOf(request), "use", request.params.id);
        return change.pathOf(device);
      });
      return reply.header("etag", etagOf(`${path.epoch.lineage}.${path.epoch.number}`)).send(wirePath(path));
    },
  );

  app.post(
    "/devices/:id/resolved-path/preview",
    { schema: { params: DeviceParams, body: Preview, response: { 200: Previewed } } },
    async (request) => {
      const actor = actorOf(request);
      const asked = request.body.layers;
      return plane.change(async (change) => {
        const { tx } = change;
        const { device, network } = await clientFor(tx, actor, "use", request.params.id);
        const { workspaceId } = network;
        if (asked.network !== undefined)
          permit(actor, "administer", { kind: "network", workspaceId, networkId: network.id });
        const acting = actingUserOf(actor);
        if (acting === null) throw forbidden();
        const current = await change.pathOf(device);
        if (device.revoked) return { current: wirePath(current), proposed: wirePath(current) };
        const view = await viewOf(tx, network, [device.id, device.ownerId ?? ""]);
        const stored = layersOf(view, device);
        const layers: PolicyLayers = {
          device: asked.device === undefined ? stored.device : (asked.device ?? {}),
          user: asked.user === undefined ? stored.user : (asked.user ?? {}),
          network: asked.network === undefined ? stored.network : (asked.network ?? {}),
        };
        const owner = { kind: "user", workspaceId, userId: device.ownerId ?? "" } as const;
        const strangers = await strangersIn(tx, view, [layers.device, layers.user, layers.network]);
        const proposed = pathOf(
          view,
          device,
          { layers, users: [acting, owner], strangers, current },
          plane.live,
          change.now,
        );
        return {
          current: wirePath(current),
          proposed: wirePath({ ...proposed, epoch: current.epoch }),
        };
      });
    },
  );
}
