/** Doing something as another user of this machine. */
import { readFileSync } from "node:fs";

/** In a user namespace there is one uid. */
export const severalUsers = readFileSync("/proc/self/uid_map", "utf8").trim().split(/\s+/)[2] !== "1";

export interface User {
  readonly uid: number;
  readonly groups: readonly number[];
}

/**
 * Does something as another user, or as ourselves where there is no other. The kernel notes who connects at the moment
 * of `connect`, which is synchronous.
 */
export function as<T>({ uid, groups }: User, work: () => T): T {
  if (!severalUsers) return work();
  const before = process.getgroups?.() ?? [];
  process.setgroups?.([...groups]);
  process.setegid?.(uid);
  process.seteuid?.(uid);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(before);
  }
}
