/** Whether somebody is connected, as far as a snapshot tells. Pure. */
import type { Snapshot } from "../rpc/contract.ts";

/** Whether nobody is connected or connecting: nothing of ours is in force, or lockdown alone. */
export function isAtRest({ tunnel }: Pick<Snapshot, "tunnel">): boolean {
  return tunnel.state === "disconnected" || isLockedDown(tunnel);
}

/** Whether lockdown keeps a device closed on which nobody is connected. */
export function isLockedDown(tunnel: Snapshot["tunnel"]): boolean {
  return tunnel.state === "blocked" && tunnel.reason.code === "lockdown";
}
