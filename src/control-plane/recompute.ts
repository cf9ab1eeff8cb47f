/**
 * After a change: resolves exactly the paths that it can concern, numbers those that differ, and rewrites the states
 * of gateways that differ. Runs in the transaction of the change; what is to be told is returned and told after it.
 */
import type { GatewayState } from "../api/events.ts";
import { sameButForScores } from "../routing/difference.ts";
import type { ResolvedPath } from "../routing/types.ts";
import { gatewayState } from "./gateway-state.ts";
import type { Live } from "./live.ts";
import { layersOf, pathOf, revokedPath, viewOf, type NetworkView, type Scope } from "./paths.ts";
import {
  accessOf,
  findDevice,
  findNetwork,
  liveDevices,
  liveGateways,
  type DeviceRecord,
  type NetworkRecord,
} from "./store/records.ts";
import { liveManualConfigs } from "./store/manual-configs.ts";
import type { Tx } from "./store/store.ts";

export interface Surroundings {
  readonly live: Live;
  readonly lineageOf: (deviceId: string) => string;
  readonly now: Date;
}

interface StoredPath {
  readonly number: number;
  readonly path: ResolvedPath;
}

/** Resolves the devices of a scope anew. Returns the paths that got a new number, after storing them. */
export async function recomputePaths(
  tx: Tx,
  networkId: string,
  scope: Scope,
  around: Surroundings,
): Promise<ResolvedPath[]> {
  const network = await networkOf(tx, networkId);
  const devices = await devicesIn(tx, networkId, scope);
  const view = await viewOf(tx, network, subjectsOf(scope, devices));
  const stored = await storedPaths(tx, networkId, scope === "all" ? undefined : devices.map(({ id }) => id));
  const changed: ResolvedPath[] = [];
  for (const device of devices) {
    const before = stored.get(device.id);
    const path = fresh(view, device, before, around);
    if (path.epoch.number !== before?.number) changed.push(path);
  }
  await storePaths(tx, changed);
  return changed;
}

/**
 * The path of one device as it is now, with the newest scores, and whether it had to be numbered anew (it was not
 * when the device had one and nothing but scores moved).
 */
export async function currentPath(
  tx: Tx,
  device: DeviceRecord,
  around: Surroundings,
): Promise<{ path: ResolvedPath; changed: boolean }> {
  const network = await networkOf(tx, device.networkId);
  const view = await viewOf(tx, network, subjectsOf({ deviceId: device.id }, [device]));
  const before = (await storedPaths(tx, network.id, [device.id])).get(device.id);
  const path = fresh(view, device, before, around);
  const changed = path.epoch.number !== before?.number;
  if (changed) await storePaths(tx, [path]);
  return { path, changed };
}

function fresh(
  view: NetworkView,
  device: DeviceRecord,
  before: StoredPath | undefined,
  { live, lineageOf, now }: Surroundings,
): ResolvedPath {
  const lineage = lineageOf(device.id);
  const users = [{ kind: "user", workspaceId: device.workspaceId, userId: device.ownerId ?? "" } as const];
  const question = { layers: layersOf(view, device), users, current: before?.path };
  const unnumbered = device.revoked
    ? revokedPath(view, device, now)
    : pathOf(view, device, question, live, now);
  const same = { ...unnumbered, epoch: { lineage, number: before?.number ?? 1 } };
  if (before === undefined || sameButForScores(before.path, same)) return same;
  return { ...unnumbered, epoch: { lineage, number: before.number + 1 } };
}

