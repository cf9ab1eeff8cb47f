/** `npm start` in a checkout of its own: what is left when it is killed, and what the next one makes of that. */
import { cp, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";

let root: string;
let checkout: string;
/** Where sockets go. */
let temporary: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nanami-start-"));
  checkout = join(root, "checkout");
  temporary = await mkdtemp("/tmp/nanami-t-");
  for (const part of ["src", "renderer", "package.json", "tsconfig.json"])
    await cp(part, join(checkout, part), { recursive: true });
  await symlink(resolve("node_modules"), join(checkout, "node_modules"));
});
afterAll(async () => {
  for (const folder of [root, temporary]) await rm(folder, { recursive: true, force: true });
});

function start() {
  return execa(process.execPath, ["src/launch/start.ts"], {
    cwd: checkout,
    // As the launcher sets it: without, tools would keep their caches in the temp folder.
    env: { TMPDIR: temporary, NODE_COMPILE_CACHE: resolve("node_modules/.cache/compiled") },
    stdin: "ignore",
    all: true,
    reject: false,
  });
}

interface World {
  readonly socket: string;
  readonly state: string;
  readonly sandboxPid: number;
}

/** The world that a start raised, once it stands and is not `former`. */
async function standing(running: ReturnType<typeof start>, former?: World): Promise<World> {
  let said: string | undefined;
  void running.then(({ all }) => (said = all));
  for (;;) {
    const text = await readFile(join(checkout, ".nanami", "world.json"), "utf8").catch(() => "null");
    const world = JSON.parse(text) as World | null;
    if (world !== null && world.state !== former?.state) return world;
    if (said !== undefined) throw new Error(`npm start has ended: ${said}`);
    await pause(100);
  }
}

/** What worlds keep in the checkout; builds and settings of the window may stay. */
async function kept(): Promise<string[]> {
  const names = await readdir(join(checkout, ".nanami"));
  return names.filter((name) => /^(world|operator)/.test(name));
}

test("killed together with its sandbox it leaves files, which the next start removes", async () => {
  const first = start();
  const left = await standing(first);
  process.kill(left.sandboxPid, "SIGKILL");
  first.kill("SIGKILL");
  await first;
  expect(await kept()).toContain("world.json");
  expect(await readdir(dirname(left.socket))).toContain("agent.sock");

  const second = start();
  const world = await standing(second, left);
  expect(await processesWith(dirname(world.socket))).not.toEqual([]);
  await expect(readdir(left.state)).rejects.toThrow("ENOENT");
  await expect(readdir(dirname(left.socket))).rejects.toThrow("ENOENT");

  // The launcher alone: what it raised notices, and removes everything itself.
  second.kill("SIGKILL");
  await second;
  await expect.poll(kept, { timeout: 60_000 }).toEqual([]);
  await expect.poll(() => readdir(temporary), { timeout: 60_000 }).toEqual([]);
  await expect.poll(() => processesWith(dirname(world.socket)), { timeout: 60_000 }).toEqual([]);
}, 300_000);

/** Command lines of living processes that have this word in them. */
async function processesWith(word: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.filter((line) => line.includes(word));
}
