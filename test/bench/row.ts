/** One line of the benchmark's table. */
export interface BenchRow {
  /** What was measured. */
  readonly what: string;
  /** The figure with its unit. */
  readonly value: string;
  /** What it was compared with in the same run, with its figure. */
  readonly against: string;
  /** Ours divided by theirs, of the same quantity; null where there is nothing to divide. */
  readonly ratio: number | null;
  /** The figure that is asked for. */
  readonly target: string;
  /** Whether the target was met; null where there is none. */
  readonly met: boolean | null;
}

/** The middle of an odd number of figures, the upper middle of an even one; NaN of none. */
export function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}
