/** The laptop's agent as the demo and the tests use it: a face that waits until things are real. */
import type { Snapshot } from "../rpc/contract.ts";
import type { AgentClient } from "../rpc/client.ts";
import type { Selection, TrafficMode } from "../routing/types.ts";

/** Waits until the snapshot is as wanted. Throws with what it was instead after `timeout` ms. */
export async function until(
  agent: AgentClient,
  wanted: string,
  predicate: (snapshot: Snapshot) => boolean,
  timeout = 15_000,
): Promise<Snapshot> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const snapshot = await agent.call("status", {});
    if (predicate(snapshot)) return snapshot;
    if (performance.now() > deadline) {
      const { tunnel, path, controlPlane, consent = null, unsaved } = snapshot;
      const mode = path === null ? null : { ...path.trafficMode, epoch: path.epoch.number };
      const ends = path === null ? "no path" : `${path.ingress?.name ?? "-"} → ${path.egress?.name ?? "-"}`;
      throw new Error(
        `the agent did not become "${wanted}" in ${timeout / 1000} s: ${JSON.stringify({ tunnel, ends, mode, unsaved, consent, controlPlane })}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/**
 * Whether traffic was seen to pass in this mode (and through these gateways, where named). A path is known before it is
 * in force, so the gateways are those in force; the egress, which takes no part in `vpn_only`, is then the path's.
 */
export function isConnected(
  snapshot: Snapshot,
  mode: TrafficMode,
  ends: { readonly ingress?: string; readonly egress?: string } = {},
): boolean {
  const { tunnel, path, inForce } = snapshot;
  const egress = mode === "full_tunnel" ? inForce?.egress : path?.egress;
  return (
    tunnel.state === "connected" &&
    tunnel.mode === mode &&
    path?.status === "ready" &&
    path.trafficMode.value === mode &&
    (ends.ingress === undefined || inForce?.ingress.name === ends.ingress) &&
    (ends.egress === undefined || egress?.name === ends.egress)
  );
}

/** Asks for a mode (writing it to the device layer) and waits for it. */
export async function connectIn(agent: AgentClient, mode: TrafficMode): Promise<Snapshot> {
  await agent.call("connect", { mode });
  return until(agent, `connected, ${mode}`, (snapshot) => isConnected(snapshot, mode));
}

/** Writes the device layer: a mode and who chooses the gateways. */
export async function prefer(
  agent: AgentClient,
  trafficMode: TrafficMode,
  selection: Selection,
): Promise<void> {
  await agent.call("setPreference", { layer: "device", value: { trafficMode, selection } });
}
