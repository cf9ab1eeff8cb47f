/** The programs of an installation, as the README names them. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const PROGRAMS = ["control-plane", "gateway", "agent"] as const;

test.each(PROGRAMS)("%s says what it needs", (name) => {
  const { status, stdout } = spawnSync(process.execPath, [`src/${name}/main.ts`, "--help"], {
    encoding: "utf8",
  });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^usage: .*main\.ts --/);
});

test.each(PROGRAMS)("%s refuses what it does not know, or lacks, with its usage and status 2", (name) => {
  for (const [words, reason] of [
    [["--verbose"], /^Unknown option '--verbose'/],
    [["status"], /^Unexpected argument 'status'/],
    [[], /^--\S+( and --\S+ are| is) needed\n/],
  ] as const) {
    const { status, stderr, stdout } = spawnSync(process.execPath, [`src/${name}/main.ts`, ...words], {
      encoding: "utf8",
    });
    expect(status, stderr).toBe(2);
    expect(stderr).toMatch(reason);
    expect(stderr).toMatch(/\nusage: .*main\.ts --.*\n$/);
    expect(stdout).toBe("");
  }
});

test("every command of the README that starts a program is one of the launcher's", () => {
  const named = [...readFileSync("README.md", "utf8").matchAll(/src\/launch\/first\.mjs (\S+)/g)].map(
    ([, name]) => name,
  );
  expect(named).toEqual([...PROGRAMS]);
  const launcher = readFileSync("src/launch/first.mjs", "utf8");
  for (const name of PROGRAMS) expect(launcher).toContain(`"src/${name}/main.ts"`);
});
