/**
 * One agent for one state folder: between claiming the socket and listening on it, two that were started at once would
 * both touch the tunnel. The lock names its process so that it cannot be mistaken for another one, also not after a
 * restart of the machine or when its pid was given away anew; a lock whose process is gone is taken over.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Another agent works in this state folder. */
export class StateLockedError extends Error {}

/** Takes the lock of a state folder (which is there) until this process ends. Throws `StateLockedError`. */
export function lockState(folder: string): void {
  const path = join(folder, "agent.lock");
  const own = `${path}.${process.pid}`;
  writeFileSync(own, nameOf(process.pid) ?? String(process.pid), { mode: 0o600 });
  try {
    // With its content, or not at all. A few rounds: others may take stale locks away meanwhile.
    for (let round = 0; round < 5; round += 1) {
      if (linked(own, path)) return;
      const holder = readIfThere(path);
      if (holder !== null && isAlive(holder)) throw locked(folder, holder);
      if (holder !== null) takeAway(path, holder);
    }
    throw locked(folder, "unknown");
  } finally {
    rmSync(own, { force: true });
  }
}

function takeAway(path: string, stale: string): void {
  const away = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, away);
  } catch {
    // Somebody else took it away.
    return;
  }
  // Somebody else may have been faster, and this is their lock: it goes back.
  if (readIfThere(away) !== stale) linked(away, path);
  rmSync(away, { force: true });
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function locked(folder: string, holder: string): StateLockedError {
  const pid = holder.split(" ")[0] ?? "unknown";
  return new StateLockedError(
    `state folder ${folder}: another agent is running there (process ${pid}); stop it first`,
  );
}

function isAlive(holder: string): boolean {
  const pid = Number(holder.split(" ")[0]);
  return Number.isInteger(pid) && pid > 0 && nameOf(pid) === holder;
}

/** A process as nothing else is called: pid, time of its start and boot of the machine; null = it ended. */
function nameOf(pid: number): string | null {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // proc_pid_stat(5): the program's name, in brackets, may contain anything; the state is field 3, the start field 22.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return null;
  return `${pid} ${fields[19] ?? ""} ${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
