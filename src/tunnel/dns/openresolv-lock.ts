/**
 * Who comes while openresolv writes waits a whole second and looks again (it "spinlocks" on a folder). A rewrite is
 * noticed in the middle of it, so that would be the rule: here the end of the other run is waited for instead.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const LOCK = "/run/resolvconf/lock";
const LOOK_MS = 5;
/** Longest wait, milliseconds; who holds it longer is left to openresolv, which in the end gives up on it. */
const PATIENCE_MS = 2000;
/** How long a lock of which nobody says whose it is may be one that was made just now, milliseconds. */
const NAMELESS_MS = 100;

/** Waits until no run of openresolv is under way. A lock whose holder died is openresolv's to clear: it does at once. */
export async function openresolvIsFree(lock = LOCK, patienceMs = PATIENCE_MS): Promise<void> {
  const end = performance.now() + patienceMs;
  let nameless: number | null = null;
  while (existsSync(lock) && performance.now() < end) {
    // It is written a moment after the folder was made.
    const pid = Number(await readFile(`${lock}/pid`, "utf8").catch(() => ""));
    if (pid > 0) {
      if (!isAlive(pid)) return;
      nameless = null;
    } else {
      nameless ??= performance.now();
      if (performance.now() - nameless > NAMELESS_MS) return;
    }
    await sleep(LOOK_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
