/** Configurations for plain WireGuard: issued once, listed, revoked. */
import { z } from "zod";
import { CreatedManualConfig, CreateManualConfig, ManualConfigs } from "../../api/http.ts";
import { derivePublicKey, generatePrivateKey } from "../../wireguard/keys.ts";
import { decide, type Subject } from "../access.ts";
import { userOf, type Actor } from "../actor.ts";
import { hostAddresses, takeHost } from "../addresses.ts";
import { actorOf, type App } from "../app.ts";
import { requireRoom, requireUsableKey } from "../enrolment.ts";
import { gatewayForFile } from "../file-gateway.ts";
import { manualConfigFile } from "../file-writer.ts";
import { newId } from "../ids.ts";
import { networkFor, permit, workspaceOf } from "../permit.ts";
import type { Change, Plane } from "../plane.ts";
import { conflict, invalid, unknown } from "../problem.ts";
import {
  findManualConfig,
  insertManualConfig,
  liveManualConfigs,
  manualConfigsOf,
  revokeManualConfig,
  type ManualConfigRecord,
} from "../store/manual-configs.ts";
import { manualConfigView } from "../views.ts";
import { requireUsers } from "./gateways.ts";
import { NetworkParams } from "./networks.ts";

/** Configurations in force that one person may have in a network: nobody takes all its addresses. */
const MAX_PER_OWNER = 64;

const ConfigParams = z.object({ id: z.string(), configId: z.string() });

export function manualConfigRoutes(app: App, plane: Plane): void {
  app.post(
    "/networks/:id/manual-configs",
    { schema: { params: NetworkParams, body: CreateManualConfig, response: { 201: CreatedManualConfig } } },
    async (request, reply) => {
      const actor = actorOf(request);
      const { config, file } = await plane.change((change) =>
        issue(change, actor, request.params.id, request.body),
      );
      // The file may be used at once: let its gateway know the key first.
      await plane.hub.gatewayReady(config.gatewayId);
      return reply.code(201).send({ manualConfig: manualConfigView(config), file });
    },
  );

  app.get(
    "/networks/:id/manual-configs",
    { schema: { params: NetworkParams, response: { 200: ManualConfigs } } },
    async (request) => {
      const actor = actorOf(request);
      return plane.read(async (tx) => {
        const network = await networkFor(tx, actor, "read", request.params.id);
        workspaceOf(actor, "list");
        const configs = (await manualConfigsOf(tx, network.id)).filter(
          (config) => decide(actor, "read", subjectOf(config)) === "allowed",
        );
        return { manualConfigs: configs.map(manualConfigView) };
      });
    },
  );

  app.delete(
    "/networks/:id/manual-configs/:configId",
    { schema: { params: ConfigParams } },
    async (request, reply) => {
      const actor = actorOf(request);
      await plane.change(async (change) => {
        const network = await networkFor(change.tx, actor, "read", request.params.id);
        const config = await findManualConfig(change.tx, request.params.configId);
        if (config?.networkId !== network.id) throw unknown();
        permit(actor, "write", subjectOf(config));
        if (config.revokedAt !== null) return;
        await revokeManualConfig(change.tx, config.id, change.now);
        await change.record(actor, {
          workspaceId: network.workspaceId,
          action: "manual-config.revoke",
          object: config.id,
          before: manualConfigView(config),
          after: null,
        });
        await change.gateways(network.id);
      });
      return reply.code(204).send();
    },
  );
}

function subjectOf(config: Pick<ManualConfigRecord, "workspaceId" | "networkId" | "ownerId">): Subject {
  const { workspaceId, networkId, ownerId } = config;
  return { kind: "manual-config", workspaceId, networkId, ownerId };
}

/** Makes a configuration and writes its file, whose private key exists nowhere else. */
async function issue(
  change: Change,
  actor: Actor,
  networkId: string,
  body: z.infer<typeof CreateManualConfig>,
): Promise<{ config: ManualConfigRecord; file: string }> {
  const { tx } = change;
  const network = await networkFor(tx, actor, "read", networkId);
  const { workspaceId } = network;
  const ownerId = body.userId ?? userOf(actor);
  if (ownerId === null) {
    const message = "Say whose configuration it is: userId of a user of this workspace.";
    throw invalid([{ pointer: "/userId", code: "required", message }]);
  }
  permit(actor, "create", subjectOf({ workspaceId, networkId: network.id, ownerId }));
  await requireUsers(tx, workspaceId, [ownerId], () => "/userId");
  await requireRoom(tx, network, "device");
  if ((await liveManualConfigs(tx, network.id, ownerId)).length >= MAX_PER_OWNER)
    throw conflict(
      "too_many_configs",
      `One person can have ${MAX_PER_OWNER} manual configurations in a network. Revoke those that are not used any more.`,
    );

  const owner = { kind: "user", workspaceId, userId: ownerId } as const;
  const gateway = await gatewayForFile(change, network, owner, body.trafficMode, body.gatewayDeviceId);
  const privateKey = body.publicKey === undefined ? generatePrivateKey() : undefined;
  const publicKey = privateKey === undefined ? (body.publicKey ?? "") : derivePublicKey(privateKey);
  await requireUsableKey(tx, network.id, publicKey);
  const host = await takeHost(tx, network);
  const config: ManualConfigRecord = {
    id: newId("cfg"),
    workspaceId,
    networkId: network.id,
    ownerId,
    name: body.name,
    publicKey,
    addresses: hostAddresses(network.overlayPrefixes, host),
    trafficMode: body.trafficMode,
    gatewayId: gateway.id,
    createdAt: change.now.toISOString(),
    revokedAt: null,
  };
  const file = manualConfigFile({
    ...config,
    privateKey,
    privatePrefixes: network.privatePrefixes,
    dns: network.dns,
    mtu: network.mtu,
    gateway: { ...gateway, endpoint: gateway.endpoint ?? "" },
  });
  await insertManualConfig(tx, config, host);
  await change.record(actor, {
    workspaceId,
    action: "manual-config.create",
    object: config.id,
    before: null,
    after: manualConfigView(config),
  });
  await change.gateways(network.id);
  return { config, file };
}
