import { expect, test } from "vitest";
import { conclusion, row, total, type TestReport } from "../../../src/launch/report.ts";

const NONE: TestReport = { passed: 0, failed: [], skipped: [] };

test("the last line has the three numbers, the third only where something was skipped", () => {
  expect(conclusion({ ...NONE, passed: 7 })).toBe("7 passed, 0 failed\n");
  expect(
    conclusion({ passed: 3, failed: ["a.test.ts › b"], skipped: [{ name: "c", reason: "needs root" }] }),
  ).toBe("skipped:\n  c: needs root\nfailed:\n  a.test.ts › b\n3 passed, 1 failed, 1 skipped\n");
});

test("reports add up", () => {
  const one = { passed: 2, failed: ["x"], skipped: [] };
  const other = { passed: 3, failed: [], skipped: [{ name: "y", reason: "z" }] };
  expect(total([one, NONE, other])).toEqual({
    passed: 5,
    failed: ["x"],
    skipped: [{ name: "y", reason: "z" }],
  });
});

test("a line says how it went, what it was and how long it took", () => {
  expect(row({ ok: true, name: "types", result: "", ms: 1234 })).toMatch(/^✓ types +1\.2 s\n$/);
  expect(row({ ok: false, name: "x", result: "1 failed", ms: 0 })).toMatch(/^✗ x +1 failed +0\.0 s\n$/);
});
