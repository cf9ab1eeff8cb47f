/** When `nanami up` has waited long enough. Pure. */
import type { Snapshot } from "../rpc/contract.ts";
import type { TrafficMode } from "../routing/types.ts";

/** Whether the state is what was asked for, can no longer become it, or is still on its way. */
export type Verdict = "waiting" | "connected" | "blocked" | "conflict" | "disconnected";

/**
 * Judges one state while connecting.
 *
 * @param mode the mode that was asked for; undefined = whatever the layers decide
 * @param begun whether a state other than `disconnected` was seen since the request
 */
export function verdictOf(snapshot: Snapshot, mode: TrafficMode | undefined, begun: boolean): Verdict {
  const { tunnel, unsaved } = snapshot;
  if (mode !== undefined && unsaved !== null && unsaved.conflict !== null) return "conflict";
  switch (tunnel.state) {
    case "connected":
      return mode === undefined || tunnel.mode === mode ? "connected" : "waiting";
    case "blocked":
      return mode === undefined || tunnel.mode === mode ? "blocked" : "waiting";
    case "disconnected":
      return begun ? "disconnected" : "waiting";
    case "connecting":
      return tunnel.reason === undefined ? "waiting" : "blocked";
    case "reconnecting":
    case "disconnecting":
      return "waiting";
  }
}
