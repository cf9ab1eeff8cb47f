/** What is measured while the agent runs: traffic (often only while somebody watches) and round-trip times. */
import { isAtRest } from "../tunnel/lockdown.ts";
import type { TunnelEngine, TunnelStatus } from "../tunnel/types.ts";
import { pingTargets, probedGateway } from "./round-trips.ts";
import type { Path } from "./routing-state.ts";
import { handshakeAge, ratesBetween, sampleOf, silentPeers, type Sample, type Traffic } from "./traffic.ts";

const WATCHED_MS = 1_000;
const UNWATCHED_MS = 15_000;
/** Between two rounds of round-trip measurements, and before the first one after the session came up. */
const ROUND_MS = 60_000;
const FIRST_ROUND_MS = 2_000;

export interface MeasurementOptions {
  readonly engine: TunnelEngine;
  readonly ping: (address: string) => Promise<number | undefined>;
  readonly path: () => Path | null;
  readonly report: (roundTrips: Record<string, number>) => void;
  readonly onTraffic: (traffic: Traffic | null) => void;
}

export class Measurements {
  readonly #options: MeasurementOptions;
  readonly #roundTrips = new Map<string, number>();
  /**
   * The shortest of the probe's times since the last round, and whose: one of a moment in which this machine was busy
   * would have the gateway look further away than it is, and the platform move away from it.
   */
  #probed: { readonly deviceId: string; readonly shortestMs: number } | null = null;
  #watchers = 0;
  #up = false;
  #last: Sample | null = null;
  #reading = false;
  #trafficTimer: NodeJS.Timeout | undefined;
  #roundTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: MeasurementOptions) {
    this.#options = options;
  }

  /** Milliseconds by gateway id, as measured last. */
  get roundTrips(): ReadonlyMap<string, number> {
    return this.#roundTrips;
  }

  watchers(count: number): void {
    this.#watchers = count;
    this.#schedule();
  }

  tunnelChanged(status: TunnelStatus): void {
    const up = !isAtRest(status) && status.state !== "disconnecting";
    if (up === this.#up) return;
    this.#up = up;
    this.#last = null;
    this.#probed = null;
    if (!up) this.#options.onTraffic(null);
    this.#schedule();
  }

  /** Measures round trips shortly: there is somebody to report to. */
  measureSoon(): void {
    clearTimeout(this.#roundTimer);
    if (!this.#closed)
      this.#roundTimer = setTimeout(() => void this.#round().catch(() => undefined), FIRST_ROUND_MS);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#trafficTimer);
    clearTimeout(this.#roundTimer);
  }

  #schedule(): void {
    clearInterval(this.#trafficTimer);
    if (!this.#up || this.#closed) return;
    const every = this.#watchers > 0 ? WATCHED_MS : UNWATCHED_MS;
    const read = () => void this.#read().catch(() => undefined);
    this.#trafficTimer = setInterval(read, every);
    read();
  }

  async #read(): Promise<void> {
    const { engine, onTraffic } = this.#options;
    const { intent } = engine;
    // Until the tunnel stands there is nothing to read, and a program more would only delay it.
    if (intent === null || this.#reading || engine.status.state === "connecting") return;
    this.#reading = true;
    this.#noteProbe();
    try {
      const readings = await engine.readings();
      if (!this.#up || this.#closed) return;
      const sample = sampleOf(readings, intent, performance.now());
      const now = Date.now() / 1000;
      const beside = intent.probe === undefined && intent.peers.every(({ via }) => via === undefined);
      const silent = beside ? silentPeers(readings, intent, now) : [];
      const age = handshakeAge(readings, now, beside);
      onTraffic({
        rxBytes: sample.rxBytes,
        txBytes: sample.txBytes,
        ...ratesBetween(this.#last, sample),
        handshakeAge: age === null ? null : Math.round(age),
        roundTripMs: engine.probeRoundTripMs ?? null,
        ...(silent.length === 0 ? {} : { silentPeers: [...silent] }),
      });
      this.#last = sample;
    } finally {
      this.#reading = false;
    }
  }

  #noteProbe(): void {
    const path = this.#options.path();
    const deviceId = path === null || !this.#up ? undefined : probedGateway(path);
    const { probeRoundTripMs } = this.#options.engine;
    if (deviceId === undefined || probeRoundTripMs === undefined) {
      this.#probed = null;
      return;
    }
    const before = this.#probed?.deviceId === deviceId ? this.#probed.shortestMs : Infinity;
    this.#probed = { deviceId, shortestMs: Math.min(before, probeRoundTripMs) };
  }

  async #round(): Promise<void> {
    const { ping, report } = this.#options;
    const path = this.#options.path();
    if (path !== null) {
      this.#noteProbe();
      if (this.#probed !== null) this.#roundTrips.set(this.#probed.deviceId, this.#probed.shortestMs);
      this.#probed = null;
      for (const { deviceId, address } of pingTargets(path, this.#up)) {
        const measured = await ping(address);
        if (measured === undefined) this.#roundTrips.delete(deviceId);
        else this.#roundTrips.set(deviceId, measured);
      }
      if (this.#roundTrips.size > 0) report(Object.fromEntries(this.#roundTrips));
    }
    if (this.#closed) return;
    // Spread, so that a thousand devices do not measure in the same instant.
    const pause = ROUND_MS * (0.75 + Math.random() / 2);
    this.#roundTimer = setTimeout(() => void this.#round().catch(() => undefined), pause);
  }
}
