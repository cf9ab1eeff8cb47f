/** Finding objects for a caller: each is looked up and put before `decide`, and refused in one place. */
import { decide, type Action, type Subject } from "./access.ts";
import type { Actor } from "./actor.ts";
import { subjectOf } from "./candidates.ts";
import { conflict, forbidden, setByOperator, unknown } from "./problem.ts";
import { findDevice, findNetwork, type DeviceRecord, type NetworkRecord } from "./store/records.ts";
import type { Tx } from "./store/store.ts";

/** Throws 403 or 404 unless the actor may. */
export function permit(actor: Actor, action: Action, subject: Subject): void {
  const verdict = decide(actor, action, subject);
  if (verdict === "unknown") throw unknown();
  if (verdict === "forbidden") {
    const isOperators = "writableBy" in subject && subject.writableBy === "operators" && action === "write";
    throw isOperators ? setByOperator() : forbidden();
  }
}

/** The workspace of a caller that has one; for what only its people may do. */
export function workspaceOf(actor: Actor, action: Action): string {
  permit(actor, action, { kind: "own-workspace" });
  if (actor.kind === "bootstrap") throw forbidden();
  return actor.workspaceId;
}

export async function networkFor(tx: Tx, actor: Actor, action: Action, id: string): Promise<NetworkRecord> {
  const network = await findNetwork(tx, id);
  if (network === undefined) throw unknown();
  permit(actor, action, { kind: "network", workspaceId: network.workspaceId, networkId: network.id });
  return network;
}

export interface DeviceInNetwork {
  readonly device: DeviceRecord;
  readonly network: NetworkRecord;
}

/** A device or gateway, revoked or not. */
export async function deviceFor(tx: Tx, actor: Actor, action: Action, id: string): Promise<DeviceInNetwork> {
  const device = await findDevice(tx, id);
  const network = device === undefined ? undefined : await findNetwork(tx, device.networkId);
  if (device === undefined || network === undefined) throw unknown();
  permit(actor, action, subjectOf(device, network));
  return { device, network };
}

/** A device with a path and preferences: no gateway. */
export async function clientFor(tx: Tx, actor: Actor, action: Action, id: string): Promise<DeviceInNetwork> {
  const found = await deviceFor(tx, actor, action, id);
  if (found.device.kind !== "device") throw unknown();
  return found;
}

/** Refuses to change what was revoked. */
export function requireLive(device: DeviceRecord): void {
  if (device.revoked) throw conflict("revoked", `${device.name} was revoked and stays so. Enrol it anew.`);
}
