/** The audit log: who changed what, from what, to what. Never a token, a key or a hash of one. */
import { auditName, type Actor } from "./actor.ts";
import type { Tx } from "./store/store.ts";

export interface Entry {
  readonly workspaceId: string | null;
  /** `<object>.<verb>`, such as `network.policy.set`. */
  readonly action: string;
  /** Id of what was changed. */
  readonly object: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Writes one entry, in the transaction of the change that it tells of. */
export async function record(tx: Tx, who: Actor, entry: Entry, now: Date): Promise<void> {
  const { kind, id } = auditName(who);
  await tx
    .insertInto("audit_log")
    .values({
      workspace_id: entry.workspaceId,
      at: now.toISOString(),
      actor_kind: kind,
      actor_id: id,
      action: entry.action,
      object: entry.object,
      before: JSON.stringify(entry.before ?? null),
      after: JSON.stringify(entry.after ?? null),
    })
    .execute();
}
