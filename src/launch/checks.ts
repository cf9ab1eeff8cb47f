/** The checks that are no tests: each runs one tool over the whole checkout. */
import { execa } from "execa";

export interface Check {
  readonly name: string;
  /** Path of the tool's script, and its arguments. */
  readonly words: readonly [string, ...string[]];
}

/** All checks, in the order in which they are reported. */
export const CHECKS: readonly Check[] = [
  { name: "format (prettier)", words: ["node_modules/prettier/bin/prettier.cjs", "--check", "."] },
  { name: "lint (eslint)", words: ["node_modules/eslint/bin/eslint.js", "."] },
  { name: "types (tsc)", words: ["node_modules/typescript/bin/tsc", "-p", "."] },
  { name: "types of the interface (tsc)", words: ["node_modules/typescript/bin/tsc", "-p", "renderer"] },
  {
    name: "rooms (dependency-cruiser)",
    words: [
      "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs",
      "src",
      "electron",
      "renderer",
      "--no-progress",
    ],
  },
  { name: "unused code (knip)", words: ["node_modules/knip/bin/knip.js", "--no-progress"] },
];

export interface CheckResult {
  readonly ok: boolean;
  /** What the tool said, standard output and standard error as they came. */
  readonly output: string;
  readonly ms: number;
}

/** Runs one check to its end. */
export async function runCheck(check: Check): Promise<CheckResult> {
  const result = await execa(process.execPath, check.words, { all: true, reject: false, stdin: "ignore" });
  return { ok: result.exitCode === 0, output: result.all, ms: result.durationMs };
}
