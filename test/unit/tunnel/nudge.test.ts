import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { nudging } from "../../../src/tunnel/nudge.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("the first call comes soon, each next one after twice as long, and none after its end", () => {
  let calls = 0;
  const handle = nudging(() => (calls += 1));
  for (const [milliseconds, expected] of [
    [249, 0],
    [1, 1],
    [499, 1],
    [1, 2],
    [1000, 3],
  ] as const) {
    vi.advanceTimersByTime(milliseconds);
    expect(calls).toBe(expected);
  }
  handle[Symbol.dispose]();
  vi.advanceTimersByTime(600_000);
  expect(calls).toBe(3);
});

test("what has not come for a day is asked for twice a minute still", () => {
  let calls = 0;
  const handle = nudging(() => (calls += 1));
  vi.advanceTimersByTime(86_400_000);
  const before = calls;
  vi.advanceTimersByTime(60_000);
  expect(calls - before).toBe(2);
  handle[Symbol.dispose]();
});

test("who is disposed of by its own call does not call again", () => {
  let calls = 0;
  const handle = nudging(() => {
    calls += 1;
    handle[Symbol.dispose]();
  });
  vi.advanceTimersByTime(60_000);
  expect(calls).toBe(1);
});