/** Brings the states of a network's gateways up to date. Returns those that got a new version. */
export async function recomputeGateways(tx: Tx, networkId: string): Promise<GatewayState[]> {
  const network = await networkOf(tx, networkId);
  const gateways = await liveGateways(tx, networkId);
  const holders = [...(await liveDevices(tx, networkId)), ...(await liveManualConfigs(tx, networkId))];
  const access = await accessOf(
    tx,
    gateways.map(({ id }) => id),
  );
  const rows = await tx
    .selectFrom("gateway_states")
    .selectAll()
    .where("network_id", "=", networkId)
    .execute();
  const stored = new Map(rows.map((row) => [row.device_id, row]));
  const changed: GatewayState[] = [];
  for (const gateway of gateways) {
    const state = gatewayState(network, gateway, gateways, holders, access);
    const text = JSON.stringify(state);
    const before = stored.get(gateway.id);
    if (before?.state === text) continue;
    const version = (before?.version ?? 0) + 1;
    await storeState(tx, gateway, version, text);
    changed.push({ version, ...state });
  }
  return changed;
}

/**
 * The state of one gateway under a version above every version that it or the store knows: the answer to the first
 * word of a gateway after this process started, because the store may be an older one than the gateway saw.
 */
export async function renumberedState(
  tx: Tx,
  gatewayId: string,
  seen: number,
): Promise<GatewayState | undefined> {
  const row = await tx
    .selectFrom("gateway_states")
    .selectAll()
    .where("device_id", "=", gatewayId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const version = Math.max(row.version, seen) + 1;
  await tx.updateTable("gateway_states").set({ version }).where("device_id", "=", gatewayId).execute();
  return { version, ...(JSON.parse(row.state) as Omit<GatewayState, "version">) };
}

async function networkOf(tx: Tx, networkId: string): Promise<NetworkRecord> {
  const network = await findNetwork(tx, networkId);
  if (network === undefined) throw new Error(`network ${networkId} is not in the store`);
  return network;
}

async function devicesIn(tx: Tx, networkId: string, scope: Scope): Promise<DeviceRecord[]> {
  if (scope === "all") return liveDevices(tx, networkId);
  if ("deviceId" in scope) {
    const device = await findDevice(tx, scope.deviceId);
    return device?.kind === "device" ? [device] : [];
  }
  return liveDevices(tx, networkId, scope.ownerId);
}

/** Whose layers matter for the devices of a scope; undefined = everybody's. */
function subjectsOf(scope: Scope, devices: readonly DeviceRecord[]): string[] | undefined {
  if (scope === "all") return undefined;
  return [...new Set(devices.flatMap(({ id, ownerId }) => (ownerId === null ? [id] : [id, ownerId])))];
}

async function storedPaths(
  tx: Tx,
  networkId: string,
  deviceIds: readonly string[] | undefined,
): Promise<ReadonlyMap<string, StoredPath>> {
  let query = tx.selectFrom("paths").selectAll().where("network_id", "=", networkId);
  if (deviceIds !== undefined) query = query.where("device_id", "in", deviceIds);
  const rows = deviceIds?.length === 0 ? [] : await query.execute();
  return new Map(
    rows.map((row) => [row.device_id, { number: row.number, path: JSON.parse(row.path) as ResolvedPath }]),
  );
}

/** Rows of one statement: far below the number of parameters that any database takes. */
const ROWS = 500;

async function storePaths(tx: Tx, paths: readonly ResolvedPath[]): Promise<void> {
  const rows = paths.map((path) => ({
    device_id: path.deviceId,
    network_id: path.networkId,
    number: path.epoch.number,
    path: JSON.stringify(path),
  }));
  for (let start = 0; start < rows.length; start += ROWS) {
    await tx
      .insertInto("paths")
      .values(rows.slice(start, start + ROWS))
      .onConflict((conflict) =>
        conflict.column("device_id").doUpdateSet((e) => ({
          number: e.ref("excluded.number"),
          path: e.ref("excluded.path"),
        })),
      )
      .execute();
  }
}

async function storeState(tx: Tx, gateway: DeviceRecord, version: number, state: string): Promise<void> {
  await tx
    .insertInto("gateway_states")
    .values({
      device_id: gateway.id,
      network_id: gateway.networkId,
      version,
      state,
      applied_version: 0,
      healthy: 0,
    })
    .onConflict((conflict) => conflict.column("device_id").doUpdateSet({ version, state }))
    .execute();
}
