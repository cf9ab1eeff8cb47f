import fc from "fast-check";
import { expect, test } from "vitest";
import {
  conclusionOf,
  NO_RUN,
  runLeakTest,
  type LeakRun,
} from "../../../../renderer/screens/health/leak-run.ts";
import { LEAK_CHECKS } from "../../../../renderer/screens/health/leak-checks.ts";
import {
  layoutOf,
  matching,
  MOST_LINES,
  windowOf,
  withLines,
} from "../../../../renderer/screens/health/log-lines.ts";
import { actualStops, intendedStops } from "../../../../renderer/screens/health/way-stops.ts";
import { en } from "../../../../renderer/texts/en/index.ts";
import { FOUND, leakCheck } from "../../../../src/agent/diagnostics/leak-words.ts";
import * as contract from "../../../../src/rpc/diagnostics.ts";
import type { LeakCheckCode, LogLine } from "../../../../src/rpc/diagnostics.ts";

const line = (sequence: number, change: Partial<LogLine> = {}): LogLine => ({
  ...{ sequence, at: "2026-01-01T00:00:00.000Z", level: "info", message: `line ${sequence}`, facts: {} },
  ...change,
});
const lines = (from: number, to: number): LogLine[] =>
  Array.from({ length: to - from + 1 }, (_, index) => line(from + index));

test("the log keeps the newest, in order, and begins anew with a new life of the agent", () => {
  const some = withLines([], lines(1, 3));
  expect(withLines(some, lines(4, 5)).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
  expect(withLines(some, [])).toBe(some);
  expect(withLines(some, lines(1, 2)).map(({ sequence }) => sequence)).toEqual([1, 2]);
  const many = withLines(lines(1, MOST_LINES), lines(MOST_LINES + 1, MOST_LINES + 10));
  expect([many.length, many[0]?.sequence]).toEqual([MOST_LINES, 11]);
});

test("a filter takes all words in any case, also in facts, and the level", () => {
  const all = [line(1, { message: "Tunnel up", facts: { gateway: "tokyo" } }), line(2, { level: "error" })];
  const found = (words: string, problemsOnly = false) =>
    matching(all, { words, problemsOnly }).map(({ sequence }) => sequence);
  expect(found("TOKYO tunnel")).toEqual([1]);
  expect(found("", true)).toEqual([2]);
  expect(found("tunnel", true)).toEqual([]);
  expect(matching(all, { words: " ", problemsOnly: false })).toBe(all);
});

test("what is drawn of the log holds all that is seen, and is bounded however long the log is", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 300 }),
      fc.nat(2500),
      fc.integer({ min: 1, max: 90 }),
      (heights, top, height) => {
        const starts = heights.reduce((so, one) => [...so, (so.at(-1) ?? 0) + one], [0]);
        const { from, to } = windowOf(starts, top, height);
        expect(to - from).toBeLessThanOrEqual(height + 26);
        expect(0 <= from && from <= to && to <= heights.length).toBe(true);
        heights.forEach((_, index) => {
          const [start = 0, end = 0] = [starts[index], starts[index + 1]];
          if (start < top + height && end > top) expect(from <= index && index < to).toBe(true);
        });
      },
    ),
  );
});

test("a line takes as many rows as its columns need", () => {
  const long = line(1, { message: "x".repeat(60), facts: { gateway: "tokyo" } });
  expect(layoutOf([line(1), long, line(2)], 80)).toEqual([0, 1, 3, 4]);
  expect(layoutOf([long], 200)).toEqual([0, 1]);
  // Letters of two columns.
  expect(layoutOf([line(1, { message: "保".repeat(40) })], 80)).toEqual([0, 2]);
  expect(layoutOf([], 80)).toEqual([0]);
});

const answer = (
  code: LeakCheckCode,
  found: keyof typeof FOUND = "refused",
  promise: "everything" | "private_network" | "nothing" = "everything",
) => ({
  ok: true as const,
  value: {
    ...{ protected: true, promise, mode: null },
    checks: promise === "nothing" ? [] : [leakCheck(code, found)],
  },
});

async function runWith(
  ask: (code: LeakCheckCode) => ReturnType<typeof answer>,
  signal = new AbortController().signal,
) {
  let last: LeakRun = NO_RUN;
  await runLeakTest(
    (code) => Promise.resolve(ask(code)),
    (run) => (last = run),
    signal,
  );
  return last;
}

test("the self-test goes through every check, and says what all of them say together", async () => {
  expect(LEAK_CHECKS).toEqual(contract.LEAK_CHECKS);
  const held = await runWith((code) => answer(code));
  expect([held.state, held.checks.length, conclusionOf(held)]).toEqual([
    "done",
    LEAK_CHECKS.length,
    "heldEverything",
  ]);
  const broken = await runWith((code) => answer(code, code === "internet6" ? "let_out" : "refused"));
  expect(conclusionOf(broken)).toBe("broken");
  const untried = await runWith((code) => answer(code, code === "internet4" ? "untested" : "refused"));
  expect(conclusionOf(untried)).toBe("untested");
  const nothing = await runWith((code) => answer(code, "refused", "nothing"));
  expect([nothing.state, conclusionOf(nothing)]).toEqual(["done", "nothing"]);
});

test("it stops when it is told to, and when what is in force changes under it", async () => {
  const stop = new AbortController();
  const asked: string[] = [];
  const stopped = await runWith((code) => {
    asked.push(code);
    if (asked.length === 2) stop.abort();
    return answer(code);
  }, stop.signal);
  expect([stopped.state, stopped.checks.length, asked.length]).toEqual(["cancelled", 1, 2]);
  const changed = await runWith((code) =>
    answer(code, "refused", code === "tunnel" ? "private_network" : "everything"),
  );
  expect(changed.state).toBe("changed");
});

test("whatever the agent can find has its words here, in the same facts", () => {
  for (const [found, { message, remedy }] of Object.entries<{ message: string; remedy?: string }>(FOUND)) {
    const ours = en.health.leaks.found[found as keyof typeof FOUND];
    const facts = (text: string): string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([name]) => name);
    expect(facts(ours), found).toEqual(facts(message));
    expect(Object.hasOwn(en.health.leaks.remedies, found), found).toBe(remedy !== undefined);
  }
});

test("a way is drawn stop by stop, and the kernel's own way without gateways it does not pass", () => {
  const expected = { way: "tunnel", hops: ["tokyo", "frankfurt"] } as const;
  const names = (stops: ReturnType<typeof intendedStops>) => stops.map(({ kind, name }) => name ?? kind);
  expect(names(intendedStops({ way: "tunnel", hops: [...expected.hops] }, "10.20.0.1"))).toEqual([
    "device",
    "tokyo",
    "frankfurt",
    "10.20.0.1",
  ]);
  expect(names(actualStops({ way: "direct" }, { way: "tunnel", hops: ["tokyo"] }, "10.20.0.1"))).toEqual([
    "device",
    "10.20.0.1",
  ]);
  expect(names(intendedStops({ way: "refused", hops: [] }, "1.1.1.1"))).toEqual(["device", "nowhere"]);
});
