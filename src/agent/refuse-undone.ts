/** Says no where the engine could not come to rest. */
import type { TunnelEngine } from "../tunnel/types.ts";
import { refuse } from "./refuse.ts";

/**
 * Throws `RpcRefusal`: lockdown that could not be put in force, or what could not be put back. Either is tried again by
 * itself.
 */
export function refuseUndone(error: unknown, { status }: Pick<TunnelEngine, "status">): never {
  const why = error instanceof Error ? error.message : String(error);
  if (status.state === "disconnected" && status.reason !== undefined) {
    const { message, remedy, facts } = status.reason;
    return refuse(
      ["internal", "lockdown_not_in_force", { detail: facts?.["detail"] ?? why }],
      message,
      remedy,
    );
  }
  return refuse(
    ["internal", "not_put_back", { detail: why }],
    `Not everything could be put back: ${why}`,
    "Try again, or restart this machine.",
  );
}
