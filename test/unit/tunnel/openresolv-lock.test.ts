import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../../../src/lab/host.ts";
import { openresolvIsFree } from "../../../src/tunnel/dns/openresolv-lock.ts";

/** No process has this number: the kernel's limit is lower. */
const NOBODY = "1073741824";

test("nobody waits where no lock is held, nor for one whose holder died", async () => {
  await using folder = await scratch();
  const lock = join(folder.path, "lock");
  await openresolvIsFree(lock, 60_000);
  await mkdir(lock);
  await writeFile(join(lock, "pid"), `${NOBODY}\n`);
  await openresolvIsFree(lock, 60_000);
});

test("a run that is under way is waited for, and no longer than it takes", async () => {
  await using folder = await scratch();
  const lock = join(folder.path, "lock");
  await mkdir(lock);
  await writeFile(join(lock, "pid"), `${process.pid}\n`);
  let free = false;
  const waiting = openresolvIsFree(lock, 60_000).then(() => (free = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(free).toBe(false);
  await rm(lock, { recursive: true });
  await waiting;
});

test("one that never ends is not waited for without end", async () => {
  await using folder = await scratch();
  const lock = join(folder.path, "lock");
  await mkdir(lock);
  await writeFile(join(lock, "pid"), `${process.pid}\n`);
  await openresolvIsFree(lock, 30);
});

test("one of which nobody says whose it is is waited for no longer than it takes to say so", async () => {
  await using folder = await scratch();
  const lock = join(folder.path, "lock");
  await mkdir(lock);
  await writeFile(join(lock, "pid"), `${process.pid}\n`);
  let free = false;
  const waiting = openresolvIsFree(lock, 60_000).then(() => (free = true));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(free).toBe(false);
  await rm(join(lock, "pid"));
  await waiting;
});
