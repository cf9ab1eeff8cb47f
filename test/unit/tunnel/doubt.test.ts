import { expect, test } from "vitest";
import { Doubt } from "../../../src/tunnel/linux/doubt.ts";

test("work that is done ends a doubt, and work that fails does not", () => {
  const doubt = new Doubt();
  expect(doubt.stands).toBe(false);
  doubt.raise();
  doubt.begin();
  expect(doubt.stands).toBe(true);
  const done = doubt.begin();
  expect(doubt.stands).toBe(true);
  done();
  expect(doubt.stands).toBe(false);
});

test("what comes while work is under way is not ended by it", () => {
  const doubt = new Doubt();
  doubt.raise();
  const done = doubt.begin();
  doubt.raise();
  done();
  expect(doubt.stands).toBe(true);
  doubt.begin()();
  expect(doubt.stands).toBe(false);
});
