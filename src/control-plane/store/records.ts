/** Rows as the rest of the room uses them: JSON columns parsed, `1` as true. */
import type { Selectable } from "kysely";
import type { z } from "zod";
import type { Dns } from "../../api/http.ts";
import type { NodeRole, RoutingPreference } from "../../routing/types.ts";
import type { Devices, Networks } from "./schema.ts";
import type { Tx } from "./store.ts";

export interface NetworkRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly overlayPrefixes: readonly string[];
  readonly privatePrefixes: readonly string[];
  readonly dns: z.infer<typeof Dns>;
  readonly preferencesWritableBy: "members" | "operators";
  readonly privateRouting: "masquerade" | "routed";
  readonly mtu: number | null;
  readonly version: number;
}

export interface DeviceRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly networkId: string;
  readonly kind: "device" | "gateway";
  readonly name: string;
  readonly ownerId: string | null;
  readonly publicKey: string;
  readonly addresses: readonly string[];
  readonly roles: readonly NodeRole[];
  readonly region: string | null;
  readonly endpoint: string | null;
  readonly publicAddresses: readonly string[];
  readonly version: number;
  readonly revoked: boolean;
}

/** Whose key a gateway holds: a device or a manual configuration. */
export type PeerRecord = Pick<
  DeviceRecord,
  "id" | "workspaceId" | "networkId" | "name" | "ownerId" | "publicKey" | "addresses"
>;

/** Who may use a gateway. A gateway nobody decided about may be used by no one. */
export type Allow = "everyone" | readonly string[];

export interface Versioned<T> {
  readonly value: T;
  /** 0 = never set. */
  readonly version: number;
}

export interface PreferenceKey {
  readonly layer: "device" | "user" | "network";
  readonly networkId: string;
  readonly subjectId: string;
}

export function networkRecord(row: Selectable<Networks>): NetworkRecord {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    name: row.name,
    overlayPrefixes: JSON.parse(row.overlay_prefixes) as string[],
    privatePrefixes: JSON.parse(row.private_prefixes) as string[],
    dns: JSON.parse(row.dns) as z.infer<typeof Dns>,
    preferencesWritableBy: row.preferences_writable_by,
    privateRouting: row.private_routing,
    mtu: row.mtu,
    version: row.version,
  };
}

function deviceRecord(row: Selectable<Devices> & Pick<DeviceRecord, "kind">): DeviceRecord {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    networkId: row.network_id,
    kind: row.kind,
    name: row.name,
    ownerId: row.owner_id,
    publicKey: row.public_key,
    addresses: JSON.parse(row.addresses) as string[],
    roles: JSON.parse(row.roles) as NodeRole[],
    region: row.region,
    endpoint: row.endpoint,
    publicAddresses: JSON.parse(row.public_addresses) as string[],
    version: row.version,
    revoked: row.revoked_at !== null,
  };
}

export async function findNetwork(tx: Tx, id: string): Promise<NetworkRecord | undefined> {
  const row = await tx.selectFrom("networks").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : networkRecord(row);
}

export async function networksOf(tx: Tx, workspaceId: string): Promise<NetworkRecord[]> {
  const rows = await tx
    .selectFrom("networks")
    .selectAll()
    .where("workspace_id", "=", workspaceId)
    .orderBy("name")
    .execute();
  return rows.map(networkRecord);
}

/** Devices and gateways; a manual configuration is neither. */
function selectDevices(tx: Tx) {
  return tx
    .selectFrom("devices")
    .selectAll()
    .where("kind", "!=", "manual")
    .$narrowType<Pick<DeviceRecord, "kind">>();
}

export async function findDevice(tx: Tx, id: string): Promise<DeviceRecord | undefined> {
  const row = await selectDevices(tx).where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : deviceRecord(row);
}

/** Devices and gateways of a workspace, revoked ones included, by name. */
export async function devicesOf(tx: Tx, workspaceId: string): Promise<DeviceRecord[]> {
  const rows = await selectDevices(tx).where("workspace_id", "=", workspaceId).orderBy("name").execute();
  return rows.map(deviceRecord);
}

/** Gateways of a network that were not revoked, by name. */
export async function liveGateways(tx: Tx, networkId: string): Promise<DeviceRecord[]> {
  const rows = await selectDevices(tx)
    .where("network_id", "=", networkId)
    .where("kind", "=", "gateway")
    .where("revoked_at", "is", null)
    .orderBy("name")
    .execute();
  return rows.map(deviceRecord);
}

/** Devices (not gateways) of a network, or of one owner in it, that were not revoked. */
export async function liveDevices(tx: Tx, networkId: string, ownerId?: string): Promise<DeviceRecord[]> {
  let query = selectDevices(tx)
    .where("network_id", "=", networkId)
    .where("kind", "=", "device")
    .where("revoked_at", "is", null);
  if (ownerId !== undefined) query = query.where("owner_id", "=", ownerId);
  return (await query.execute()).map(deviceRecord);
}

/** Stores a new holder of a key and of the addresses with number `host`. */
export async function insertDevice(
  tx: Tx,
  device: Omit<DeviceRecord, "kind" | "revoked"> & Pick<Devices, "kind">,
  host: number,
): Promise<void> {
  await tx
    .insertInto("devices")
    .values({
      id: device.id,
      workspace_id: device.workspaceId,
      network_id: device.networkId,
      kind: device.kind,
      name: device.name,
      owner_id: device.ownerId,
      public_key: device.publicKey,
      host,
      addresses: JSON.stringify(device.addresses),
      roles: JSON.stringify(device.roles),
      region: device.region,
      endpoint: device.endpoint,
      public_addresses: JSON.stringify(device.publicAddresses),
      version: device.version,
      revoked_at: null,
    })
    .execute();
}

export async function accessOf(
  tx: Tx,
  gatewayIds: readonly string[],
): Promise<ReadonlyMap<string, Versioned<Allow>>> {
  if (gatewayIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom("gateway_access")
    .selectAll()
    .where("gateway_id", "in", gatewayIds)
    .execute();
  return new Map(
    rows.map((row) => [row.gateway_id, { value: JSON.parse(row.allow) as Allow, version: row.version }]),
  );
}

export async function readPreference(tx: Tx, key: PreferenceKey): Promise<Versioned<RoutingPreference>> {
  const row = await tx
    .selectFrom("preferences")
    .selectAll()
    .where("layer", "=", key.layer)
    .where("network_id", "=", key.networkId)
    .where("subject_id", "=", key.subjectId)
    .executeTakeFirst();
  return row === undefined
    ? { value: {}, version: 0 }
    : { value: JSON.parse(row.value) as RoutingPreference, version: row.version };
}

export async function writePreference(
  tx: Tx,
  key: PreferenceKey,
  value: RoutingPreference,
  version: number,
): Promise<void> {
  const stored = { value: JSON.stringify(value), version };
  await tx
    .insertInto("preferences")
    .values({ layer: key.layer, network_id: key.networkId, subject_id: key.subjectId, ...stored })
    .onConflict((conflict) => conflict.columns(["network_id", "layer", "subject_id"]).doUpdateSet(stored))
    .execute();
}
