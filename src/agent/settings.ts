/** The agent's settings: kept beside the other memory, changed by authorised users, brought in force at once. */
import { z } from "zod";
import type { Params, Refusal } from "../rpc/contract.ts";
import { DEFAULT_SETTINGS, Settings } from "../rpc/settings.ts";
import { lockdownIntent } from "../tunnel/lockdown.ts";
import type { ControlException, Intent } from "../tunnel/types.ts";
import type { Peer } from "./authorization.ts";
import type { Identity } from "./identity.ts";

export const StoredSettings = z.strictObject({ version: z.literal(1), settings: Settings });
export type StoredSettings = z.infer<typeof StoredSettings>;

/** Stands for settings that cannot be read: closed until somebody decides. */
export const LOST_SETTINGS: Settings = { ...DEFAULT_SETTINGS, lockdown: "on", localNetwork: "block" };

/** The intent as the settings want it. */
export function withSettings(intent: Intent, settings: Settings): Intent {
  return {
    ...intent,
    allowLocalNetwork: settings.localNetwork === "allow",
    ...(settings.dns === "off" ? { dns: { servers: [], matchDomains: [] } } : {}),
  };
}

/** What the agent's own sockets reach while nobody is connected: the control plane, and the underlay's resolvers. */
export function intentAtRest(
  settings: Settings,
  identity: Identity | null,
  known: (host: string) => readonly string[],
  resolvers: readonly string[],
): Intent | null {
  if (settings.lockdown === "off") return null;
  const control: ControlException[] = resolvers.map((address) => ({ protocol: "udp", address, port: 53 }));
  if (identity !== null) {
    const { host, port } = identity.remote;
    control.push(...known(host).map((address) => ({ protocol: "tcp", address, port }) as const));
  }
  return lockdownIntent(control, settings.localNetwork === "allow");
}

/** Why this peer may not make this change: lockdown is opened by root or by who enrolled this device. */
export function refusedChange(
  before: Settings,
  change: Params<"setSettings">,
  peer: Peer,
  owner: number | null,
): Refusal | undefined {
  const opens =
    before.lockdown === "on" &&
    (change.lockdown === "off" || (change.localNetwork === "allow" && before.localNetwork === "block"));
  if (!opens || peer.uid === 0 || peer.uid === owner) return undefined;
  return {
    code: "not_permitted",
    reason: "lockdown_not_yours",
    message: "Lockdown is on, and only root or the user who enrolled this device may open it.",
    remedy: "Ask that user, or run the same command as root.",
  };
}
