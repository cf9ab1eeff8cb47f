/** `/networks`: creating and reading them, and what lies behind them. */
import { z } from "zod";
import { CreateNetwork, Network, Networks, PrivatePrefixes } from "../../api/http.ts";
import { decide } from "../access.ts";
import { actorOf, type App } from "../app.ts";
import { etagOf, requireMatch } from "../etag.ts";
import { newId } from "../ids.ts";
import { networkFor, workspaceOf } from "../permit.ts";
import {
  addressIn,
  checkDnsServers,
  checkMatchDomains,
  checkOverlayPrefixes,
  checkPrivatePrefixes,
  covers,
  type Claim,
} from "../prefixes.ts";
import type { Plane } from "../plane.ts";
import { conflict, invalid, type Fault } from "../problem.ts";
import { liveGateways, networksOf, type DeviceRecord, type NetworkRecord } from "../store/records.ts";
import { networkView } from "../views.ts";

export const NetworkParams = z.object({ id: z.string() });

export function networkRoutes(app: App, plane: Plane): void {
  app.post(
    "/networks",
    { schema: { body: CreateNetwork, response: { 201: Network } } },
    async (request, reply) => {
      const actor = actorOf(request);
      const workspaceId = workspaceOf(actor, "create");
      const network = await plane.change(async (change) => {
        const others = await networksOf(change.tx, workspaceId);
        const { mtu, ...body } = request.body;
        const network: NetworkRecord = {
          id: newId("net"),
          workspaceId,
          mtu: mtu ?? null,
          version: 1,
          ...body,
        };
        if (others.some((other) => other.name === network.name))
          throw conflict("name_taken", `There is a network ${network.name} already. Choose another name.`);
        const faults = [
          ...checkOverlayPrefixes(network.overlayPrefixes, claimsOf(others)),
          ...checkReach(network, others, []),
        ];
        if (faults.length > 0) throw invalid(faults);
        await change.tx
          .insertInto("networks")
          .values({
            id: network.id,
            workspace_id: workspaceId,
            name: network.name,
            overlay_prefixes: JSON.stringify(network.overlayPrefixes),
            private_prefixes: JSON.stringify(network.privatePrefixes),
            dns: JSON.stringify(network.dns),
            preferences_writable_by: network.preferencesWritableBy,
            private_routing: network.privateRouting,
            mtu: network.mtu,
            version: network.version,
          })
          .execute();
        await change.record(actor, {
          workspaceId,
          action: "network.create",
          object: network.id,
          before: null,
          after: networkView(network),
        });
        return network;
      });
      return reply.code(201).header("etag", etagOf(network.version)).send(networkView(network));
    },
  );

  app.get("/networks", { schema: { response: { 200: Networks } } }, async (request) => {
    const actor = actorOf(request);
    const workspaceId = workspaceOf(actor, "list");
    const networks = await plane.read((tx) => networksOf(tx, workspaceId));
    const readable = networks.filter(
      ({ id: networkId }) => decide(actor, "read", { kind: "network", workspaceId, networkId }) === "allowed",
    );
    return { networks: readable.map(networkView) };
  });

  app.get(
    "/networks/:id",
    { schema: { params: NetworkParams, response: { 200: Network } } },
    async (request, reply) => {
      const network = await plane.read((tx) => networkFor(tx, actorOf(request), "read", request.params.id));
      return reply.header("etag", etagOf(network.version)).send(networkView(network));
    },
  );

  app.put(
    "/networks/:id/private-prefixes",
    { schema: { params: NetworkParams, body: PrivatePrefixes, response: { 200: Network } } },
    async (request, reply) => {
      const actor = actorOf(request);
      const network = await plane.change(async (change) => {
        const { tx } = change;
        const before = await networkFor(tx, actor, "administer", request.params.id);
        requireMatch(request.headers["if-match"], etagOf(before.version));
        const { privatePrefixes, dns = before.dns } = request.body;
        const after = { ...before, privatePrefixes, dns, version: before.version + 1 };
        const others = (await networksOf(tx, before.workspaceId)).filter(({ id }) => id !== before.id);
        const faults = checkReach(after, others, await liveGateways(tx, before.id));
        if (faults.length > 0) throw invalid(faults);
        await tx
          .updateTable("networks")
          .set({
            private_prefixes: JSON.stringify(privatePrefixes),
            dns: JSON.stringify(dns),
            version: after.version,
          })
          .where("id", "=", before.id)
          .execute();
        await change.record(actor, {
          workspaceId: before.workspaceId,
          action: "network.private-prefixes.set",
          object: before.id,
          before: { privatePrefixes: before.privatePrefixes, dns: before.dns },
          after: { privatePrefixes, dns },
        });
        await change.gateways(before.id);
        await change.paths(before.id, "all");
        return after;
      });
      return reply.header("etag", etagOf(network.version)).send(networkView(network));
    },
  );
}

/** What networks have taken: overlays and private prefixes. */
export function claimsOf(networks: readonly NetworkRecord[]): Claim[] {
  return networks.flatMap(({ name, overlayPrefixes, privatePrefixes }) => [
    { owner: `the overlay of network ${name}`, prefixes: overlayPrefixes },
    { owner: `the private prefixes of network ${name}`, prefixes: privatePrefixes },
  ]);
}

/** Faults of what a network makes reachable: its private prefixes, its resolvers and names, its gateways' own endpoints. */
function checkReach(
  network: NetworkRecord,
  others: readonly NetworkRecord[],
  gateways: readonly DeviceRecord[],
): Fault[] {
  const own = { owner: "this network's overlay", prefixes: network.overlayPrefixes };
  const faults = checkPrivatePrefixes(network.privatePrefixes, [own, ...claimsOf(others)]);
  if (faults.length > 0) return faults;
  const swallowed = network.privatePrefixes.flatMap((prefix, index): Fault[] => {
    const gateway = gateways.find(({ endpoint }) => {
      const address = endpoint === null ? null : addressIn(endpoint);
      return address !== null && covers([prefix], address);
    });
    if (gateway === undefined) return [];
    return [
      {
        pointer: `/privatePrefixes/${index}`,
        code: "covers_endpoint",
        message: `${prefix} covers the endpoint of gateway ${gateway.name} (${gateway.endpoint ?? ""}), so that the tunnel would have to run inside itself. Leave that address out.`,
      },
    ];
  });
  const reachable = [...network.privatePrefixes, ...network.overlayPrefixes];
  return [
    ...swallowed,
    ...checkDnsServers(network.dns.servers, reachable),
    ...checkMatchDomains(network.dns.matchDomains),
  ];
}
