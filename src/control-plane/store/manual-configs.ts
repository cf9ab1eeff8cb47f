/** Manual configurations: holders of a key and addresses as devices are, for programs that only read a file. */
import { sql, type NotNull } from "kysely";
import type { TrafficMode } from "../../routing/types.ts";
import { insertDevice, type PeerRecord } from "./records.ts";
import type { Tx } from "./store.ts";

export interface ManualConfigRecord extends PeerRecord {
  readonly ownerId: string;
  readonly trafficMode: TrafficMode;
  /** The gateway that the file names. */
  readonly gatewayId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; null = in force. */
  readonly revokedAt: string | null;
}

/** Stores a configuration with the overlay addresses number `host`. */
export async function insertManualConfig(tx: Tx, config: ManualConfigRecord, host: number): Promise<void> {
  const { id, gatewayId, trafficMode, createdAt } = config;
  const nothing = { roles: [], region: null, endpoint: null, publicAddresses: [], version: 1 };
  await insertDevice(tx, { ...config, ...nothing, kind: "manual" }, host);
  await tx
    .insertInto("manual_configs")
    .values({ id, gateway_id: gatewayId, traffic_mode: trafficMode, created_at: createdAt })
    .execute();
}

export async function findManualConfig(tx: Tx, id: string): Promise<ManualConfigRecord | undefined> {
  const row = await select(tx).where("devices.id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : record(row);
}

/** Those of a network, revoked ones included: those in force first, then the newest first. */
export async function manualConfigsOf(tx: Tx, networkId: string): Promise<ManualConfigRecord[]> {
  const rows = await select(tx)
    .where("network_id", "=", networkId)
    .orderBy(sql`revoked_at is not null`)
    .orderBy("created_at", "desc")
    .orderBy("devices.id")
    .execute();
  return rows.map(record);
}

/** Those of a network, or of one owner in it, that were not revoked. */
export async function liveManualConfigs(
  tx: Tx,
  networkId: string,
  ownerId?: string,
): Promise<ManualConfigRecord[]> {
  let query = select(tx).where("network_id", "=", networkId).where("revoked_at", "is", null);
  if (ownerId !== undefined) query = query.where("owner_id", "=", ownerId);
  return (await query.execute()).map(record);
}

/** Takes the configuration out of force; its key is never accepted again in this network. */
export async function revokeManualConfig(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.updateTable("devices").set({ revoked_at: now.toISOString() }).where("id", "=", id).execute();
}

function select(tx: Tx) {
  return tx
    .selectFrom("devices")
    .innerJoin("manual_configs", "manual_configs.id", "devices.id")
    .selectAll("devices")
    .select(["gateway_id", "traffic_mode", "created_at"])
    .$narrowType<{ owner_id: NotNull }>();
}

type Row = Awaited<ReturnType<ReturnType<typeof select>["execute"]>>[number];

function record(row: Row): ManualConfigRecord {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    networkId: row.network_id,
    name: row.name,
    ownerId: row.owner_id,
    publicKey: row.public_key,
    addresses: JSON.parse(row.addresses) as string[],
    trafficMode: row.traffic_mode,
    gatewayId: row.gateway_id,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
  };
}
