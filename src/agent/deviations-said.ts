import type { Deviation, DeviationSaid } from "../tunnel/types.ts";

/** What somebody else changed, by code; nothing where not all of it has one: half a list would mislead. Pure. */
export function deviationsSaid(changed: readonly Deviation[]): { deviations?: DeviationSaid[] } {
  const deviations = changed.flatMap(({ said }) => (said === null ? [] : [said]));
  return deviations.length > 0 && deviations.length === changed.length ? { deviations } : {};
}
