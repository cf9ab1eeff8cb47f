import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const MODULE = pathToFileURL(join(import.meta.dirname, "../../../src/launch/setup-packages.mjs")).href;
const PINNED = `node-${process.platform}-${process.arch}`;
let root = "";

/** Stands in for npm: notes who ran it and where, and "installs" each package of the lock file. */
const NPM = `
const fs = require("node:fs"), path = require("node:path");
const lock = JSON.parse(fs.readFileSync("package-lock.json", "utf8"));
fs.appendFileSync(process.env.NPM_LOG, JSON.stringify({ node: process.env.UNDER || "installed", lock }) + "\\n");
fs.rmSync("node_modules", { recursive: true, force: true });
fs.mkdirSync("node_modules");
for (const name of Object.keys(lock.packages).filter((key) => key !== "")) {
  fs.mkdirSync(path.join(name, "bin"), { recursive: true });
  fs.writeFileSync(path.join(name, "bin/node"), "#!/bin/sh\\nUNDER=pinned exec '" + process.execPath + "' \\"$@\\"\\n");
  fs.chmodSync(path.join(name, "bin/node"), 0o755);
}
`;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "nanami-setup-"));
  writeFileSync(join(root, "npm-cli.cjs"), NPM);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Installs as if Node `version` ran us; returns what each call of npm saw. */
function install(version: string, packages: Record<string, unknown>) {
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ lockfileVersion: 3, packages }));
  const script = `import(${JSON.stringify(MODULE)}).then((m) => m.installPackages(${JSON.stringify(root)}, () => {}, "${version}"))`;
  const log = join(root, "log");
  execFileSync(process.execPath, ["-e", script], {
    env: { PATH: process.env["PATH"], npm_execpath: join(root, "npm-cli.cjs"), NPM_LOG: log },
  });
  return readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { node: string; lock: { packages: Record<string, unknown> } });
}

const entry = { version: "24.0.0", integrity: "sha512-abc", optional: true };

test("under an older Node, npm itself runs under the pinned one, which is fetched first by its integrity hash", () => {
  const calls = install("18.20.0", { "": { name: "nanami" }, [`node_modules/${PINNED}`]: entry });
  expect(calls.map(({ node }) => node)).toEqual(["installed", "pinned"]);
  expect(Object.keys(calls[0]?.lock.packages ?? {})).toEqual(["", `node_modules/${PINNED}`]);
  expect(calls[0]?.lock.packages[`node_modules/${PINNED}`]).toEqual({ ...entry, optional: false });
  expect(existsSync(join(root, ".nanami/node"))).toBe(false);
  expect(existsSync(join(root, `node_modules/${PINNED}/bin/node`))).toBe(true);
});

test("under a Node that is new enough, npm runs once", () => {
  const calls = install("24.1.0", { "": { name: "nanami" }, [`node_modules/${PINNED}`]: entry });
  expect(calls.map(({ node }) => node)).toEqual(["installed"]);
});

test("where no Node is pinned for the machine, npm runs under the one that is there", () => {
  expect(install("20.0.0", { "": { name: "nanami" } }).map(({ node }) => node)).toEqual(["installed"]);
});

test("nothing runs under a Node that is too old, and the message says what to install", async () => {
  const { productNode } = (await import(MODULE)) as {
    productNode: (root: string, running: { path: string; version: string }) => string;
  };
  expect(productNode(root, { path: "/usr/bin/node", version: "24.0.0" })).toBe("/usr/bin/node");
  expect(() => productNode(root, { path: "/usr/bin/node", version: "22.9.0" })).toThrow(
    /22\.9\.0: install Node\.js 24 or newer/,
  );
});
