/** What is protected, in one value: tray and notifications say this and never more. Pure. */
import { isLockedDown } from "../src/bridge/at-rest.ts";
import { openBy, type Open } from "../src/bridge/not-protected.ts";
import type { AgentState, SigningIn } from "../src/bridge/state.ts";
import type { Snapshot } from "../src/rpc/contract.ts";
import type { HostTexts } from "./texts/index.ts";

/** How much is steered. */
export type Mode = Extract<Snapshot["tunnel"], { state: "connected" }>["mode"];

/** By whom the tunnel is steered: the network's path (leaving in a region, where that is known) or a profile. */
type Way =
  | { readonly by: "network"; readonly place: string | null }
  | { readonly by: "profile"; readonly name: string };

export type Protection =
  | {
      readonly kind: "unknown";
      readonly why: "looking" | "not_installed" | "not_running" | "not_permitted" | "other_version";
    }
  | {
      readonly kind: "disconnected";
      readonly enrolled: boolean;
      readonly lockdown: boolean;
      /** Open on purpose, to sign in to the network around; null = not for that. */
      readonly signingIn: SigningIn | null;
    }
  | { readonly kind: "changing"; readonly change: "connecting" | "disconnecting" | "locking" }
  /** The protection is wanted and could not be put in place: that of a connection, or of lockdown without one. */
  | {
      readonly kind: "open";
      readonly wish: "connection" | "lockdown";
      readonly open: Open;
      readonly reason: Reason;
    }
  | { readonly kind: "connected"; readonly mode: Mode; readonly way: Way }
  | { readonly kind: "blocked"; readonly mode: Mode; readonly reason: Reason };

/** The agent's words, in English, with a stable code. */
interface Reason {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What the agent says of the protection. `signingIn`: whether somebody disconnected to sign in (see `BridgeState`). */
export function protectionOf(agent: AgentState, signingIn: SigningIn | null = null): Protection {
  switch (agent.state) {
    case "looking":
      return { kind: "unknown", why: "looking" };
    case "away":
      return { kind: "unknown", why: agent.why };
    case "other_version":
      return { kind: "unknown", why: "other_version" };
    case "ready":
      return ofSnapshot(agent.snapshot, signingIn);
  }
}

function ofSnapshot(snapshot: Snapshot, signingIn: SigningIn | null): Protection {
  const { tunnel, settings, enrollment, profile } = snapshot;
  if (isLockedDown(tunnel))
    return { kind: "disconnected", enrolled: enrollment !== null, lockdown: true, signingIn: null };
  switch (tunnel.state) {
    case "disconnected":
    case "connecting": {
      const { reason } = tunnel;
      const open = openBy(reason);
      const atRest = tunnel.state === "disconnected";
      if (reason !== undefined && open !== null)
        return { kind: "open", wish: atRest ? "lockdown" : "connection", open, reason };
      if (!atRest) return { kind: "changing", change: "connecting" };
      // Neither in force nor failed: it is on its way.
      return settings.lockdown === "on"
        ? { kind: "changing", change: "locking" }
        : { kind: "disconnected", enrolled: enrollment !== null, lockdown: false, signingIn };
    }
    case "disconnecting":
      return { kind: "changing", change: "disconnecting" };
    case "connected":
      return {
        kind: "connected",
        mode: tunnel.mode,
        way:
          profile === null
            ? { by: "network", place: exitOf(snapshot) }
            : { by: "profile", name: profile.name },
      };
    // Until something answers nothing passes, as where nothing is tried any more.
    case "reconnecting":
    case "blocked":
      return { kind: "blocked", mode: tunnel.mode, reason: tunnel.reason };
  }
}

/** Region of the gateway where traffic really leaves. */
function exitOf({ inForce, path }: Snapshot): string | null {
  return inForce?.egress?.region ?? path?.egress?.region ?? null;
}

/** One plain sentence. */
export function headline(protection: Protection, { state }: HostTexts): string {
  switch (protection.kind) {
    case "unknown":
      return state[protection.why];
    case "disconnected":
      if (protection.lockdown) return state.lockdown;
      if (protection.signingIn !== null) return protection.signingIn.done ? state.signedIn : state.signingIn;
      return protection.enrolled ? state.disconnected : state.notEnrolled;
    case "changing":
      return state[protection.change];
    case "open":
      return (protection.wish === "lockdown" ? state.lockdownOpen : state.open)[protection.open];
    case "connected":
      return connectedHeadline(protection.mode, protection.way, state);
    case "blocked":
      return protection.mode === "full_tunnel" ? state.blocked : state.privateBlocked;
  }
}

function connectedHeadline(mode: Mode, way: Way, state: HostTexts["state"]): string {
  if (mode === "vpn_only") return way.by === "profile" ? state.privateByProfile(way.name) : state.private;
  if (way.by === "profile") return state.fullByProfile(way.name);
  return way.place === null ? state.full : state.fullIn(way.place);
}
