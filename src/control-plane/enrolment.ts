/** Turning an enrolment key and a public key into a device or a gateway. */
import type { z } from "zod";
import type { CreateEnrollmentKey, Enroll } from "../api/http.ts";
import type { ProblemCode } from "../api/problem-codes.ts";
import type { Actor } from "./actor.ts";
import { hostAddresses, takeHost } from "./addresses.ts";
import { newId } from "./ids.ts";
import type { Change } from "./plane.ts";
import { conflict, invalid, ProblemError } from "./problem.ts";
import { findNetwork, insertDevice, type DeviceRecord, type NetworkRecord } from "./store/records.ts";
import type { EnrollmentKeys } from "./store/schema.ts";
import type { Tx } from "./store/store.ts";
import { hashSecret, issueToken } from "./tokens.ts";
import { deviceView } from "./views.ts";

/** What a gateway's key says about the gateway. */
export type GatewayPlan = Omit<
  Extract<z.infer<typeof CreateEnrollmentKey>, { for: "gateway" }>,
  "for" | "lifetime"
>;

/** Peers that one gateway state can carry, and gateways that one peer's grants can name. */
const MAX_DEVICES = 10_000;
const MAX_GATEWAYS = 64;
const ZERO_KEY = `${"A".repeat(43)}=`;

/** What came of an enrolment. */
export interface Enrolment {
  readonly device: DeviceRecord;
  readonly network: NetworkRecord;
  readonly token: string;
}

/** Refuses a public key that is no point of use or that somebody in the network has or had. */
export async function requireUsableKey(tx: Tx, networkId: string, publicKey: string): Promise<void> {
  if (publicKey === ZERO_KEY) {
    const message = "This key is all zeros: generate a real one.";
    throw invalid([{ pointer: "/publicKey", code: "invalid_key", message }]);
  }
  const taken = await tx
    .selectFrom("devices")
    .select("id")
    .where("network_id", "=", networkId)
    .where("public_key", "=", publicKey)
    .executeTakeFirst();
  if (taken !== undefined) {
    throw conflict(
      "public_key_in_use",
      "This public key belongs to a device of this network, or did. Generate a new one for each enrolment.",
    );
  }
}

/** Enrols. The key is spent only if everything else succeeds. Throws what the caller is to be told. */
export async function enrol(change: Change, body: z.infer<typeof Enroll>): Promise<Enrolment> {
  const { tx, now } = change;
  const key = await spendKey(tx, body.key, now);
  const network = await findNetwork(tx, key.network_id);
  if (network === undefined) throw new Error(`network ${key.network_id} is not in the store`);
  await requireUsableKey(tx, network.id, body.publicKey);
  await requireRoom(tx, network, key.for);
  const plan = key.gateway === null ? null : (JSON.parse(key.gateway) as GatewayPlan);
  if (plan !== null) await requireFreeGatewayName(tx, network.id, plan.name);

  const host = await takeHost(tx, network);
  const device: DeviceRecord = {
    id: newId("dev"),
    workspaceId: network.workspaceId,
    networkId: network.id,
    kind: key.for,
    name: plan?.name ?? body.name,
    ownerId: key.user_id,
    publicKey: body.publicKey,
    addresses: hostAddresses(network.overlayPrefixes, host),
    roles: plan === null ? [] : [...new Set(plan.roles)].sort(),
    region: plan?.region ?? null,
    endpoint: plan?.endpoint ?? null,
    publicAddresses: plan?.publicAddresses ?? [],
    version: 1,
    revoked: false,
  };
  await insertDevice(tx, device, host);
  const bearer = { kind: device.kind, workspaceId: device.workspaceId, deviceId: device.id };
  const token = await issueToken(tx, bearer);
  await change.record(itself(device), {
    workspaceId: device.workspaceId,
    action: `${device.kind}.enrol`,
    object: device.id,
    before: null,
    after: { ...deviceView(device), enrollmentKey: key.id },
  });
  await change.gateways(network.id);
  if (device.kind === "gateway") await change.paths(network.id, "all");
  return { device, network, token };
}

/** The new device as the actor of its own enrolment. */
function itself(device: DeviceRecord): Actor {
  const { workspaceId, networkId, id: deviceId, ownerId } = device;
  const common = { tokenId: "", workspaceId, networkId, deviceId };
  return ownerId === null ? { kind: "gateway", ...common } : { kind: "device", ...common, ownerId };
}

async function spendKey(tx: Tx, secret: string, now: Date): Promise<EnrollmentKeys> {
  const key = await tx
    .selectFrom("enrollment_keys")
    .selectAll()
    .where("hash", "=", hashSecret(secret))
    .executeTakeFirst();
  const refused = (code: ProblemCode, what: string, more?: { readonly expiredAt: string }): ProblemError =>
    new ProblemError(
      403,
      code,
      "Enrolment refused",
      `${what} Ask your operator for a new enrolment link.`,
      more,
    );
  if (key === undefined)
    throw refused("enrollment_key_unknown", "This enrolment key was never given out here.");
  if (key.used_at !== null)
    throw refused("enrollment_key_used", "This enrolment key has been used; each works once.");
  if (key.expires_at <= now.toISOString())
    throw refused("enrollment_key_expired", `This enrolment key expired at ${key.expires_at}.`, {
      expiredAt: key.expires_at,
    });
  await tx
    .updateTable("enrollment_keys")
    .set({ used_at: now.toISOString() })
    .where("id", "=", key.id)
    .execute();
  return key;
}

/** Throws 409 when a network is full. Manual configurations are peers of gateways and count as devices. */
export async function requireRoom(tx: Tx, network: NetworkRecord, kind: "device" | "gateway"): Promise<void> {
  const row = await tx
    .selectFrom("devices")
    .select((e) => e.fn.countAll().as("count"))
    .where("network_id", "=", network.id)
    .where("kind", kind === "gateway" ? "=" : "!=", "gateway")
    .where("revoked_at", "is", null)
    .executeTakeFirstOrThrow();
  const limit = kind === "device" ? MAX_DEVICES : MAX_GATEWAYS;
  if (Number(row.count) >= limit)
    throw conflict("network_full", `Network ${network.name} has ${limit} ${kind}s, the most it can have.`);
}

/** Throws 409 when a live gateway of the network has the name. */
export async function requireFreeGatewayName(tx: Tx, networkId: string, name: string): Promise<void> {
  const taken = await tx
    .selectFrom("devices")
    .select("id")
    .where("network_id", "=", networkId)
    .where("kind", "=", "gateway")
    .where("name", "=", name)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  if (taken !== undefined)
    throw conflict("name_taken", `There is a gateway ${name} in this network already. Choose another name.`);
}
