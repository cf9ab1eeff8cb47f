/** `/audit`: who changed what, for operators. */
import { z } from "zod";
import { AuditLog } from "../../api/http.ts";
import { actorOf, type App } from "../app.ts";
import { workspaceOf } from "../permit.ts";
import type { Plane } from "../plane.ts";

const Page = z.strictObject({
  /** Entries older than this one. */
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export function auditRoutes(app: App, plane: Plane): void {
  app.get("/audit", { schema: { querystring: Page, response: { 200: AuditLog } } }, async (request) => {
    const workspaceId = workspaceOf(actorOf(request), "administer");
    const { before, limit } = request.query;
    const rows = await plane.read((tx) => {
      let query = tx.selectFrom("audit_log").selectAll().where("workspace_id", "=", workspaceId);
      if (before !== undefined) query = query.where("id", "<", before);
      return query.orderBy("id", "desc").limit(limit).execute();
    });
    const entries = rows.map((row) => ({
      id: row.id,
      at: row.at,
      actor: { kind: row.actor_kind, id: row.actor_id },
      action: row.action,
      object: row.object,
      before: JSON.parse(row.before) as unknown,
      after: JSON.parse(row.after) as unknown,
    }));
    return { entries };
  });
}
