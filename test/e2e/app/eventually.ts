import { expect } from "vitest";
import type { Locator } from "playwright";

/** Long enough for a loaded machine to fail over; everything here usually takes a fraction of a second. */
const PATIENCE_MS = 25_000;

/** Waits until a text is what it should be; says what it was instead. */
export async function says(place: Locator, expected: string | RegExp): Promise<void> {
  await expect
    .poll(async () => (await place.innerText({ timeout: 1000 }).catch(() => "")).replaceAll("\n", " "), {
      timeout: PATIENCE_MS,
      interval: 50,
    })
    .toMatch(
      typeof expected === "string"
        ? new RegExp(expected.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i")
        : expected,
    );
}
