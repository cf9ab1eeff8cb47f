/** Overlay addresses: one number per device, the same in every family, never two owners at a time. */
import { parseCidr } from "cidr-tools";
import { ProblemError } from "./problem.ts";
import { liveGateways, type NetworkRecord } from "./store/records.ts";
import type { Tx } from "./store/store.ts";

/** Number 0 is the network, 1 stays free: it stands in `tunnel.probe` where there is no gateway to probe. */
const FIRST_HOST = 2;

/** The address with number `host` in a canonical prefix, without a length. */
export function addressAt(prefix: string, host: number): string {
  const { start, version } = parseCidr(prefix);
  const value = start + BigInt(host);
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join(".");
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

/** The addresses with number `host`, each with its full length: what a peer is identified by. */
export function hostAddresses(overlayPrefixes: readonly string[], host: number): string[] {
  return overlayPrefixes.map((prefix) => {
    const { version } = parseCidr(prefix);
    return `${addressAt(prefix, host)}/${version === 4 ? 32 : 128}`;
  });
}

function lastHost(overlayPrefixes: readonly string[]): number {
  const sizes = overlayPrefixes.map((prefix) => {
    const { start, end } = parseCidr(prefix);
    return end - start;
  });
  const smallest = sizes.reduce((a, b) => (a < b ? a : b));
  // The last number of an IPv4 prefix is its broadcast address.
  return Number(smallest < 1n << 31n ? smallest : 1n << 31n) - 1;
}

/**
 * Takes a free number in a network. A number is given away a second time only when all others are used up and every
 * gateway has applied everything, so that no gateway still holds the revoked owner's key for it. Throws 409
 * `overlay_full` when there is none.
 */
export async function takeHost(tx: Tx, network: NetworkRecord): Promise<number> {
  const last = lastHost(network.overlayPrefixes);
  const highest = await tx
    .selectFrom("devices")
    .select((e) => e.fn.max("host").as("host"))
    .where("network_id", "=", network.id)
    .executeTakeFirst();
  const next = Math.max(FIRST_HOST, (highest?.host ?? 0) + 1);
  if (next <= last) return next;

  const gateways = await liveGateways(tx, network.id);
  const behind = await tx
    .selectFrom("gateway_states")
    .select("device_id")
    .where("network_id", "=", network.id)
    .whereRef("applied_version", "<", "version")
    .execute();
  const free = await tx
    .selectFrom("devices")
    .select(["id", "host"])
    .where("network_id", "=", network.id)
    .where("revoked_at", "is not", null)
    .where("host", "is not", null)
    .orderBy("revoked_at")
    .executeTakeFirst();
  const late = gateways.some((gateway) => behind.some((state) => state.device_id === gateway.id));
  if (free?.host === undefined || free.host === null || late) {
    throw new ProblemError(
      409,
      "overlay_full",
      "No address left",
      `The overlay ${network.overlayPrefixes.join(", ")} of network ${network.name} has no free address. Remove devices that are gone${late ? ", wait until every gateway is connected" : ""}, or make a larger network.`,
    );
  }
  await tx.updateTable("devices").set({ host: null }).where("id", "=", free.id).execute();
  return free.host;
}
