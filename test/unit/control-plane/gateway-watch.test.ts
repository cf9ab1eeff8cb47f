import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GatewayWatch } from "../../../src/control-plane/push/gateway-watch.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a gateway counts as lost after its grace, counted from the last loss, and not when it came back", () => {
  const lost: string[] = [];
  const watch = new GatewayWatch(10_000, (id) => lost.push(id));
  watch.lost("tokyo");
  watch.lost("osaka");
  vi.advanceTimersByTime(9_000);
  watch.found("tokyo");
  watch.lost("osaka");
  vi.advanceTimersByTime(9_999);
  expect(lost).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(lost).toEqual(["osaka"]);
});

test("nobody is lost after the end", () => {
  const lost: string[] = [];
  const watch = new GatewayWatch(10, (id) => lost.push(id));
  watch.lost("tokyo");
  watch.close();
  watch.lost("osaka");
  vi.advanceTimersByTime(100);
  expect(lost).toEqual([]);
});
