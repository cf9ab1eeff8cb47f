/**
 * The one function that decides access. It is asked for every object that a request touches. `unknown` (404) is
 * what anyone gets who may not know that the object exists, so that a foreign id and a made-up one look alike;
 * `forbidden` (403) is for what one may see and not do. Every user of a workspace is a member of all its networks;
 * what is given out one by one is the use of gateways (`mayUse`).
 */
import type { Actor } from "./actor.ts";

export type Verdict = "allowed" | "forbidden" | "unknown";

/** The facts about an object that access depends on. */
export type Subject =
  | { readonly kind: "workspaces" }
  /** Collections of the caller's own workspace: users, networks, devices, the audit log. */
  | { readonly kind: "own-workspace" }
  | { readonly kind: "network"; readonly workspaceId: string; readonly networkId: string }
  | { readonly kind: "user"; readonly workspaceId: string; readonly userId: string }
  | {
      readonly kind: "user-preference";
      readonly workspaceId: string;
      readonly networkId: string;
      readonly userId: string;
      readonly writableBy: "members" | "operators";
    }
  | {
      readonly kind: "device";
      readonly workspaceId: string;
      readonly networkId: string;
      readonly deviceId: string;
      readonly ownerId: string;
      readonly writableBy: "members" | "operators";
    }
  | {
      readonly kind: "gateway";
      readonly workspaceId: string;
      readonly networkId: string;
      readonly deviceId: string;
    }
  | {
      readonly kind: "manual-config";
      readonly workspaceId: string;
      readonly networkId: string;
      readonly ownerId: string;
    };

/**
 * `read`, `write`: the object itself (a preference, a network's settings, a gateway's roles). `use`: what a device
 * lives on: its path, previews, key rotation, leaving. `list`, `create`: collections. `administer`: what only
 * operators see: enrolment keys, audit, other people's devices.
 */
export type Action = "list" | "create" | "read" | "write" | "use" | "administer";

/** Decides. Total: whatever is not granted here is refused. */
export function decide(actor: Actor, action: Action, subject: Subject): Verdict {
  if (subject.kind === "workspaces") {
    if (actor.kind === "operator") return action === "create" || action === "list" ? "allowed" : "forbidden";
    return actor.kind === "bootstrap" && action === "create" ? "allowed" : "forbidden";
  }
  if (subject.kind === "own-workspace") {
    if (actor.kind === "operator") return "allowed";
    return actor.kind === "member" && action === "list" ? "allowed" : "forbidden";
  }
  if (actor.kind === "bootstrap" || actor.workspaceId !== subject.workspaceId) return "unknown";
  if (actor.kind === "operator") return "allowed";

  switch (subject.kind) {
    case "network":
      if (actor.kind !== "member" && actor.networkId !== subject.networkId) return "unknown";
      return action === "read" && actor.kind !== "gateway" ? "allowed" : "forbidden";

    case "user":
      return actor.kind === "member" && actor.userId === subject.userId && action === "read"
        ? "allowed"
        : "unknown";

    case "user-preference": {
      if (actor.kind === "gateway") return "unknown";
      if (actor.kind === "device" && actor.networkId !== subject.networkId) return "unknown";
      const userId = actor.kind === "member" ? actor.userId : actor.ownerId;
      if (userId !== subject.userId) return "unknown";
      return ownPreference(action, subject.writableBy);
    }

    case "device":
      if (actor.kind === "gateway") return "unknown";
      if (actor.kind === "device" && actor.deviceId !== subject.deviceId) {
        // The owner may know of the device; this token is not for it.
        return actor.ownerId === subject.ownerId ? "forbidden" : "unknown";
      }
      if (actor.kind === "member" && actor.userId !== subject.ownerId) return "unknown";
      return action === "use" ? "allowed" : ownPreference(action, subject.writableBy);

    case "gateway":
      if (actor.kind === "gateway") return actor.deviceId === subject.deviceId ? "forbidden" : "unknown";
      // Gateways are no secret within a workspace: people see which exist and which they may not use.
      return actor.kind === "device" && actor.networkId !== subject.networkId ? "unknown" : "forbidden";

    case "manual-config": {
      if (actor.kind === "gateway") return "unknown";
      // A device acts as its owner for itself alone: it gives nobody another key.
      if (actor.kind === "device")
        return actor.ownerId === subject.ownerId && actor.networkId === subject.networkId
          ? "forbidden"
          : "unknown";
      if (actor.userId !== subject.ownerId) return "unknown";
      return ["create", "read", "write"].includes(action) ? "allowed" : "forbidden";
    }
  }
}

function ownPreference(action: Action, writableBy: "members" | "operators"): Verdict {
  if (action === "read") return "allowed";
  return action === "write" && writableBy === "members" ? "allowed" : "forbidden";
}
