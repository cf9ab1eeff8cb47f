import { expect, test, vi } from "vitest";
import { Measurements } from "../../../src/agent/measurements.ts";
import { pingTargets, probedGateway, readPing } from "../../../src/agent/round-trips.ts";
import {
  handshakeAge,
  ratesBetween,
  sampleOf,
  type Traffic,
  silentPeers,
} from "../../../src/agent/traffic.ts";
import type { Intent, PeerReading } from "../../../src/tunnel/types.ts";
import { FakeEngine, FRANKFURT, OSAKA, pathFor, TOKYO } from "./fixtures.ts";

const intent = (via?: string): Intent => ({
  mode: "full_tunnel",
  addresses: ["100.64.0.10/32"],
  peers: [TOKYO, FRANKFURT].map((hop, index) => ({
    name: hop.name,
    publicKey: hop.publicKey,
    endpoint: { address: "203.0.113.1", port: 1 },
    allowedIps: [],
    via: index === 1 ? via : undefined,
  })),
  privatePrefixes: [],
  dns: { servers: [], matchDomains: [] },
  allowLocalNetwork: true,
  control: [],
});
const reading = (publicKey: string, rxBytes: number, latestHandshake = 100): PeerReading => ({
  publicKey,
  endpoint: null,
  latestHandshake,
  rxBytes,
  txBytes: rxBytes * 2,
});

test("a nested peer's bytes are inside its carrier's and not counted again", () => {
  const readings = [reading(TOKYO.publicKey, 1000), reading(FRANKFURT.publicKey, 900)];
  expect(sampleOf(readings, intent(TOKYO.publicKey), 5)).toEqual({ at: 5, rxBytes: 1000, txBytes: 2000 });
  expect(sampleOf(readings, intent(), 5).rxBytes).toBe(1900);
});

test("rates are per second, and never negative when counters begin anew", () => {
  const at = (ms: number, rxBytes: number) => ({ at: ms, rxBytes, txBytes: 0 });
  expect(ratesBetween(null, at(0, 9))).toEqual({ rxRate: 0, txRate: 0 });
  expect(ratesBetween(at(1000, 100), at(3000, 500)).rxRate).toBe(200);
  expect(ratesBetween(at(1000, 500), at(3000, 100)).rxRate).toBe(0);
  expect(ratesBetween(at(1000, 0), at(1000, 100)).rxRate).toBe(0);
});

test("the age of the handshake is that of the oldest, and unknown where there was none", () => {
  expect(handshakeAge([reading("a", 0, 90), reading("b", 0, 95)], 100)).toBe(10);
  expect(handshakeAge([reading("a", 0, 90), reading("b", 0, 0)], 100)).toBeNull();
  expect(handshakeAge([], 100)).toBeNull();
});

test("of peers beside one another the newest handshake counts, and those that are silent are named", () => {
  const readings = [reading(TOKYO.publicKey, 0, 995), reading(FRANKFURT.publicKey, 0, 0)];
  expect(handshakeAge(readings, 1000, true)).toBe(5);
  expect(silentPeers(readings, intent(), 1000)).toEqual([intent().peers[1]?.name]);
  expect(silentPeers(readings, intent(), 1200)).toHaveLength(2);
  expect(handshakeAge([reading("a", 0, 0)], 1000, true)).toBeNull();
});

test("in full_tunnel nothing but the tunnel itself is probed", () => {
  const path = {
    ...pathFor({ device: { trafficMode: "full_tunnel" } }, 1),
    ingress: OSAKA,
    egress: FRANKFURT,
  };
  expect(pingTargets(path, true)).toEqual([]);
  // Two hops: the probe's time is that of both together, and says nothing of one.
  expect(probedGateway(path)).toBeUndefined();
  expect(probedGateway({ ...path, egress: OSAKA })).toBe(OSAKA.deviceId);
});

