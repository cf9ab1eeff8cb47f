/** Gateways, and devices that somebody pins as one, as resolution sees them: with the four facts about access. */
import type { GatewayCandidate, Hop, Selection } from "../routing/types.ts";
import { decide, type Subject } from "./access.ts";
import type { ActingUser, Actor } from "./actor.ts";
import type { Live } from "./live.ts";
import type { Allow, DeviceRecord, NetworkRecord, Versioned } from "./store/records.ts";

/** Who may use which gateway, by gateway. */
export type AccessTable = ReadonlyMap<string, Versioned<Allow>>;

/** The acting user behind a token. Gateways and the first token of a store act for nobody. */
export function actingUserOf(actor: Actor): ActingUser | null {
  switch (actor.kind) {
    case "operator":
      return { kind: "operator", workspaceId: actor.workspaceId };
    case "member":
      return { kind: "user", workspaceId: actor.workspaceId, userId: actor.userId };
    case "device":
      return { kind: "user", workspaceId: actor.workspaceId, userId: actor.ownerId };
    case "gateway":
    case "bootstrap":
      return null;
  }
}

/** The facts about a device that `decide` asks for. */
export function subjectOf(
  device: DeviceRecord,
  network: Pick<NetworkRecord, "preferencesWritableBy">,
): Subject {
  const { workspaceId, networkId, id: deviceId } = device;
  return device.kind === "gateway" || device.ownerId === null
    ? { kind: "gateway", workspaceId, networkId, deviceId }
    : {
        kind: "device",
        workspaceId,
        networkId,
        deviceId,
        ownerId: device.ownerId,
        writableBy: network.preferencesWritableBy,
      };
}

/** The access check for gateways: nobody is let in by default. Operators may use every gateway of theirs. */
export function mayUse(user: ActingUser, gateway: DeviceRecord, access: AccessTable): boolean {
  if (user.workspaceId !== gateway.workspaceId) return false;
  if (gateway.kind === "device") return user.kind === "operator" || user.userId === gateway.ownerId;
  if (user.kind === "operator") return true;
  const allow = access.get(gateway.id)?.value ?? [];
  return allow === "everyone" || allow.includes(user.userId);
}

/** Whether `user` may know of the device, decided by the same function as everything else. */
function visibleTo(user: ActingUser, device: DeviceRecord): boolean {
  const actor: Actor =
    user.kind === "operator"
      ? { kind: "operator", tokenId: "", workspaceId: user.workspaceId }
      : { kind: "member", tokenId: "", workspaceId: user.workspaceId, userId: user.userId };
  return decide(actor, "read", subjectOf(device, { preferencesWritableBy: "members" })) !== "unknown";
}

export function hopOf(gateway: DeviceRecord): Hop {
  return {
    deviceId: gateway.id,
    name: gateway.name,
    region: gateway.region ?? "",
    publicKey: gateway.publicKey,
    // A device that is no gateway has no endpoint; it lacks the roles, so that it never becomes a hop.
    endpoint: gateway.endpoint ?? "",
    overlayAddresses: gateway.addresses,
    ...(gateway.publicAddresses.length === 0 ? {} : { publicAddresses: gateway.publicAddresses }),
  };
}

/**
 * The candidate for all of `users`: mostly one. A preview is judged by the rights of who asks *and* of the owner,
 * because the path will be resolved with the owner's. `measuredBy`: the device whose round trips count.
 */
export function candidateOf(
  gateway: DeviceRecord,
  networkId: string,
  users: readonly ActingUser[],
  access: AccessTable,
  live: Live,
  measuredBy: string | null,
): GatewayCandidate {
  const { healthy, load } = live.health(gateway.id);
  const roundTripMs = measuredBy === null ? undefined : live.roundTrip(measuredBy, gateway.id);
  return {
    hop: hopOf(gateway),
    roles: gateway.roles,
    visible: users.every((user) => visibleTo(user, gateway)),
    sameWorkspace: users.every((user) => user.workspaceId === gateway.workspaceId),
    sameNetwork: gateway.networkId === networkId,
    accessGranted: users.every((user) => mayUse(user, gateway, access)),
    healthy,
    load,
    ...(roundTripMs === undefined ? {} : { roundTripMs }),
  };
}

/** The devices that a selection pins. */
export function pinnedIn(selection: Selection | undefined): string[] {
  if (selection?.routingMode !== "manual") return [];
  return [selection.ingressDeviceId, selection.egressDeviceId].filter((id) => id !== null);
}
