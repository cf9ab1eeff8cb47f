import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HELD_MS, ImportDesk } from "../../../../src/agent/profiles/import-desk.ts";
import { conf, configOf } from "./given.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const CONFIG = configOf(conf());

it("lets go of what nobody asks for again: its clock stands still, so that only the timer can", () => {
  const desk = new ImportDesk(() => 0);
  desk.hold(1000, null, "a", [CONFIG]);
  vi.advanceTimersByTime(HELD_MS / 2);
  desk.hold(1000, null, "b", [CONFIG]);
  vi.advanceTimersByTime(HELD_MS / 2);
  expect(desk.find(1000, null, "a")).toBeNull();
  expect(desk.find(1000, null, "b")).toEqual([CONFIG]);
  vi.advanceTimersByTime(HELD_MS / 2);
  expect(desk.find(1000, null, "b")).toBeNull();
});

it("leaves no timer behind for what was confirmed, replaced or pushed out", () => {
  const desk = new ImportDesk(() => 0);
  for (const digest of ["a", "a", "b", "c", "d", "e", "f"]) desk.hold(1000, null, digest, [CONFIG]);
  expect(vi.getTimerCount()).toBe(4);
  desk.forget(1000, null, "f");
  expect(vi.getTimerCount()).toBe(3);
});
