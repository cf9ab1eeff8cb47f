import { expect, test } from "vitest";
import { addSample, NO_SAMPLES, WINDOW_S } from "../../../../renderer/screens/home/samples.ts";

test("the last minute is kept, and one older sample for the line to come in from", () => {
  let samples = NO_SAMPLES;
  for (let second = 0; second <= 3 * WINDOW_S; second += 1) samples = addSample(samples, second, 125, 250);
  const [times, down, up] = samples;
  expect(times[0]).toBe(2 * WINDOW_S - 1);
  expect(times).toHaveLength(WINDOW_S + 2);
  expect([down.at(-1), up.at(-1)]).toEqual([1000, 2000]);
});
