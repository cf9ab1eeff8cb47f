import { expect, test } from "vitest";
import { LogRing } from "../../../../src/agent/diagnostics/log-ring.ts";
import { openLog } from "../../../../src/agent/log.ts";
import { LogLine } from "../../../../src/rpc/diagnostics.ts";

function logTo(lines: number) {
  const { log, logger, ring } = openLog({ write: () => undefined });
  for (let line = 1; line <= lines; line += 1) log(`line ${line}`, { line });
  return { log, logger, ring };
}

test("lines come with time, level and facts, numbered from one, and go on where one left off", () => {
  const { log, logger, ring } = logTo(3);
  const first = ring.read(0, 2);
  expect(first.lines.map(({ sequence, message }) => [sequence, message])).toEqual([
    [1, "line 1"],
    [2, "line 2"],
  ]);
  expect(first.lines[0]).toMatchObject({ level: "info", facts: { line: 1 } });
  expect(LogLine.safeParse(first.lines[0]).success).toBe(true);
  const rest = ring.read(first.next, 1000);
  expect(rest.lines.map(({ sequence }) => sequence)).toEqual([3]);
  expect(ring.read(rest.next, 1000)).toEqual({ lines: [], next: rest.next });
  log("again");
  logger.fatal("it broke");
  expect(ring.read(rest.next, 1000).lines.map(({ level }) => level)).toEqual(["info", "error"]);
});

test("it stays within its bounds, keeps the newest, and shows by the numbers what was forgotten", () => {
  const { ring, log } = logTo(10_000);
  const { lines } = ring.read(0, 5000);
  expect(lines.length).toBeLessThanOrEqual(2000);
  expect(lines.at(-1)).toMatchObject({ sequence: 10_000, message: "line 10000" });
  expect(lines[0]?.sequence).toBe(10_000 - lines.length + 1);
  log("x".repeat(100_000), { much: "y".repeat(100_000) });
  const [long] = ring.read(10_000, 1).lines;
  expect(JSON.stringify(long).length).toBeLessThan(2000);
  for (let line = 0; line < 1000; line += 1) log("z".repeat(4000));
  expect(JSON.stringify(ring.read(0, 5000)).length).toBeLessThan(1024 * 1024);
});

test("a reader from an earlier life of the agent begins anew", () => {
  const { ring } = logTo(2);
  expect(ring.read(500, 10).lines.map(({ sequence }) => sequence)).toEqual([1, 2]);
  expect(new LogRing().read(500, 10)).toEqual({ lines: [], next: 0 });
});

test("what is secret never gets here", () => {
  const { log, ring } = openLog({ write: () => undefined });
  log("enrolled", { token: "hush-hush", nested: { privateKey: "hush-hush" } });
  expect(JSON.stringify(ring.read(0, 10))).not.toContain("hush-hush");
});
