import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const LOCK_MODULE = pathToFileURL(join(import.meta.dirname, "../../../src/launch/setup-lock.mjs")).href;
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nanami-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that takes the lock, notes when it got it and when it lets go, and holds it for a while. */
function contender(hold = 20) {
  const script = `
    import { appendFileSync } from "node:fs";
    import { withLock } from ${JSON.stringify(LOCK_MODULE)};
    await withLock(${JSON.stringify(join(folder, "lock"))}, (text) => process.stderr.write(text + "\\n"), async () => {
      appendFileSync(${JSON.stringify(join(folder, "log"))}, "in\\n");
      await new Promise((resolve) => setTimeout(resolve, ${hold}));
      appendFileSync(${JSON.stringify(join(folder, "log"))}, "out\\n");
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  return new Promise<{ code: number | null; err: string }>((resolve) =>
    child.once("exit", (code) => resolve({ code, err })),
  );
}

/** The pid of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

async function holdsOneAtATime(count: number): Promise<void> {
  const ended = await Promise.all(Array.from({ length: count }, () => contender()));
  expect(ended.map(({ code }) => code)).toEqual(Array.from({ length: count }, () => 0));
  const log = readFileSync(join(folder, "log"), "utf8");
  expect(log).toBe("in\nout\n".repeat(count));
  expect(existsSync(join(folder, "lock"))).toBe(false);
}

test("one process at a time is inside, and the lock is gone afterwards", () => holdsOneAtATime(6));

test("a lock of a dead process is taken over, by one of several that find it", async () => {
  writeFileSync(join(folder, "lock"), String(deadPid()));
  await holdsOneAtATime(6);
});

test("a removal that was interrupted does not wedge the lock", async () => {
  writeFileSync(join(folder, "lock"), String(deadPid()));
  mkdirSync(join(folder, "lock.removing"));
  const long = new Date(Date.now() - 60_000);
  utimesSync(join(folder, "lock.removing"), long, long);
  // All of them find it at once, and one is the first to take it away.
  await holdsOneAtATime(8);
});

test("a lock from before the machine started is taken over, whoever has the pid now", async () => {
  writeFileSync(join(folder, "lock"), String(process.pid));
  utimesSync(join(folder, "lock"), new Date(0), new Date(0));
  await holdsOneAtATime(1);
});

test("whoever waits for a living process says so once, and goes on when it lets go", async () => {
  writeFileSync(join(folder, "lock"), String(process.pid));
  const waiting = contender();
  await new Promise((resolve) => setTimeout(resolve, 900));
  expect(existsSync(join(folder, "log"))).toBe(false);
  rmSync(join(folder, "lock"));
  const { code, err } = await waiting;
  expect(code).toBe(0);
  expect(err).toBe(`another terminal (process ${process.pid}) is installing; waiting for it…\n`);
});
