import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { looksIntercepted, shownTunnel } from "../../../src/agent/shown-tunnel.ts";
import { saysAwake } from "../../../src/agent/sleep-signal.ts";
import { judgeSights, watchSurroundings, type Sight } from "../../../src/agent/surroundings-watch.ts";
import { pathFor } from "./fixtures.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const at = (wall: number, monotonic: number, addresses = "eth0 192.0.2.1/24", slept = 0): Sight => ({
  wall,
  monotonic,
  slept,
  addresses,
});

test("a wall clock that ran ahead means sleep; looks that are a little late, and small corrections, do not", () => {
  fc.assert(
    fc.property(fc.nat(7_000), fc.integer({ min: -4_000, max: 4_000 }), (passed, correction) => {
      expect(judgeSights(at(0, 0), at(passed + correction, passed))).toBeNull();
    }),
  );
  fc.assert(
    fc.property(fc.nat(1e6), fc.integer({ min: 5_001, max: 1e9 }), (passed, slept) => {
      expect(judgeSights(at(0, 0), at(passed + slept, passed))).toBe("woke");
    }),
  );
});

test("sleep that the kernel counted counts, whatever the wall clock was set to", () => {
  const address = "eth0 192.0.2.1/24";
  fc.assert(
    fc.property(fc.integer({ min: 501, max: 1e9 }), fc.integer({ min: -1e9, max: 4_000 }), (slept, set) => {
      expect(judgeSights(at(0, 0), at(2_000 + set, 2_000, address, slept))).toBe("woke");
    }),
  );
  expect(judgeSights(at(0, 0, address, 7_000), at(2_000, 2_000, address, 7_400))).toBeNull();
});

test("a look that is far too late means that this process stood still", () => {
  expect(judgeSights(at(0, 0), at(7_001, 7_001))).toBe("woke");
  expect(judgeSights(at(0, 0), at(7_000, 7_000))).toBeNull();
});

test("another address is another place; nothing is told twice", () => {
  let now = at(0, 0);
  const happened: string[] = [];
  using watch = watchSurroundings(
    () => now,
    (what) => happened.push(what),
  );
  now = at(2_000, 2_000, "wlan0 198.51.100.7/24");
  vi.advanceTimersByTime(10_000);
  expect(happened).toEqual(["moved"]);
  now = at(3_600_000, 2_100, "wlan0 198.51.100.7/24");
  vi.advanceTimersByTime(10_000);
  expect(happened).toEqual(["moved", "woke"]);
  expect(watch).toBeDefined();
});

test("of logind's signals only the one after sleep counts", () => {
  const sender = ":1.7";
  const signal = {
    interface: "org.freedesktop.login1.Manager",
    member: "PrepareForSleep",
    body: [false],
    sender,
  };
  expect(saysAwake(signal)).toBe(sender);
  for (const other of [
    { ...signal, body: [true] },
    { ...signal, member: "PrepareForShutdown" },
    { ...signal, sender: undefined },
    {},
    null,
    "x",
  ])
    expect(saysAwake(other)).toBeNull();
});

test.each([
  ["self-signed certificate in certificate chain", true],
  ["Hostname/IP does not match certificate's altnames: Host: control.example", true],
  ["unable to verify the first certificate", true],
  ["the control plane answered with status 302", true],
  ["the control plane answered with status 511", true],
  ["the control plane answered with status 500", false],
  ["connect ECONNREFUSED 203.0.113.20:443", false],
  ["the control plane stopped answering", false],
])("%s: intercepted = %s", (problem, intercepted) => {
  expect(looksIntercepted(problem)).toBe(intercepted);
});

test("a captive portal is said only where the gateway is silent too", () => {
  const reason = { code: "gateway_silent", message: "Silent.", remedy: "Wait." };
  const status = {
    state: "reconnecting",
    mode: "full_tunnel",
    since: "2026-01-01T00:00:00.000Z",
    reason,
  } as const;
  const intent = { mode: "full_tunnel", peers: [{ name: "tokyo" }] } as never;
  const beside = {
    path: pathFor({}, 1),
    intent,
    silence: null,
    failedOver: false,
    intercepted: true,
    portal: null,
  };
  expect(shownTunnel(status, beside)).toMatchObject({
    state: "reconnecting",
    reason: { code: "captive_portal", message: "This Wi-Fi asks you to sign in." },
  });
  const announced = { ...beside, intercepted: false, portal: { host: "wifi.hotel.example" } };
  expect(shownTunnel(status, announced)).toMatchObject({
    reason: { code: "captive_portal", message: "This Wi-Fi asks you to sign in at wifi.hotel.example." },
  });
  // Of a manual profile too, which has no path.
  expect(shownTunnel(status, { ...announced, path: null })).toMatchObject({
    reason: { code: "captive_portal" },
  });
  expect(shownTunnel(status, { ...beside, intercepted: false })).toMatchObject({
    reason: { code: "gateway_silent" },
  });
  const offline = { ...status, reason: { ...reason, code: "offline" } };
  expect(shownTunnel(offline, beside)).toBe(offline);
});
