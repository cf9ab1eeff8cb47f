import { defineConfig } from "vitest/config";

/**
 * Three kinds of test. `unit` (with the property tests) runs anywhere; `integration` and `e2e`, which is the built
 * app before a real agent, run inside the sandbox of namespaces that `src/launch` makes (one file at a time: each
 * raises hosts of its own).
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 30_000 } },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          setupFiles: ["test/last-words.ts"],
          // For what has to come about, however busy the machine is; where the time is the promise, the test says it.
          expect: { poll: { timeout: 15_000 } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          setupFiles: ["test/last-words.ts"],
          // As long as a loaded machine may need for what a person sees at once.
          expect: { poll: { timeout: 15_000 } },
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
