/**
 * What the window knows and where it is. What the agent says comes through the bridge and is never changed here; the
 * place survives a restart of the agent.
 */
import { create } from "zustand";
import type { BridgeState } from "../src/bridge/state.ts";
import type { BridgeClient } from "./bridge/client.ts";

/** `more` leads to what has no place of its own in a narrow window. */
export const SCREENS = ["home", "path", "preferences", "manual", "health", "settings", "more"] as const;
export type ScreenName = (typeof SCREENS)[number];

interface Window {
  /** undefined until the host has told it. */
  readonly bridge: BridgeState | undefined;
  readonly screen: ScreenName;
}

export const useWindow = create<Window>(() => ({ bridge: undefined, screen: "home" }));

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
  bridge.watch((state) => useWindow.setState({ bridge: state }));
}

/** Asks the host for something (see `BridgeClient.request`). */
export const request: BridgeClient["request"] = (name, params) => {
  if (client === undefined) throw new Error("the window asked before it was started");
  return client.request(name, params);
};
