/** The rates of the last minute. Pure. */

/** Seconds that are kept and drawn. */
export const WINDOW_S = 60;

/** Seconds between two samples from which nobody knows what was between them; the agent measures each second. */
const GAP_S = 2.5;

/** Bits per second; null where nothing was measured: the line is broken there. */
type Column = readonly (number | null)[];

/** Columns as uPlot takes them: times in seconds, what came down and what went up. */
export type Samples = readonly [times: readonly number[], down: Column, up: Column];

export const NO_SAMPLES: Samples = [[], [], []];

/** Adds what was measured at `now` (seconds; rates in bytes a second) and drops what is older than the window. */
export function addSample([times, down, up]: Samples, now: number, rxRate: number, txRate: number): Samples {
  const inside = times.findIndex((time) => time >= now - WINDOW_S);
  if (inside === -1) return [[now], [rxRate * 8], [txRate * 8]];
  // One older than the window stays, so that the line comes in from the edge.
  const first = Math.max(0, inside - 1);
  const last = times.at(-1) ?? now;
  const gap = now - last > GAP_S;
  const keep = <T>(column: readonly T[], between: T, next: T): readonly T[] => [
    ...column.slice(first),
    ...(gap ? [between] : []),
    next,
  ];
  return [keep(times, (last + now) / 2, now), keep(down, null, rxRate * 8), keep(up, null, txRate * 8)];
}
