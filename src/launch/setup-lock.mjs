/**
 * A lock between processes of one machine, as a file that holds the owner's pid. Plain JavaScript without
 * dependencies: it guards the installation of the dependencies.
 */
import * as fs from "node:fs";
import { uptime } from "node:os";
import { dirname } from "node:path";

const POLL_MS = 200;
/** Removing a stale lock takes an instant; whoever holds the right to for so long is dead. */
const REMOVAL_MS = 10_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** What is known of the lock at `path`: its owner's pid, and whether that owner is gone. Undefined when it is free. */
function look(path) {
  try {
    const pid = Number(fs.readFileSync(path, "utf8"));
    // After a restart of the machine the pid may belong to somebody else.
    const sinceStart = fs.statSync(path).mtimeMs > Date.now() - uptime() * 1000;
    return { pid, stale: !sinceStart || !isAlive(pid) };
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Creates the lock with its content in one step, so that nobody ever reads an empty one. */
function take(path) {
  const draft = path + "." + process.pid;
  fs.writeFileSync(draft, String(process.pid));
  try {
    fs.linkSync(draft, path);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    fs.unlinkSync(draft);
  }
}

/**
 * Removes a stale lock. Two processes may find it stale at once, and the slower must not remove the lock that the
 * faster has taken since: a folder, which only one of them can make, lets one look again and remove.
 */
function removeStale(path) {
  const guard = path + ".removing";
  try {
    fs.mkdirSync(guard);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const made = fs.statSync(guard, { throwIfNoEntry: false });
    if (made !== undefined && Date.now() - made.mtimeMs > REMOVAL_MS) letGo(guard);
    return;
  }
  try {
    const owner = look(path);
    if (owner !== undefined && owner.stale) fs.unlinkSync(path);
  } finally {
    letGo(guard);
  }
}

/** Gives the right to remove back; somebody else who took its holder for dead may have done so already. */
function letGo(guard) {
  try {
    fs.rmdirSync(guard);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

/**
 * Runs `work` while this process owns the lock file `path`, waiting as long as another living process owns it.
 * `say` is called once with a sentence when there is somebody to wait for.
 */
export async function withLock(path, say, work) {
  fs.mkdirSync(dirname(path), { recursive: true });
  let said = false;
  while (!take(path)) {
    const owner = look(path);
    if (owner === undefined) continue;
    if (owner.stale) removeStale(path);
    else if (!said) {
      say("another terminal (process " + owner.pid + ") is installing; waiting for it…");
      said = true;
    }
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    fs.unlinkSync(path);
  }
}
