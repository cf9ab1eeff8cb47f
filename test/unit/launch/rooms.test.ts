import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nanami-rooms-"));
  for (const name of [".dependency-cruiser.mjs", "tsconfig.json", "package.json"])
    cpSync(join(ROOT, name), join(folder, name));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Checks a house that holds these files, by path below `src`. Returns the tool's status and what it said. */
function check(files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, "src", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const tool = join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
  const { status, stdout } = spawnSync(process.execPath, [tool, "src", "--no-progress"], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout };
}

const VALUE = "export const value = 1;\n";
const imports = (from: string) => `import { value } from "${from}";\nexport const copy = value;\n`;

test("a house that keeps to the table passes", () => {
  expect(
    check({
      "routing/a.ts": VALUE,
      "api/b.ts": imports("../routing/a.ts"),
      "agent/c.ts": imports("../api/b.ts").replace("value }", "copy as value }"),
    }),
  ).toMatchObject({ status: 0 });
});

test.each([
  ["cli-imports", "cli/a.ts", imports("../tunnel/b.ts"), "tunnel/b.ts"],
  ["api-imports", "api/a.ts", 'import type { V } from "../agent/b.ts";\nexport type W = V;\n', "agent/b.ts"],
  ["wireguard-imports", "wireguard/a.ts", imports("../routing/b.ts"), "routing/b.ts"],
  ["product-never-imports-lab-or-launch", "agent/a.ts", imports("../lab/b.ts"), "lab/b.ts"],
  ["no-cycles", "agent/a.ts", imports("./b.ts"), "agent/b.ts"],
])("%s is broken by a planted import", (rule, from, text, to) => {
  const other =
    rule === "no-cycles" ? 'import { copy } from "./a.ts";\nexport const value = () => copy;\n' : VALUE;
  const { status, stdout } = check({ [from]: text, [to]: `${other}export type V = number;\n` });
  expect(status).toBeGreaterThan(0);
  expect(stdout).toContain(rule);
});

test("a pure room may not touch the file system", () => {
  const { status, stdout } = check({
    "routing/a.ts": 'import { readFileSync } from "node:fs";\nexport const read = readFileSync;\n',
  });
  expect(status).toBeGreaterThan(0);
  expect(stdout).toContain("pure-rooms");
});