test("disconnected, every gateway of the path is measured; in vpn_only those not in use", () => {
  const path = pathFor({}, 1);
  const ids = (up: boolean) =>
    pingTargets(path, up)
      .map((target) => target.deviceId)
      .sort();
  expect(ids(false)).toEqual([FRANKFURT.deviceId, OSAKA.deviceId, TOKYO.deviceId]);
  expect(ids(true)).toEqual([FRANKFURT.deviceId, OSAKA.deviceId]);
});

test("endpoints by name are not looked up for a measurement", () => {
  const path = {
    ...pathFor({}, 1),
    alternates: [],
    egress: undefined,
    ingress: { ...TOKYO, endpoint: "a.example:1" },
  };
  expect(pingTargets(path, false)).toEqual([]);
});

test("what ping prints is read, iputils and busybox alike", () => {
  expect(readPing("3 packets\nrtt min/avg/max/mdev = 0.028/0.030/0.031/0.001 ms\n")).toBe(0.028);
  expect(readPing("round-trip min/avg/max = 12.5/13/14 ms")).toBe(12.5);
  expect(readPing("3 packets transmitted, 0 received, 100% packet loss")).toBeUndefined();
});

test("traffic is read every second while somebody watches, seldom otherwise, and not at all when disconnected", async () => {
  vi.useFakeTimers();
  const engine = new FakeEngine();
  const seen: (Traffic | null)[] = [];
  const measurements = new Measurements({
    engine,
    ping: () => Promise.resolve(undefined),
    path: () => null,
    report: () => undefined,
    onTraffic: (traffic) => seen.push(traffic),
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(seen).toEqual([]);
  engine.onStatus((status) => measurements.tunnelChanged(status));
  engine.apply(intent(), TOKYO.publicKey);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(seen.length).toBe(3);
  measurements.watchers(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(seen.length).toBe(3 + 11);
  await engine.disconnect();
  expect(seen.at(-1)).toBeNull();
  const { length } = seen;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(seen.length).toBe(length);
  measurements.close();
  vi.useRealTimers();
});

test("of the probe's times the shortest since the last round is reported: one busy moment moves nobody", async () => {
  vi.useFakeTimers();
  const engine = new FakeEngine();
  const reports: Record<string, number>[] = [];
  const measurements = new Measurements({
    engine,
    ping: () => Promise.resolve(undefined),
    path: () => ({ ...pathFor({}, 1), alternates: [] }),
    report: (roundTrips) => reports.push(roundTrips),
    onTraffic: () => undefined,
  });
  engine.onStatus((status) => measurements.tunnelChanged(status));
  engine.apply(intent(), TOKYO.publicKey);
  measurements.watchers(1);
  engine.probeRoundTripMs = 9;
  await vi.advanceTimersByTimeAsync(1_500);
  engine.probeRoundTripMs = 180;
  measurements.measureSoon();
  await vi.advanceTimersByTimeAsync(2_500);
  expect(reports).toEqual([{ [TOKYO.deviceId]: 9 }]);
  // What stays is no moment.
  await vi.advanceTimersByTimeAsync(80_000);
  expect(reports.at(-1)).toEqual({ [TOKYO.deviceId]: 180 });
  measurements.close();
  vi.useRealTimers();
});

test("round trips are measured after the session came up and reported by gateway", async () => {
  vi.useFakeTimers();
  const reports: Record<string, number>[] = [];
  const measurements = new Measurements({
    engine: new FakeEngine(),
    ping: (address) => Promise.resolve(address === "203.0.113.1" ? 12 : undefined),
    path: () => pathFor({}, 1),
    report: (roundTrips) => reports.push(roundTrips),
    onTraffic: () => undefined,
  });
  measurements.measureSoon();
  await vi.advanceTimersByTimeAsync(2_500);
  expect(reports).toEqual([{ [TOKYO.deviceId]: 12 }]);
  await vi.advanceTimersByTimeAsync(80_000);
  expect(reports.length).toBe(2);
  measurements.close();
  vi.useRealTimers();
});
