/** The store's history. A migration that was released is never edited; a change is a new one. */
import type { Kysely, SchemaModule } from "kysely";
import type { Migration } from "kysely/migration";
import { numbered } from "./sqlite.ts";

const first: Migration = {
  async up(db: Kysely<unknown>) {
    const schema: SchemaModule = db.schema;
    await schema
      .createTable("workspaces")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("name", "text", (c) => c.notNull())
      .execute();
    await schema
      .createTable("users")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("workspace_id", "text", (c) => c.notNull().references("workspaces.id"))
      .addColumn("name", "text", (c) => c.notNull())
      .execute();
    await schema.createIndex("users_of_workspace").on("users").column("workspace_id").execute();
    await schema
      .createTable("tokens")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("hash", "text", (c) => c.notNull().unique())
      .addColumn("kind", "text", (c) => c.notNull())
      .addColumn("workspace_id", "text", (c) => c.references("workspaces.id"))
      .addColumn("subject_id", "text")
      .addColumn("revoked_at", "text")
      .execute();
    await schema.createIndex("tokens_of_subject").on("tokens").column("subject_id").execute();
    await schema
      .createTable("networks")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("workspace_id", "text", (c) => c.notNull().references("workspaces.id"))
      .addColumn("name", "text", (c) => c.notNull())
      .addColumn("overlay_prefixes", "text", (c) => c.notNull())
      .addColumn("private_prefixes", "text", (c) => c.notNull())
      .addColumn("dns", "text", (c) => c.notNull())
      .addColumn("preferences_writable_by", "text", (c) => c.notNull())
      .addColumn("private_routing", "text", (c) => c.notNull())
      .addColumn("mtu", "integer")
      .addColumn("version", "integer", (c) => c.notNull())
      .addUniqueConstraint("network_name", ["workspace_id", "name"])
      .execute();
    await schema
      .createTable("devices")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("workspace_id", "text", (c) => c.notNull().references("workspaces.id"))
      .addColumn("network_id", "text", (c) => c.notNull().references("networks.id"))
      .addColumn("kind", "text", (c) => c.notNull())
      .addColumn("name", "text", (c) => c.notNull())
      .addColumn("owner_id", "text", (c) => c.references("users.id"))
      .addColumn("public_key", "text", (c) => c.notNull())
      .addColumn("host", "integer")
      .addColumn("addresses", "text", (c) => c.notNull())
      .addColumn("roles", "text", (c) => c.notNull())
      .addColumn("region", "text")
      .addColumn("endpoint", "text")
      .addColumn("public_addresses", "text", (c) => c.notNull())
      .addColumn("version", "integer", (c) => c.notNull())
      .addColumn("revoked_at", "text")
      .addUniqueConstraint("device_host", ["network_id", "host"])
      .addUniqueConstraint("device_key", ["network_id", "public_key"])
      .execute();
    await schema.createIndex("devices_of_workspace").on("devices").column("workspace_id").execute();
    await schema.createIndex("devices_of_owner").on("devices").column("owner_id").execute();
    await schema
      .createTable("preferences")
      .addColumn("layer", "text", (c) => c.notNull())
      .addColumn("network_id", "text", (c) => c.notNull().references("networks.id"))
      .addColumn("subject_id", "text", (c) => c.notNull())
      .addColumn("value", "text", (c) => c.notNull())
      .addColumn("version", "integer", (c) => c.notNull())
      .addPrimaryKeyConstraint("preferences_key", ["network_id", "layer", "subject_id"])
      .execute();
    await schema
      .createTable("gateway_access")
      .addColumn("gateway_id", "text", (c) => c.primaryKey().references("devices.id"))
      .addColumn("allow", "text", (c) => c.notNull())
      .addColumn("version", "integer", (c) => c.notNull())
      .execute();
    await schema
      .createTable("enrollment_keys")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("hash", "text", (c) => c.notNull().unique())
      .addColumn("network_id", "text", (c) => c.notNull().references("networks.id"))
      .addColumn("for", "text", (c) => c.notNull())
      .addColumn("user_id", "text", (c) => c.references("users.id"))
      .addColumn("gateway", "text")
      .addColumn("expires_at", "text", (c) => c.notNull())
      .addColumn("used_at", "text")
      .execute();
    await schema.createIndex("keys_of_network").on("enrollment_keys").column("network_id").execute();
    await schema
      .createTable("paths")
      .addColumn("device_id", "text", (c) => c.primaryKey().references("devices.id"))
      .addColumn("network_id", "text", (c) => c.notNull())
      .addColumn("number", "integer", (c) => c.notNull())
      .addColumn("path", "text", (c) => c.notNull())
      .execute();
    await schema.createIndex("paths_of_network").on("paths").column("network_id").execute();
    await schema
      .createTable("gateway_states")
      .addColumn("device_id", "text", (c) => c.primaryKey().references("devices.id"))
      .addColumn("network_id", "text", (c) => c.notNull())
      .addColumn("version", "integer", (c) => c.notNull())
      .addColumn("state", "text", (c) => c.notNull())
      .addColumn("applied_version", "integer", (c) => c.notNull())
      .addColumn("healthy", "integer", (c) => c.notNull())
      .execute();
    await schema.createIndex("states_of_network").on("gateway_states").column("network_id").execute();
    await schema
      .createTable("audit_log")
      .addColumn("id", "integer", numbered)
      .addColumn("workspace_id", "text")
      .addColumn("at", "text", (c) => c.notNull())
      .addColumn("actor_kind", "text", (c) => c.notNull())
      .addColumn("actor_id", "text")
      .addColumn("action", "text", (c) => c.notNull())
      .addColumn("object", "text", (c) => c.notNull())
      .addColumn("before", "text", (c) => c.notNull())
      .addColumn("after", "text", (c) => c.notNull())
      .execute();
    await schema.createIndex("audit_of_workspace").on("audit_log").columns(["workspace_id", "id"]).execute();
  },
};

const manualConfigs: Migration = {
  async up(db: Kysely<unknown>) {
    const schema: SchemaModule = db.schema;
    await schema
      .createTable("manual_configs")
      .addColumn("id", "text", (c) => c.primaryKey().references("devices.id"))
      .addColumn("gateway_id", "text", (c) => c.notNull().references("devices.id"))
      .addColumn("traffic_mode", "text", (c) => c.notNull())
      .addColumn("created_at", "text", (c) => c.notNull())
      .execute();
  },
};

export const migrations: Record<string, Migration> = {
  "2026-11-23-first": first,
  "2026-11-23-manual-configs": manualConfigs,
};
