import { expect } from "vitest";
import { eventually, type Proof } from "../src/lab/proof.ts";

/** Expects a proof to hold before long. Fails with everything that was seen instead. */
export async function holds(prove: () => Promise<Proof>): Promise<void> {
  const proof = await eventually(prove);
  expect(proof.held, `${proof.claim}: ${proof.seen}; ${proof.evidence ?? ""}`).toBe(true);
}
