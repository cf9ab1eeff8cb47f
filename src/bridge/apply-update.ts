import type { BridgeState, Update } from "./state.ts";

/** What is known after an update. `undefined` in either place: nothing is known, ask for the whole state. */
export function applyUpdate(before: BridgeState | undefined, update: Update): BridgeState | undefined {
  if (update.kind === "state") return update.state;
  if (before === undefined) return undefined;
  // A patch carries only fields that are new, never an undefined one.
  if (update.kind === "changed") return { ...before, ...update.patch } as BridgeState;
  if (before.agent.state !== "ready") return undefined;
  const snapshot = { ...before.agent.snapshot, ...update.patch } as typeof before.agent.snapshot;
  return { ...before, agent: { state: "ready", snapshot } };
}
