/**
 * What the window knows and where it is. What the agent says comes through the bridge and is never changed here; the
 * place survives a restart of the agent.
 */
import { create } from "zustand";
import type { BridgeState } from "../src/bridge/state.ts";
import type { Snapshot } from "../src/rpc/contract.ts";
import type { BridgeClient } from "./bridge/client.ts";
import type { ScreenName } from "./screen-names.ts";
import { watchWhileSeen } from "./watch-while-seen.ts";

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

let standing: Snapshot | undefined;

/** What does not change by itself: the snapshot without its traffic, which is another every moment. */
export type Standing = Omit<Snapshot, "traffic">;

/** The snapshot for what shows no traffic; draws nothing anew for traffic alone. */
export function useStanding(): Standing | undefined {
  return useSnapshot((snapshot) => {
    if (standing === undefined || !sameButTraffic(standing, snapshot)) standing = snapshot;
    return standing;
  });
}

function sameButTraffic(one: Snapshot, other: Snapshot): boolean {
  const names = Object.keys({ ...one, ...other }) as (keyof Snapshot)[];
  return names.every((name) => name === "traffic" || one[name] === other[name]);
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

/** Connects the window to its host; called once. Resolves to what it tells first (see `watchWhileSeen`). */
export function startWindow(bridge: BridgeClient): Promise<BridgeState> {
  client = bridge;
  return new Promise((resolve) => {
    watchWhileSeen(bridge, document, (state) => {
      useWindow.setState({ bridge: state });
      resolve(state);
    });
  });
}

/** Asks the host for something (see `BridgeClient.request`). */
export const request: BridgeClient["request"] = (name, params) => {
  if (client === undefined) throw new Error("the window asked before it was started");
  return client.request(name, params);
};
