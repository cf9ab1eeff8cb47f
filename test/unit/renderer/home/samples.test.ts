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

test("what nobody measured is a gap in the line, and no line from the last sample to the new one", () => {
  let samples = NO_SAMPLES;
  for (const second of [0, 1, 2, 30, 31]) samples = addSample(samples, second, 125, 250);
  expect(samples).toEqual([
    [0, 1, 2, 16, 30, 31],
    [1000, 1000, 1000, null, 1000, 1000],
    [2000, 2000, 2000, null, 2000, 2000],
  ]);
});

test("a sample that came a little late makes no gap", () => {
  expect(addSample(addSample(NO_SAMPLES, 0, 125, 250), 2, 125, 250)[0]).toEqual([0, 2]);
});

test("after longer than the window nothing old is kept", () => {
  let samples = NO_SAMPLES;
  for (let second = 0; second < 5; second += 1) samples = addSample(samples, second, 125, 250);
  expect(addSample(samples, 10 * WINDOW_S, 1, 2)).toEqual([[10 * WINDOW_S], [8], [16]]);
});
