/** What `npm start` runs inside the sandbox: the demo as a script, and the demo that stays. */
import { mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectAgent } from "../../src/rpc/client.ts";

const DEMO = resolve("src/lab/demo.ts");
const CLI = resolve("src/cli/main.ts");
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nanami-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Network namespaces that a process lives in. */
async function namespaces(): Promise<Set<string>> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const links = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => undefined)));
  return new Set(links.filter((link) => link !== undefined));
}

test("npm start -- --once proves every mode and pin, one line each, and leaves nothing behind", async () => {
  const before = await namespaces();
  const { exitCode, stdout } = await execa(process.execPath, [DEMO, "--once"], {
    cwd: folder,
    reject: false,
  });
  expect(exitCode, stdout).toBe(0);
  const lines = stdout.slice(stdout.indexOf("Proof")).split("\n").slice(1, 8);
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
  expect(lines.map((line) => line.slice(0, 17).trim())).toEqual([
    "✓ vpn_only",
    "✓ vpn_only",
    "✓ full_tunnel",
    "✓ pinned",
    "✓ pinned",
    "✓ disconnected",
    "✓ disconnected",
  ]);
  expect(lines[3]).toContain("tokyo → frankfurt: echo saw 198.51.100.30");
  expect(lines[4]).toContain("osaka → frankfurt: echo saw 198.51.100.30");
  expect(await readdir(join(folder, ".nanami"))).toEqual([]);
  expect(await namespaces()).toEqual(before);
});

test("npm start stays for other terminals, refuses a second world, and ends without a trace", async () => {
  const before = await namespaces();
  const demo = execa(process.execPath, [DEMO], { cwd: folder, reject: false });
  let text = "";
  const shown = new Promise<void>((done) => {
    demo.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("Ctrl-C ends all of it")) done();
    });
  });
  await Promise.race([shown, demo.then(() => Promise.reject(new Error(text)))]);
  expect(text).toContain("✓ private web application answers");
  expect(text).toContain("decided by the system default");
  expect(text).not.toContain("\u001b");
  for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);

  const world: unknown = JSON.parse(await readFile(join(folder, ".nanami", "world.json"), "utf8"));
  const { socket } = world as { socket: string };
  const status = await execa(process.execPath, [CLI, "--socket", socket, "status"], { reject: false });
  expect(status.exitCode, status.stderr).toBe(0);
  expect(status.stdout).toContain("Private network connected");

  const second = await execa(process.execPath, [DEMO], { cwd: folder, reject: false });
  expect(second.exitCode).toBe(1);
  expect(second.stdout + second.stderr).toContain("already up");
  (await connectAgent(socket)).close();

  demo.kill("SIGINT");
  expect((await demo).exitCode).toBe(0);
  expect(await readdir(join(folder, ".nanami"))).toEqual([]);
  await expect(readdir(dirname(socket))).rejects.toThrow("ENOENT");
  expect(await namespaces()).toEqual(before);
});
