/**
 * The tables as kysely sees them. Lists and objects are JSON in text columns, times ISO 8601 text, truth 0 or 1:
 * what SQLite and PostgreSQL read alike.
 */
import type { Generated } from "kysely";

export interface Workspaces {
  id: string;
  name: string;
}

export interface Users {
  id: string;
  workspace_id: string;
  name: string;
}

/** Only hashes are stored; the token itself was shown once. */
export interface Tokens {
  id: string;
  hash: string;
  kind: "bootstrap" | "operator" | "member" | "device" | "gateway";
  workspace_id: string | null;
  /** The user of a member's token, the device of a device's or gateway's token. */
  subject_id: string | null;
  revoked_at: string | null;
}

export interface Networks {
  id: string;
  workspace_id: string;
  name: string;
  overlay_prefixes: string;
  private_prefixes: string;
  dns: string;
  preferences_writable_by: "members" | "operators";
  private_routing: "masquerade" | "routed";
  mtu: number | null;
  version: number;
}

/**
 * All that has a key and addresses in the overlay: devices, gateways and manual configurations, in one table so that
 * no key and no address ever has two holders. `host` numbers the overlay addresses; null once the number was given
 * away again.
 */
export interface Devices {
  id: string;
  workspace_id: string;
  network_id: string;
  kind: "device" | "gateway" | "manual";
  name: string;
  owner_id: string | null;
  public_key: string;
  host: number | null;
  addresses: string;
  roles: string;
  region: string | null;
  endpoint: string | null;
  public_addresses: string;
  version: number;
  revoked_at: string | null;
}

/** What a manual configuration has besides; its key, addresses and owner are in `devices` under the same id. */
export interface ManualConfigs {
  id: string;
  gateway_id: string;
  traffic_mode: "vpn_only" | "full_tunnel";
  created_at: string;
}

/** The written policy layers. A cleared layer keeps its row, so that its version goes on. */
export interface Preferences {
  layer: "device" | "user" | "network";
  network_id: string;
  /** Device, user or network, as the layer says. */
  subject_id: string;
  value: string;
  version: number;
}

export interface GatewayAccess {
  gateway_id: string;
  /** JSON: `"everyone"` or a list of users. */
  allow: string;
  version: number;
}

export interface EnrollmentKeys {
  id: string;
  hash: string;
  network_id: string;
  for: "device" | "gateway";
  user_id: string | null;
  /** JSON: what a gateway will be; null for a device. */
  gateway: string | null;
  expires_at: string;
  used_at: string | null;
}

/** The newest path of each device. */
export interface Paths {
  device_id: string;
  network_id: string;
  number: number;
  path: string;
}

/** What each gateway was told last, and the last it said it applied. */
export interface GatewayStates {
  device_id: string;
  network_id: string;
  version: number;
  /** JSON without the version. */
  state: string;
  applied_version: number;
  healthy: number;
}

export interface AuditLog {
  id: Generated<number>;
  workspace_id: string | null;
  at: string;
  actor_kind: "bootstrap" | "operator" | "member" | "device" | "gateway" | "system";
  actor_id: string | null;
  action: string;
  object: string;
  before: string;
  after: string;
}

export interface Database {
  workspaces: Workspaces;
  users: Users;
  tokens: Tokens;
  networks: Networks;
  devices: Devices;
  manual_configs: ManualConfigs;
  preferences: Preferences;
  gateway_access: GatewayAccess;
  enrollment_keys: EnrollmentKeys;
  paths: Paths;
  gateway_states: GatewayStates;
  audit_log: AuditLog;
}
