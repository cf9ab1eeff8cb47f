/** Runs one project of vitest and reads what it counted. */
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { TestReport } from "./report.ts";
import { runInSandbox } from "./sandbox.ts";

const FOLDER = join(".nanami", "test");

export type Project = "unit" | "integration" | "e2e";

export interface VitestRun {
  readonly project: Project;
  /** Only the files whose path contains one of these; empty = all. */
  readonly filters: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Runs it with its lines going to our standard output; all but `unit` runs inside the sandbox. A run that ends badly
 * without naming a failed test is itself one failure: nothing is ever counted as passed for lack of a report.
 */
export async function runVitest({ project, filters, env }: VitestRun): Promise<TestReport> {
  await mkdir(FOLDER, { recursive: true });
  const path = join(FOLDER, `${project}.json`);
  await rm(path, { force: true });
  const command = [
    process.execPath,
    "node_modules/vitest/vitest.mjs",
    "run",
    "--project",
    project,
    "--reporter",
    "./src/launch/test-reporter.ts",
    ...(filters.length > 0 ? ["--passWithNoTests", ...filters] : []),
  ] as const;
  const [file, ...args] = command;
  const childEnv = { ...env, NANAMI_TEST_REPORT: path };
  const status =
    project === "unit"
      ? ((await execa(file, args, { env: childEnv, reject: false, stdio: ["ignore", "inherit", "inherit"] }))
          .exitCode ?? 1)
      : await runInSandbox(command, childEnv);

  const text = await readFile(path, "utf8").catch(() => undefined);
  const report: TestReport =
    text === undefined
      ? { passed: 0, failed: [], skipped: [] }
      : // Written by our own reporter a moment ago.
        (JSON.parse(text) as TestReport);
  const unexplained = report.failed.length === 0 && (status !== 0 || text === undefined);
  return unexplained
    ? { ...report, failed: [`${project} tests: vitest ended with status ${status}`] }
    : report;
}
