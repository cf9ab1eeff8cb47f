/** The set-up with the npm versions that people have, from the registry: minutes, so in the long tests alone. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";

const MINUTES = 60_000;
let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "nanami npm "));
});
afterEach(() => rmSync(root, { recursive: true, force: true }), 2 * MINUTES);

test.for([
  ["11", {}],
  ["12", {}],
  ["12", { npm_config_ignore_scripts: "true" }],
] as const)(
  "npm %s with %j makes a fresh clone ready, and the command runs",
  { timeout: 10 * MINUTES },
  async ([version, env], context) => {
    context.skip(process.env["NANAMI_LONG"] !== "1", "it takes minutes: npm run test:long");
    const tools = join(root, "tools");
    mkdirSync(tools);
    await execa("npm", ["install", "--no-audit", "--no-fund", `--prefix=${tools}`, `npm@${version}`]);
    const checkout = join(root, "checkout");
    for (const part of ["src", "package.json", "package-lock.json"])
      cpSync(part, join(checkout, part), { recursive: true });

    const npm = join(tools, "node_modules/npm/bin/npm-cli.js");
    const words = [npm, "run", "--silent", "nanami", "--", "--help"];
    const { stdout, stderr } = await execa(process.execPath, words, { cwd: checkout, env });
    expect(stderr).toContain("packages installed in");
    expect(stdout).toMatch(/^Usage: npm run nanami -- /);
    const lock = createHash("sha256")
      .update(readFileSync(join(checkout, "package-lock.json")))
      .digest("hex");
    expect(readFileSync(join(checkout, "node_modules/.nanami-installed"), "utf8")).toBe(lock);
    expect(existsSync(join(checkout, ".nanami/setup.lock"))).toBe(false);
  },
);
