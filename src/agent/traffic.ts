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

/** Seconds since the oldest of the peers' last handshakes; null when one of them never had any. `now` in seconds. */
export function handshakeAge(readings: readonly PeerReading[], now: number): number | null {
  if (readings.length === 0 || readings.some((reading) => reading.latestHandshake === 0)) return null;
  return Math.max(0, now - Math.min(...readings.map((reading) => reading.latestHandshake)));
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
