import { describe, expect, it } from "vitest";
import { fuzz } from "./fuzz.ts";

describe("damaged files", () => {
  it("never break what a check promises", () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const { accepted, outcomes } = fuzz(5000, seed);
    // Both sides of every promise were exercised.
    expect(accepted).toBeGreaterThan(50);
    expect(outcomes).toBeGreaterThan(100);
  });
});
