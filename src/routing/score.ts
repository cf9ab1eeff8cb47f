/**
 * How gateways are compared: in milliseconds or their equivalent, lower is better. Whole numbers, so that noise
 * below a millisecond never decides; ties fall to the lower device id.
 */
import type { GatewayCandidate } from "./types.ts";

/** Round trip of a gateway nobody measured: far enough that a measured neighbour wins, near enough to be tried. */
export const ASSUMED_ROUND_TRIP_MS = 150;
/** What a full gateway costs against an idle one. */
export const FULL_LOAD_MS = 50;
/**
 * What a second gateway on the way costs: its forwarding, 80 bytes of every packet for the nested tunnel, and a
 * second machine that may fail. An ingress apart from the egress has to be nearer by more than this.
 */
export const SECOND_HOP_MS = 30;

/** The cost of a gateway by itself: its round trip as measured (or assumed) and its load. */
export function cost(candidate: GatewayCandidate): number {
  return Math.round((candidate.roundTripMs ?? ASSUMED_ROUND_TRIP_MS) + candidate.load * FULL_LOAD_MS);
}

/** What an ingress costs on top, given the egress (undefined where the path has none). */
export function secondHop(ingressDeviceId: string, egressDeviceId: string | undefined): number {
  return egressDeviceId === undefined || egressDeviceId === ingressDeviceId ? 0 : SECOND_HOP_MS;
}

/** True when `other` beats `current` by a margin that noise does not reach: 20 ms, and 20 % of the current score. */
export function clearlyBetter(other: number, current: number): boolean {
  return current - other > Math.max(20, current * 0.2);
}

/** Order of text by code units: the same everywhere, whatever the locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
