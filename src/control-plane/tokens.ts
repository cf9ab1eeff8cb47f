/** Bearer tokens and enrolment keys: 256 random bits, shown once, stored as a hash, found by that hash. */
import { createHash, randomBytes } from "node:crypto";
import type { Actor } from "./actor.ts";
import { newId } from "./ids.ts";
import type { Tokens } from "./store/schema.ts";
import type { Tx } from "./store/store.ts";

/** A secret of 43 URL-safe characters after a prefix that says what it opens. */
export function newSecret(prefix: string): string {
  return `${prefix}_${randomBytes(32).toString("base64url")}`;
}

/** What the store keeps. A plain hash is enough: the input is random, there is nothing to guess. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

export type Bearer =
  | { readonly kind: "operator"; readonly workspaceId: string }
  | { readonly kind: "member"; readonly workspaceId: string; readonly userId: string }
  | { readonly kind: "device" | "gateway"; readonly workspaceId: string; readonly deviceId: string };

/** Makes a token and stores its hash. The returned text exists nowhere else. */
export async function issueToken(tx: Tx, bearer: Bearer | { readonly kind: "bootstrap" }): Promise<string> {
  const token = newSecret(`nanami_${bearer.kind}`);
  await tx
    .insertInto("tokens")
    .values({
      id: newId("tok"),
      hash: hashSecret(token),
      kind: bearer.kind,
      workspace_id: bearer.kind === "bootstrap" ? null : bearer.workspaceId,
      subject_id: "userId" in bearer ? bearer.userId : "deviceId" in bearer ? bearer.deviceId : null,
      revoked_at: null,
    })
    .execute();
  return token;
}

/** Ends every token of a user or device, or one token by its own id. Says whether any was still good. */
export async function revokeTokens(
  tx: Tx,
  which: { readonly subjectId: string } | { readonly tokenId: string },
  now: Date,
): Promise<boolean> {
  const update = tx
    .updateTable("tokens")
    .set({ revoked_at: now.toISOString() })
    .where("revoked_at", "is", null);
  const result = await (
    "subjectId" in which
      ? update.where("subject_id", "=", which.subjectId)
      : update.where("id", "=", which.tokenId)
  ).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export type Authenticated =
  | { readonly kind: "actor"; readonly actor: Actor }
  | { readonly kind: "revoked" }
  | { readonly kind: "nobody" };

/** Whom a token belongs to. */
export async function authenticate(tx: Tx, token: string): Promise<Authenticated> {
  const row = await tx
    .selectFrom("tokens")
    .selectAll()
    .where("hash", "=", hashSecret(token))
    .executeTakeFirst();
  if (row === undefined) return { kind: "nobody" };
  if (row.revoked_at !== null) return { kind: "revoked" };
  const actor = await actorOf(tx, row);
  return actor === null ? { kind: "nobody" } : { kind: "actor", actor };
}

async function actorOf(tx: Tx, row: Tokens): Promise<Actor | null> {
  const tokenId = row.id;
  if (row.kind === "bootstrap") return { kind: "bootstrap", tokenId };
  if (row.workspace_id === null) return null;
  const workspaceId = row.workspace_id;
  if (row.kind === "operator") return { kind: "operator", tokenId, workspaceId };
  if (row.subject_id === null) return null;
  if (row.kind === "member") return { kind: "member", tokenId, workspaceId, userId: row.subject_id };
  const device = await tx
    .selectFrom("devices")
    .select(["id", "network_id", "owner_id"])
    .where("id", "=", row.subject_id)
    .executeTakeFirst();
  if (device === undefined) return null;
  const common = { tokenId, workspaceId, networkId: device.network_id, deviceId: device.id };
  if (row.kind === "gateway") return { kind: "gateway", ...common };
  return device.owner_id === null ? null : { kind: "device", ...common, ownerId: device.owner_id };
}
