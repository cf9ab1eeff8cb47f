import { expect, test } from "vitest";
import { onLateEnd, withinTime } from "../../../src/tunnel/linux/late.ts";

const gaveUp = (): Error => new Error("given up");
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

test("what answers in time answers, and is not told as late", async () => {
  let told = 0;
  using listening = onLateEnd(() => (told += 1));
  expect(listening).toBeDefined();
  expect(await withinTime((end) => end(null, 7), 10_000, gaveUp)).toBe(7);
  await expect(withinTime((end) => end(new Error("no"), 7), 10_000, gaveUp)).rejects.toThrow("no");
  expect(told).toBe(0);
});

test("what was given up is told of when it ends after all, whether it succeeded or not", async () => {
  for (const error of [null, new Error("no")]) {
    let told = 0;
    let end: (() => void) | undefined;
    const listening = onLateEnd(() => (told += 1));
    await expect(withinTime((ended) => (end = () => ended(error, 7)), 1, gaveUp)).rejects.toThrow("given up");
    await turn();
    expect(told).toBe(0);
    end?.();
    expect(told).toBe(1);
    listening[Symbol.dispose]();
    end?.();
    expect(told).toBe(1);
  }
});
