/** Rates from counters: two readings of the peers in force make one `Traffic`. Pure. */
import type { z } from "zod";
import type { Traffic as TrafficSchema } from "../rpc/contract.ts";
import type { Intent, PeerReading } from "../tunnel/types.ts";

export type Traffic = z.infer<typeof TrafficSchema>;

/** Totals at one moment. */
export interface Sample {
  /** Milliseconds of a clock that never jumps. */
  readonly at: number;
  readonly rxBytes: number;
  readonly txBytes: number;
}

/**
 * Sums what went over the wire. A nested peer's packets travel inside those of the peer that carries it, so only
 * the carriers are counted.
 */
export function sampleOf(readings: readonly PeerReading[], intent: Intent, at: number): Sample {
  const nested = new Set(intent.peers.filter((peer) => peer.via !== undefined).map((peer) => peer.publicKey));
  const outer = readings.filter((reading) => !nested.has(reading.publicKey));
  const sum = (count: (reading: PeerReading) => number) =>
    outer.reduce((total, reading) => total + count(reading), 0);
  return { at, rxBytes: sum((r) => r.rxBytes), txBytes: sum((r) => r.txBytes) };
}

/** WireGuard forgets its keys this many seconds after a handshake (REJECT_AFTER_TIME). */
const LIFETIME_S = 180;

/** The peers of a manual profile that do not answer, by name. `now` in seconds. */
export function silentPeers(
  readings: readonly PeerReading[],
  intent: Intent,
  now: number,
): readonly string[] {
  const answers = new Set(
    readings
      .filter(({ latestHandshake }) => latestHandshake > now - LIFETIME_S)
      .map((peer) => peer.publicKey),
  );
  return intent.peers.filter(({ publicKey }) => !answers.has(publicKey)).map(({ name }) => name);
}

/**
 * Seconds since the oldest of the peers' last handshakes, or, where they stand beside one another, since the newest;
 * null when there was none. `now` in seconds.
 */
export function handshakeAge(readings: readonly PeerReading[], now: number, beside = false): number | null {
  const times = readings.map(({ latestHandshake }) => latestHandshake);
  const at = times.length === 0 ? 0 : beside ? Math.max(...times) : Math.min(...times);
  return at === 0 ? null : Math.max(0, now - at);
}

/** Bytes per second between two samples; 0 when counters began anew. */
export function ratesBetween(
  before: Sample | null,
  after: Sample,
): { readonly rxRate: number; readonly txRate: number } {
  const seconds = before === null ? 0 : (after.at - before.at) / 1000;
  if (before === null || seconds <= 0) return { rxRate: 0, txRate: 0 };
  const rate = (from: number, to: number) => Math.max(0, Math.round((to - from) / seconds));
  return { rxRate: rate(before.rxBytes, after.rxBytes), txRate: rate(before.txBytes, after.txBytes) };
}
