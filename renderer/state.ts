/**
 * What the window knows and where it is. What the agent says comes through the bridge and is never changed here; the
 * place survives a restart of the agent.
 */
import { create } from "zustand";
import type { BridgeState } from "../src/bridge/state.ts";
import type { Snapshot } from "../src/rpc/contract.ts";
import type { BridgeClient } from "./bridge/client.ts";
import type { ScreenName } from "./screen-names.ts";

interface Window {
  /** undefined until the host has told it. */
  readonly bridge: BridgeState | undefined;
  readonly screen: ScreenName;
}

export const useWindow = create<Window>(() => ({ bridge: undefined, screen: "home" }));

/** What the agent says, or said last before it went away; undefined where it never spoke. */
export function snapshotOf(bridge: BridgeState | undefined): Snapshot | undefined {
  if (bridge?.agent.state === "ready") return bridge.agent.snapshot;
  if (bridge?.agent.state === "away") return bridge.agent.last ?? undefined;
  return undefined;
}

/** One thing of what the agent says or said last; renders anew only when that thing is another. */
export function useSnapshot<T>(select: (snapshot: Snapshot) => T): T | undefined {
  return useWindow(({ bridge }) => {
    const snapshot = snapshotOf(bridge);
    return snapshot === undefined ? undefined : select(snapshot);
  });
}

/** Whether the agent can be asked now: what changes something is disabled while it cannot. */
export function useAgentReady(): boolean {
  return useWindow(({ bridge }) => bridge?.agent.state === "ready");
}

let headingWaits = false;

/** Goes to a screen; the focus follows to its heading. */
export function goTo(screen: ScreenName): void {
  headingWaits = true;
  useWindow.setState({ screen });
}

/** Whether a new screen's heading should take the focus; true once for each move. */
export function takeHeadingFocus(): boolean {
  const waits = headingWaits;
  headingWaits = false;
  return waits;
}

let client: BridgeClient | undefined;

/** Connects the window to its host. Called once. */
export function startWindow(bridge: BridgeClient): void {
  client = bridge;
  let unseen: BridgeState | undefined;
  bridge.watch((state) => {
    // Nothing is drawn for nobody: while the window is hidden only the newest state is kept.
    if (document.hidden) unseen = state;
    else useWindow.setState({ bridge: state });
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || unseen === undefined) return;
    useWindow.setState({ bridge: unseen });
    unseen = undefined;
  });
}

/** Asks the host for something (see `BridgeClient.request`). */
export const request: BridgeClient["request"] = (name, params) => {
  if (client === undefined) throw new Error("the window asked before it was started");
  return client.request(name, params);
};
