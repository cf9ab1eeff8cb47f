/** What is promised, and what of that is in force. Pure. */
import type { TunnelBlockage, TunnelMode, TunnelStatus } from "./types.ts";

/** What a status promises: everything is closed that a mode closes; null = nothing is. */
export function promiseOf(status: TunnelStatus): TunnelMode | null {
  return "mode" in status && !(status.state === "connecting" && status.reason !== undefined)
    ? status.mode
    : null;
}

/** Whether who keeps one promise keeps the other too. */
export function covers(kept: TunnelMode | null, promised: TunnelMode | null): boolean {
  return promised === null || kept === "full_tunnel" || kept === promised;
}

/**
 * What a firewall closes, as `nft` prints its table; null = none is there. All of ours judge what leaves, but for the one
 * that stays while a tunnel is taken down.
 */
export function keptBy(listing: string | null): TunnelMode | null {
  const policy = /hook output priority [^;]*; policy (accept|drop);/.exec(listing ?? "")?.[1];
  return policy === undefined ? null : policy === "drop" ? "full_tunnel" : "vpn_only";
}

/** What is told where not even the firewall could be made. */
export function notProtected(mode: TunnelMode, why: TunnelBlockage): TunnelBlockage {
  const open =
    mode === "full_tunnel"
      ? "traffic leaves this device as if it was not connected"
      : "the private network is not closed";
  return {
    code: "not_protected",
    message: `The protection could not be put in place, so ${open}. ${why.message}`,
    remedy: why.remedy,
    facts: { detail: why.message },
  };
}
