/**
 * What the window knows and where it is. What the agent says comes through the bridge and is never changed here; the
 * place survives a restart of the agent.
 */
import { create } from "zustand";
import type { BridgeState } from "../src/bridge/state.ts";
import type { BridgeClient } from "./bridge/client.ts";

export const SCREENS = ["home", "path", "preferences", "manual", "health", "settings"] as const;
export type ScreenName = (typeof SCREENS)[number];

interface Window {
  /** undefined until the host has told it. */
  readonly bridge: BridgeState | undefined;
  readonly screen: ScreenName;
}

export const useWindow = create<Window>(() => ({ bridge: undefined, screen: "home" }));

/** Goes to a screen. */
export function goTo(screen: ScreenName): void {
  useWindow.setState({ screen });
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
