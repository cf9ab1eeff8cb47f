/**
 * `npm test`: every check and every test. `--long` runs the long versions; a path (or a part of one) runs only the
 * test files that match. Each check counts as one, each test as one.
 */
import { parseArgs } from "node:util";
import { CHECKS, runCheck } from "./checks.ts";
import { main } from "./command.ts";
import { buildDesktopApp } from "./electron.ts";
import { conclusion, row, total, type TestReport } from "./report.ts";
import { ensureResolverPrograms } from "./resolver-programs.ts";
import { ensurePrograms } from "./system-packages.ts";
import { runVitest, type Project } from "./vitest.ts";
import { buildInterface } from "./window.ts";

const print = (text: string) => process.stdout.write(text);

/** Runs the checks side by side and reports them in their order, with what a failed one said. */
async function runChecks(): Promise<TestReport> {
  const failed: string[] = [];
  const running = CHECKS.map((check) => ({ check, result: runCheck(check) }));
  for (const { check, result } of running) {
    const { ok, output, ms } = await result;
    print(row({ ok, name: check.name, result: "", ms }));
    if (ok) continue;
    print(`${output}\n\n`);
    failed.push(check.name);
  }
  return { passed: CHECKS.length - failed.length, failed, skipped: [] };
}

/** Runs projects of tests side by side under one heading: in their sandboxes they know nothing of each other. */
async function runTests(
  projects: readonly Project[],
  filters: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly TestReport[]> {
  print(`\n${projects.join(" and ")} tests\n`);
  return Promise.all(projects.map((project) => runVitest({ project, filters, env })));
}

await main(async (args) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { long: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  ensurePrograms("test");
  ensureResolverPrograms((text) => print(`nanami: ${text}\n`));
  const env = { ...process.env, ...(values.long ? { NANAMI_LONG: "1" } : {}) };

  const reports: TestReport[] = [];
  if (positionals.length === 0) reports.push(await runChecks());
  reports.push(...(await runTests(["unit"], positionals, env)));
  await buildInterface();
  await buildDesktopApp();
  // Both mostly wait: for timers, for a network, for a page.
  reports.push(...(await runTests(["integration", "e2e"], positionals, env)));

  const sum = total(reports);
  const nothing = sum.passed + sum.failed.length + sum.skipped.length === 0;
  if (nothing) throw new Error(`no test file matches ${positionals.join(" ")}; give a part of its path`);
  print(`\n${conclusion(sum)}`);
  return sum.failed.length === 0 ? 0 : 1;
});
