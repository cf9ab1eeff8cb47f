import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const SOURCE = join(import.meta.dirname, "../../../src/launch");
let root = "";
let holder = "";

/** Stands in for npm: notes its arguments and where it ran, and does what the test asks for. */
const NPM = `
const fs = require("node:fs");
fs.appendFileSync("npm.log", process.argv.slice(2).join(" ") + "\\n");
console.log("added 1 package");
if (process.env.NPM_FAILS) { console.error("npm error code E404"); process.exit(1); }
setTimeout(() => {
  fs.rmSync("node_modules", { recursive: true, force: true });
  fs.mkdirSync("node_modules");
}, 200);
`;
/** Stands in for every command: says how it was called. */
const COMMAND = `
if (process.argv[2] === "wait") { process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 1000); }
console.log(JSON.stringify({ args: process.argv.slice(2), node: process.execPath, socket: process.env.NANAMI_SOCKET }));
if (process.argv[2] === "fail") process.exit(7);
`;

beforeEach(() => {
  holder = mkdtempSync(join(tmpdir(), "nanami first "));
  root = join(holder, "a deep folder/with spaces/and ünïcode", "d".repeat(100), "checkout");
  mkdirSync(join(root, "src/launch"), { recursive: true });
  mkdirSync(join(root, "src/cli"));
  for (const name of ["first.mjs", "setup-lock.mjs", "setup-packages.mjs"])
    copyFileSync(join(SOURCE, name), join(root, "src/launch", name));
  for (const name of ["src/launch/test.ts", "src/cli/main.ts"]) writeFileSync(join(root, name), COMMAND);
  writeFileSync(join(root, "package-lock.json"), "{}");
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
  writeFileSync(join(root, "npm-cli.cjs"), NPM);
});
afterEach(() => rmSync(holder, { recursive: true, force: true }));

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [join(root, "src/launch/first.mjs"), ...args], {
    cwd: tmpdir(),
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], npm_execpath: join(root, "npm-cli.cjs"), ...env },
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, out, err })),
  );
  return { child, ended, printed: () => out };
}
const run = (args: readonly string[], env?: NodeJS.ProcessEnv) => start(args, env).ended;
const installations = () =>
  existsSync(join(root, "npm.log"))
    ? readFileSync(join(root, "npm.log"), "utf8").split("\n").slice(0, -1)
    : [];

test("a fresh clone is installed once, and says so on standard error alone", async () => {
  const first = await run(["test", "--long"]);
  expect(first.code).toBe(0);
  expect(JSON.parse(first.out)).toMatchObject({ args: ["--long"] });
  expect(first.err).toMatch(/installing the packages[^]*added 1 package[^]*packages installed in \d+ s/);
  expect(installations()).toEqual([
    `ci --ignore-scripts --loglevel=error --no-audit --no-fund --prefix=${root}`,
  ]);

  const second = await run(["test"]);
  expect(second.err).toBe("");
  expect(installations()).toHaveLength(1);
});

test.each<[how: string, env: () => NodeJS.ProcessEnv]>([
  ["npm with scripts switched off", () => ({ npm_config_ignore_scripts: "true" })],
  ["npm with scripts switched on", () => ({ npm_config_ignore_scripts: "false" })],
  [
    "another program than npm, with npm on the PATH",
    () => {
      const folder = join(holder, "bin");
      mkdirSync(folder);
      const npm = join(root, "npm-cli.cjs");
      writeFileSync(join(folder, "npm"), `#!/bin/sh\nexec '${process.execPath}' '${npm}' "$@"\n`, {
        mode: 0o755,
      });
      return { npm_execpath: "/opt/pnpm/bin/pnpm.cjs", PATH: `${folder}:${process.env["PATH"]}` };
    },
  ],
])("the packages' scripts stay off, whoever starts us: %s", async (_how, env) => {
  expect((await run(["test"], env())).code).toBe(0);
  expect(installations()).toEqual([
    `ci --ignore-scripts --loglevel=error --no-audit --no-fund --prefix=${root}`,
  ]);
});

test("a changed package-lock.json is installed again", async () => {
  await run(["test"]);
  writeFileSync(join(root, "package-lock.json"), '{"changed":true}');
  const again = await run(["test"]);
  expect(again.err).toContain("package-lock.json has changed");
  expect(installations()).toHaveLength(2);
});

test("two terminals at once install once", async () => {
  const both = await Promise.all([run(["test"]), run(["nanami"])]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(installations()).toHaveLength(1);
});

test("an installation that fails is not taken for done", async () => {
  const failed = await run(["test"], { NPM_FAILS: "1" });
  expect(failed.code).toBe(1);
  expect(failed.out).toBe("");
  expect(failed.err).toContain("npm error code E404");
  expect(failed.err).toContain("npm ci failed");
  expect((await run(["test"])).code).toBe(0);
  expect(installations()).toHaveLength(2);
});

test("the exit status is the command's, and a signal reaches it", async () => {
  expect((await run(["test", "fail"])).code).toBe(7);
  const waiting = start(["test", "wait"]);
  await expect.poll(waiting.printed, { timeout: 10_000 }).toContain("wait");
  waiting.child.kill("SIGTERM");
  expect((await waiting.ended).code).toBe(9);
});

test("the pinned Node runs the command, and does so with its folder first on the PATH", async () => {
  await run(["test"]);
  const platform = process.platform === "win32" ? "win" : process.platform;
  const pinned = join(root, `node_modules/node-${platform}-${process.arch}/bin/node`);
  mkdirSync(dirname(pinned), { recursive: true });
  writeFileSync(pinned, `#!/bin/sh\necho "pinned $PATH"\n`);
  chmodSync(pinned, 0o755);
  expect((await run(["test"])).out).toMatch(new RegExp(`^pinned ${dirname(pinned)}:`));

  rmSync(pinned);
  // As a program for another C library looks: its loader is missing.
  writeFileSync(pinned, "#!/nonexistent/loader\n");
  chmodSync(pinned, 0o755);
  const broken = await run(["test"]);
  expect(broken.code).toBe(1);
  expect(broken.err).toContain("does not run on this system");
});

test("nanami reaches the agent of the world that this checkout runs, unless another is named", async () => {
  await run(["nanami"]);
  const socket = join(holder, "agent.sock");
  mkdirSync(join(root, ".nanami"), { recursive: true });
  writeFileSync(join(root, ".nanami/world.json"), JSON.stringify({ socket }));
  const socketOf = async (env?: NodeJS.ProcessEnv) =>
    (JSON.parse((await run(["nanami", "status"], env)).out) as { socket?: string }).socket;
  expect(await socketOf()).toBeUndefined();
  symlinkSync("/dev/null", socket);
  expect(await socketOf()).toBe(socket);
  expect(await socketOf({ NANAMI_SOCKET: "/elsewhere" })).toBe("/elsewhere");
});

test("an unknown command names those that there are", async () => {
  const unknown = await run(["toString"]);
  expect(unknown.code).toBe(1);
  expect(unknown.err).toContain(
    "there are start, test, bench, fix, lab, app, screenshots, nanami, control-plane, gateway, agent",
  );
  expect(installations()).toEqual([]);
});
