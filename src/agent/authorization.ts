/**
 * Who may ask the agent for what. Pure: the peer's credentials and the owner of the enrolment in, a verdict out.
 *
 * | | root | owner | group nanami | others |
 * | --- | --- | --- | --- | --- |
 * | status, subscribe | all | all | all | without addresses |
 * | connect, disconnect, preferences, preview, gateways | yes | yes | yes | no |
 * | settings, route, health, log, diagnostics, hints | yes | yes | yes | no |
 * | opening lockdown (`settings.ts`) | yes | yes | no | no |
 * | logout under lockdown | yes | no | no | no |
 * | enroll, not enrolled yet | yes | | yes | no |
 * | enroll anew | yes | no | no | no |
 * | logout | yes | yes | no | no |
 * | profiles: own ones and shared ones (`profiles/`) | yes | yes | yes | no |
 * | profiles: share | yes | no | no | no |
 */
import type { MethodName, Refusal, Snapshot, TunnelStatus } from "../rpc/contract.ts";
import { whatIsOpen } from "../tunnel/protects.ts";

export interface Peer {
  readonly uid: number;
  readonly gids: readonly number[];
}

/** What the verdict depends on besides the peer. */
export interface Ownership {
  /** Uid that enrolled this device; null = not enrolled. */
  readonly owner: number | null;
  /** Gid of the group `nanami`; undefined = there is none. */
  readonly group: number | undefined;
  /** A disconnected device stays closed. */
  readonly lockdown?: boolean;
}

export type Standing = "root" | "owner" | "group" | "other";

export function standingOf(peer: Peer, { owner, group }: Ownership): Standing {
  if (peer.uid === 0) return "root";
  if (owner !== null && peer.uid === owner) return "owner";
  if (group !== undefined && peer.gids.includes(group)) return "group";
  return "other";
}

function allowed(method: MethodName, standing: Standing, enrolled: boolean): boolean {
  switch (method) {
    case "status":
    case "subscribe":
      return true;
    case "connect":
    case "disconnect":
    case "getPreferences":
    case "setPreference":
    case "previewPath":
    case "gateways":
    case "getSettings":
    case "setSettings":
    case "explainRoute":
    case "checkHealth":
    case "testLeaks":
    case "readLog":
    case "diagnostics":
    case "noteEvent":
      return standing !== "other";
    // Whose a profile is, the profiles see to themselves.
    case "importBytes":
    case "confirmImport":
    case "listProfiles":
    case "showProfile":
    case "renameProfile":
    case "checkEdit":
    case "confirmEdit":
    case "duplicateProfile":
    case "narrowProfile":
    case "exportProfiles":
    case "removeProfile":
    case "restoreProfile":
    case "removedProfiles":
      return standing !== "other";
    case "enroll":
      return standing === "root" || (standing === "group" && !enrolled);
    case "logout":
      return standing === "root" || standing === "owner";
    case "shareProfile":
      return standing === "root";
  }
}

/** Why this peer may not make this request; undefined when it may. */
export function refusalFor(peer: Peer, method: MethodName, ownership: Ownership): Refusal | undefined {
  const standing = standingOf(peer, ownership);
  if (method === "logout" && standing === "owner" && ownership.lockdown === true)
    return {
      code: "not_permitted",
      reason: "logout_locked",
      message: "Lockdown is on, and only root may log this device out then.",
      remedy: "Turn lockdown off first (nanami settings set lockdown off), or run the same command as root.",
    };
  if (allowed(method, standing, ownership.owner !== null)) return undefined;
  if (method === "enroll" && ownership.owner !== null)
    return {
      code: "already_enrolled",
      reason: "enrolled_already",
      message: "This device is enrolled already, and only root may replace the enrolment.",
      remedy: "Log out first (nanami logout), or run the same command as root.",
    };
  if (method === "logout")
    return {
      code: "not_permitted",
      reason: "logout_not_yours",
      message: "Only the user who enrolled this device, or root, may log it out.",
      remedy: "Ask that user, or run the same command as root.",
    };
  if (method === "shareProfile" && standing !== "other")
    return {
      code: "not_permitted",
      reason: "share_not_yours",
      message: "Only an administrator may share a profile with all users of this machine, or stop that.",
      remedy: "Run the same command as root.",
    };
  return {
    code: "not_permitted",
    reason: "not_in_group",
    message: `You may see the state of the tunnel and not ${describeAct(method)}.`,
    remedy:
      "Ask an administrator to add you to the group nanami (its members may steer all traffic of this machine).",
  };
}

function describeAct(method: MethodName): string {
  switch (method) {
    case "enroll":
      return "enrol this device";
    case "connect":
    case "disconnect":
      return "change it";
    default:
      return "read or change where its traffic goes";
  }
}

const HIDDEN = "Only users in the group nanami are told why.";

/** What a peer may see of a snapshot or of a part of one: others get the state without any address or name. */
export function visibleTo<T extends Partial<Snapshot>>(part: T, peer: Peer, ownership: Ownership): T {
  if (standingOf(peer, ownership) !== "other") return part;
  const hidden: Partial<Snapshot> = { ...part };
  if (part.enrollment !== undefined) hidden.enrollment = null;
  if (part.path !== undefined) hidden.path = null;
  if (part.inForce !== undefined) hidden.inForce = null;
  if (part.announcement !== undefined) hidden.announcement = null;
  if (part.loosened !== undefined) hidden.loosened = null;
  if (part.consent !== undefined) hidden.consent = null;
  if (part.unsaved !== undefined) hidden.unsaved = null;
  if (part.traffic !== undefined) hidden.traffic = null;
  if (part.profile !== undefined) hidden.profile = null;
  if (part.controlPlane !== undefined)
    hidden.controlPlane = {
      connected: part.controlPlane.connected,
      revoked: part.controlPlane.revoked,
      problem: part.controlPlane.problem === null ? null : HIDDEN,
    };
  if (part.tunnel !== undefined) hidden.tunnel = withoutReason(part.tunnel);
  // Field by field of the same types as in `part`; TypeScript cannot see that through the spread.
  return hidden as T;
}

/** Nobody is told why; that their traffic leaves, and which of it, is everybody's business. */
function withoutReason(tunnel: TunnelStatus): TunnelStatus {
  if (!("reason" in tunnel) || tunnel.reason === undefined) return tunnel;
  const { code } = tunnel.reason;
  const remedy = "Ask one of them.";
  const told = whatIsOpen(tunnel.reason);
  if (told === null) return { ...tunnel, reason: { code, message: HIDDEN, remedy } };
  const facts = { open: told.open, detail: HIDDEN };
  return { ...tunnel, reason: { code, message: `${told.sentence} ${HIDDEN}`, remedy, facts } };
}
