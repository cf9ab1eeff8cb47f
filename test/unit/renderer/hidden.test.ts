import { expect, test } from "vitest";
import { watchWhileSeen } from "../../../renderer/watch-while-seen.ts";
import { DEFAULT_PRESENTATION, type BridgeState } from "../../../src/bridge/state.ts";
import { FACTS } from "../face/fixtures.ts";

const STATE: BridgeState = {
  agent: { state: "looking" },
  presentation: DEFAULT_PRESENTATION,
  host: FACTS,
  offers: [],
  signingIn: null,
};

/** A page that is hidden or shown, and a host that counts who listens. */
function surroundings(hidden: boolean) {
  const page = Object.assign(new EventTarget(), { hidden });
  const listening = new Set<(state: BridgeState) => void>();
  const heard: BridgeState[] = [];
  const watch = (listener: (state: BridgeState) => void): (() => void) => {
    listening.add(listener);
    return () => listening.delete(listener);
  };
  watchWhileSeen({ watch }, page, (state) => heard.push(state));
  return {
    listening,
    heard,
    tell: () => {
      for (const listener of listening) listener(STATE);
    },
    show: (seen: boolean) => {
      page.hidden = !seen;
      page.dispatchEvent(new Event("visibilitychange"));
    },
  };
}

test("a window that begins hidden hears the first state and nothing more until it is shown", () => {
  const { listening, heard, tell, show } = surroundings(true);
  expect(listening.size).toBe(1);
  tell();
  tell();
  expect(heard).toEqual([STATE]);
  expect(listening.size).toBe(0);
  show(true);
  tell();
  tell();
  expect(heard).toHaveLength(3);
});

test("a window that is seen is told all the while, and nothing while it is hidden", () => {
  const { listening, heard, tell, show } = surroundings(false);
  tell();
  tell();
  expect(heard).toHaveLength(2);
  show(false);
  expect(listening.size).toBe(0);
});
