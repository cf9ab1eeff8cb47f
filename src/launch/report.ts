/** What `npm test` counts, and the lines it prints. Pure. */

/** What one run of vitest found. */
export interface TestReport {
  readonly passed: number;
  /** Names of what failed: tests, files that did not load, errors outside of any test. */
  readonly failed: readonly string[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** The sum of several reports. */
export function total(reports: readonly TestReport[]): TestReport {
  return {
    passed: reports.reduce((sum, report) => sum + report.passed, 0),
    failed: reports.flatMap((report) => report.failed),
    skipped: reports.flatMap((report) => report.skipped),
  };
}

/** One line of the report: `✓ name   result   1.2 s`. `ms` is in milliseconds. */
export function row(line: { ok: boolean; name: string; result: string; ms: number }): string {
  const seconds = (line.ms / 1000).toFixed(1);
  return `${line.ok ? "✓" : "✗"} ${line.name.padEnd(44)} ${line.result.padEnd(20)} ${seconds.padStart(6)} s\n`;
}

/** The end of the report: what was skipped and why, what failed, and the line with the three numbers. */
export function conclusion(report: TestReport): string {
  const lines: string[] = [];
  if (report.skipped.length > 0)
    lines.push("skipped:", ...report.skipped.map(({ name, reason }) => `  ${name}: ${reason}`));
  if (report.failed.length > 0) lines.push("failed:", ...report.failed.map((name) => `  ${name}`));
  const { passed, failed, skipped } = report;
  lines.push(
    `${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`,
  );
  return `${lines.join("\n")}\n`;
}
