import fc from "fast-check";
import { expect, test } from "vitest";
import type { TunnelStatus } from "../../../src/rpc/contract.ts";
import { describeEvent, TAMPERINGS, walk } from "../../integration/walk/events.ts";
import { Timeline } from "../../integration/walk/timeline.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

test("the same seed walks the same way; another seed another one", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(walk(seed, 44)).toEqual(walk(seed, 44));
    }),
  );
  expect(walk(1, 44)).not.toEqual(walk(2, 44));
});

test("a walk of 40 events has every kind of event, and rp_filter 0, 1 and 2", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const events = walk(seed, 40).map(({ event }) => event);
      expect(events.length).toBe(40);
      expect(new Set(events.map((event) => event.do)).size).toBe(14);
      const values = events.flatMap((event) => (event.do === "rp_filter" ? [event.value] : []));
      // It begins with 0.
      expect(values).toEqual(expect.arrayContaining([1, 2]));
      expect(new Set(events.map(describeEvent)).size).toBeGreaterThan(18);
    }),
  );
});

test("a long walk tampers with everything and breaks the control plane in every way", () => {
  const events = walk(3, 400).map(({ event }) => event);
  expect(new Set(events.flatMap((event) => (event.do === "tamper" ? [event.with] : [])))).toEqual(
    new Set(TAMPERINGS),
  );
  expect(new Set(events.flatMap((event) => (event.do === "control plane" ? [event.is] : [])))).toEqual(
    new Set(["down", "garbage", "silence", "back"]),
  );
});

const SINCE = "2026-01-01T00:00:00.000Z";
const full = (state: "connecting" | "connected"): TunnelStatus =>
  state === "connecting"
    ? { state, mode: "full_tunnel", since: SINCE }
    : { state, mode: "full_tunnel", since: SINCE, verified: "traffic" };

test("from nothing, the answer promises; a disconnect ends it at the request", () => {
  const timeline = new Timeline(["198.51.100.10"], true);
  timeline.asks("full_tunnel", 10);
  timeline.told(full("connecting"), 15);
  timeline.connected("full_tunnel", 20);
  timeline.disconnects(30);
  expect([9, 19, 20, 29, 30].map((time) => timeline.at(time).mode)).toEqual([
    "nothing",
    "nothing",
    "full_tunnel",
    "full_tunnel",
    "nothing",
  ]);
});

test("a switch to full_tunnel counts from its acknowledgement, one back from the request, and neither pauses", () => {
  const timeline = new Timeline(["198.51.100.10"], true);
  timeline.asks("vpn_only", 0);
  timeline.connected("vpn_only", 1);
  timeline.asks("full_tunnel", 10);
  timeline.told(full("connecting"), 11);
  timeline.connected("vpn_only", 12);
  timeline.told(full("connected"), 20);
  timeline.asks("vpn_only", 30);
  timeline.told(full("connected"), 31);
  expect([1, 10, 12, 19, 20, 29, 30, 31].map((time) => timeline.at(time).mode)).toEqual([
    "vpn_only",
    "vpn_only",
    "vpn_only",
    "vpn_only",
    "full_tunnel",
    "full_tunnel",
    "vpn_only",
    "vpn_only",
  ]);
});

test("the answer to a switch acknowledges it too", () => {
  const timeline = new Timeline(["198.51.100.10"], true);
  timeline.connected("vpn_only", 1);
  timeline.asks("full_tunnel", 10);
  timeline.connected("full_tunnel", 12);
  expect([11, 12].map((time) => timeline.at(time).mode)).toEqual(["vpn_only", "full_tunnel"]);
  // Nothing was asked for since.
  timeline.asks("vpn_only", 20);
  timeline.connected("full_tunnel", 21);
  expect(timeline.at(21).mode).toBe("vpn_only");
});

test("the local network and the gateways are part of what is promised", () => {
  const timeline = new Timeline(["198.51.100.10", "198.51.100.30"], true);
  timeline.connected("full_tunnel", 1);
  timeline.localNetwork(false, 5);
  timeline.gateways(["198.51.100.30"], 6);
  timeline.gateways(null, 7);
  expect(timeline.at(1)).toEqual({
    mode: "full_tunnel",
    localNetwork: true,
    gateways: ["198.51.100.10", "198.51.100.30"],
  });
  expect(timeline.at(6)).toEqual({ mode: "full_tunnel", localNetwork: false, gateways: ["198.51.100.30"] });
  expect(timeline.at(7)).toMatchObject({ gateways: ["198.51.100.10", "198.51.100.30"] });
});
