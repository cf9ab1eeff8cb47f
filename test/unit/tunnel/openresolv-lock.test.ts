import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../../../src/lab/host.ts";
import { openresolvIsFree } from "../../../src/tunnel/dns/openresolv-lock.ts";

/** No process has this number: the kernel's limit is lower. */
const NOBODY = "1073741824";

/** A lock that this process holds, or another one. */
async function lockIn(folder: string, holder: number | string = process.pid): Promise<string> {
  const lock = join(folder, "lock");
  await mkdir(lock);
  await writeFile(join(lock, "pid"), `${holder}\n`);
  return lock;
}

/** Waits for the lock, is still waiting after so many milliseconds, and stops after `end`. */
async function waitsUntil(lock: string, milliseconds: number, end: () => Promise<void>): Promise<void> {
  let free = false;
  const waiting = openresolvIsFree(lock, 60_000).then(() => (free = true));
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  expect(free).toBe(false);
  await end();
  await waiting;
}

test("nobody waits where no lock is held, nor for one whose holder died", async () => {
  await using folder = await scratch();
  await openresolvIsFree(join(folder.path, "lock"), 60_000);
  await openresolvIsFree(await lockIn(folder.path, NOBODY), 60_000);
});

test("a run that is under way is waited for, and no longer than it takes", async () => {
  await using folder = await scratch();
  const lock = await lockIn(folder.path);
  await waitsUntil(lock, 50, () => rm(lock, { recursive: true }));
});

test("one that never ends is not waited for without end", async () => {
  await using folder = await scratch();
  await openresolvIsFree(await lockIn(folder.path), 30);
});

test("one of which nobody says whose it is is waited for no longer than it takes to say so", async () => {
  await using folder = await scratch();
  const lock = await lockIn(folder.path);
  await waitsUntil(lock, 300, () => rm(join(lock, "pid")));
});
