import { expect, test } from "vitest";
import { showingFor } from "../../../src/launch/window.ts";

const BOTH = { electron: "/somewhere/electron", chromium: "/usr/bin/chromium" };

test.each([
  ["Electron where its runtime is", { uid: 1000, display: true, ...BOTH }, "electron"],
  ["Chromium where only that is", { uid: 1000, display: true, ...BOTH, electron: null }, "chromium"],
  ["an address where neither is", { uid: 1000, display: true, electron: null, chromium: null }, "address"],
  ["an address without a display", { uid: 1000, display: false, ...BOTH }, "address"],
  ["an address as root, whom neither gives its sandbox", { uid: 0, display: true, ...BOTH }, "address"],
] as const)("the app is shown as %s", (_, surroundings, expected) => {
  expect(showingFor(surroundings)).toBe(expected);
});
