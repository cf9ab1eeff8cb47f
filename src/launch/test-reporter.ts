/**
 * How vitest reports to `npm test`: a line per file as it ends, failures in full, and everything counted in the file
 * that NANAMI_TEST_REPORT names.
 */
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { SerializedError, UserConsoleLog } from "vitest";
import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";
import { row } from "./report.ts";
import type { TestReport } from "./report.ts";

function nameOf(test: TestCase): string {
  return `${relative(process.cwd(), test.module.moduleId)} › ${test.fullName}`;
}

/** The reporter. Vitest takes it from its module as the default export. */
class LinePerFile implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onUserConsoleLog(log: UserConsoleLog): void {
    process.stdout.write(log.content);
  }

  onTestModuleEnd(module: TestModule): void {
    const tests = [...module.children.allTests()];
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    process.stdout.write(
      row({
        ok: module.ok(),
        name: `  ${relative(process.cwd(), module.moduleId)}`,
        result: [
          `${count("passed")} passed`,
          ...(count("failed") > 0 ? [`${count("failed")} failed`] : []),
          ...(count("skipped") > 0 ? [`${count("skipped")} skipped`] : []),
        ].join(", "),
        ms: module.diagnostic().collectDuration + module.diagnostic().duration,
      }),
    );
    for (const error of module.errors()) this.#print(relative(process.cwd(), module.moduleId), error);
    for (const test of tests) {
      for (const error of test.result().errors ?? []) this.#print(nameOf(test), error);
    }
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const error of unhandled) this.#print("outside of any test", error);
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const report: TestReport = {
      passed: tests.filter((test) => test.result().state === "passed").length,
      failed: [
        ...tests.filter((test) => test.result().state === "failed").map(nameOf),
        ...modules
          .filter((module) => module.errors().length > 0 || module.state() === "queued")
          .map((module) => relative(process.cwd(), module.moduleId)),
        ...unhandled.map((error) => `outside of any test: ${error.message}`),
      ],
      skipped: tests.flatMap((test) => {
        const result = test.result();
        if (result.state !== "skipped" && result.state !== "pending") return [];
        const note = result.state === "skipped" ? result.note : "never ran";
        return [{ name: nameOf(test), reason: note ?? "no reason given" }];
      }),
    };
    const path = process.env["NANAMI_TEST_REPORT"];
    if (path !== undefined) writeFileSync(path, JSON.stringify(report));
  }

  #print(where: string, error: unknown): void {
    process.stdout.write(`\n    ✗ ${where}\n`);
    this.#vitest?.logger.printError(error, { showCodeFrame: true });
  }
}

export { LinePerFile as default };
