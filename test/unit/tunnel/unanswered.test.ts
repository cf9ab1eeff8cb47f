import { readdirSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  countersOf,
  observe,
  parseCounters,
  unansweredFor,
  type Unanswered,
} from "../../../src/tunnel/unanswered.ts";

const step = fc.record({ ms: fc.integer({ min: 1, max: 1000 }), rx: fc.nat(2), tx: fc.nat(2) });

function walk(steps: readonly { ms: number; rx: number; tx: number }[]): Unanswered {
  let now = { at: 0, rx: 0, tx: 0 };
  let state = observe(null, now);
  for (const { ms, rx, tx } of steps) {
    now = { at: now.at + ms, rx: now.rx + rx, tx: now.tx + tx };
    state = observe(state, now);
  }
  return state;
}

test("an idle machine is never in doubt", () => {
  const idle = fc.array(step.map((one) => ({ ...one, tx: 0, rx: 0 })));
  fc.assert(
    fc.property(idle, (steps) => {
      expect(unansweredFor(walk(steps))).toBe(0);
    }),
  );
});

test("whatever comes back answers everything; without it the doubt grows with the clock", () => {
  fc.assert(
    fc.property(
      fc.array(step),
      fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1 }),
      (before, after) => {
        const answered = walk([...before, { ms: 1, rx: 1, tx: 3 }]);
        expect(unansweredFor(answered)).toBe(0);
        const sent = [...before, { ms: 1, rx: 1, tx: 3 }, { ms: 1, rx: 0, tx: 1 }];
        const silent = walk([...sent, ...after.map((ms, index) => ({ ms, rx: 0, tx: index % 2 }))]);
        expect(unansweredFor(silent)).toBe(after.reduce((sum, ms) => sum + ms, 0));
      },
    ),
  );
});

test("the counters of one interface are read, of no other", () => {
  const text = [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop",
    "    lo:    1 2 0 0 0 0 0 0 1 2 0 0 0 0 0 0",
    "nanami0: 4096      17    0    0    0     0          0         0     8192      23    0    0    0     0       0          0",
  ].join("\n");
  expect(parseCounters(text, "nanami0", 5)).toEqual({ at: 5, rx: 17, tx: 23 });
  for (const other of ["nanami", "anami0", "0"]) expect(parseCounters(text, other, 5), other).toBeNull();
  expect(parseCounters("nanami0: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n", "nanami0", 5)).toMatchObject({
    rx: 2,
    tx: 4,
  });
});

test("the counters are read again and again from one open file", () => {
  const counters = countersOf("lo");
  const files = () => readdirSync("/proc/self/fd").length;
  const first = counters.read();
  const open = files();
  expect(first).toMatchObject({ rx: expect.any(Number) as number, tx: expect.any(Number) as number });
  for (let round = 0; round < 20; round += 1) {
    const next = counters.read();
    expect(next?.at).toBeGreaterThan(first?.at ?? Infinity);
    expect(next?.rx).toBeGreaterThanOrEqual(first?.rx ?? Infinity);
  }
  expect(files()).toBe(open);
  counters[Symbol.dispose]();
  expect(files()).toBe(open - 1);
  expect(countersOf("nothing0").read()).toBeNull();
});
