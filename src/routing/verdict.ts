/** Verdicts on gateways as values. */
import type { CandidateVerdict } from "./types.ts";

/** The verdict itself: scores move with every measurement, verdicts do not. */
export function withoutScore({ deviceId, end, eligible, reasons }: CandidateVerdict): CandidateVerdict {
  return { deviceId, end, eligible, reasons };
}
