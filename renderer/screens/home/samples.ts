/** The rates of the last minute. Pure. */

/** Seconds that are kept and drawn. */
export const WINDOW_S = 60;

/** Columns as uPlot takes them: times in seconds, bits per second down and up. */
export type Samples = readonly [times: readonly number[], down: readonly number[], up: readonly number[]];

export const NO_SAMPLES: Samples = [[], [], []];

/** Adds what was measured at `now` (seconds; rates in bytes a second) and drops what is older than the window. */
export function addSample([times, down, up]: Samples, now: number, rxRate: number, txRate: number): Samples {
  // One older than the window stays, so that the line comes in from the edge.
  const first = Math.max(0, times.findIndex((time) => time >= now - WINDOW_S) - 1);
  const keep = (column: readonly number[], next: number): readonly number[] => [...column.slice(first), next];
  return [keep(times, now), keep(down, rxRate * 8), keep(up, txRate * 8)];
}
