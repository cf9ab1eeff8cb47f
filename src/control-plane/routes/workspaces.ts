/** `/workspaces` and `/users`: tenants and the people in them. */
import {
  CreatedUser,
  CreatedWorkspace,
  CreateUser,
  CreateWorkspace,
  Users,
  Workspaces,
} from "../../api/http.ts";
import { decide } from "../access.ts";
import { actorOf, type App } from "../app.ts";
import { newId } from "../ids.ts";
import { permit, workspaceOf } from "../permit.ts";
import { revoked } from "../problem.ts";
import { issueToken, revokeTokens } from "../tokens.ts";
import type { Plane } from "../plane.ts";

export function workspaceRoutes(app: App, plane: Plane): void {
  app.post(
    "/workspaces",
    { schema: { body: CreateWorkspace, response: { 201: CreatedWorkspace } } },
    async (request, reply) => {
      const actor = actorOf(request);
      permit(actor, "create", { kind: "workspaces" });
      const created = await plane.change(async (change) => {
        const { tx } = change;
        // The first token is single-use: of two requests at once the second finds it spent.
        if (actor.kind === "bootstrap" && !(await revokeTokens(tx, { tokenId: actor.tokenId }, change.now)))
          throw revoked();
        const workspace = { id: newId("ws"), name: request.body.name };
        await tx.insertInto("workspaces").values(workspace).execute();
        const operatorToken = await issueToken(tx, { kind: "operator", workspaceId: workspace.id });
        const { id: workspaceId } = workspace;
        const entry = { action: "workspace.create", object: workspaceId, before: null, after: workspace };
        await change.record(actor, { workspaceId, ...entry });
        return { workspace, operatorToken };
      });
      return reply.code(201).send(created);
    },
  );

  app.get("/workspaces", { schema: { response: { 200: Workspaces } } }, async (request) => {
    const actor = actorOf(request);
    permit(actor, "list", { kind: "workspaces" });
    const workspaceId = workspaceOf(actor, "list");
    const workspaces = await plane.read((tx) =>
      tx.selectFrom("workspaces").selectAll().where("id", "=", workspaceId).execute(),
    );
    return { workspaces };
  });

  app.post(
    "/users",
    { schema: { body: CreateUser, response: { 201: CreatedUser } } },
    async (request, reply) => {
      const actor = actorOf(request);
      const workspaceId = workspaceOf(actor, "create");
      const created = await plane.change(async (change) => {
        const user = { id: newId("usr"), name: request.body.name };
        await change.tx
          .insertInto("users")
          .values({ ...user, workspace_id: workspaceId })
          .execute();
        const token = await issueToken(change.tx, { kind: "member", workspaceId, userId: user.id });
        await change.record(actor, {
          workspaceId,
          action: "user.create",
          object: user.id,
          before: null,
          after: user,
        });
        return { user, token };
      });
      return reply.code(201).send(created);
    },
  );

  app.get("/users", { schema: { response: { 200: Users } } }, async (request) => {
    const actor = actorOf(request);
    const workspaceId = workspaceOf(actor, "list");
    const rows = await plane.read((tx) =>
      tx.selectFrom("users").selectAll().where("workspace_id", "=", workspaceId).orderBy("name").execute(),
    );
    const users = rows
      .filter((row) => decide(actor, "read", { kind: "user", workspaceId, userId: row.id }) === "allowed")
      .map(({ id, name }) => ({ id, name }));
    return { users };
  });
}
