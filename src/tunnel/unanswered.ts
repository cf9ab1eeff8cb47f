/**
 * Whether our own traffic is answered: packets go into the tunnel and none comes out. The counters of the interface
 * tell for nothing what a probe would have to ask. Pure but for `readCounters`.
 */
import { readFileSync } from "node:fs";

/** Packets of an interface at one moment; `at` in milliseconds of a clock that never jumps. */
export interface Counters {
  readonly at: number;
  readonly rx: number;
  readonly tx: number;
}

export interface Unanswered {
  readonly last: Counters;
  /** When something was first seen to be sent that nothing came back for; null = all is answered. */
  readonly since: number | null;
}

/** Takes a new reading. Whatever comes back answers everything; counters that began anew answer too. */
export function observe(before: Unanswered | null, now: Counters): Unanswered {
  if (before === null || now.rx !== before.last.rx || now.tx < before.last.tx)
    return { last: now, since: null };
  const sent = now.tx > before.last.tx;
  return { last: now, since: before.since ?? (sent ? now.at : null) };
}

/** Milliseconds for which nothing has come back; 0 when all is answered. */
export function unansweredFor({ since, last }: Unanswered): number {
  return since === null ? 0 : last.at - since;
}

/** The packet counters of one interface in the text of `/proc/net/dev` (proc(5)); null when it is not listed. */
export function parseCounters(text: string, interfaceName: string, at: number): Counters | null {
  for (const line of text.split("\n")) {
    const [name, numbers] = line.split(":");
    if (name?.trim() !== interfaceName || numbers === undefined) continue;
    const fields = numbers.trim().split(/\s+/).map(Number);
    const [rx, tx] = [fields[1], fields[9]];
    return rx === undefined || tx === undefined ? null : { at, rx, tx };
  }
  return null;
}

/** The counters now; null when the interface is not there. Of this process's own network namespace. */
export function readCounters(interfaceName: string): Counters | null {
  try {
    return parseCounters(readFileSync("/proc/net/dev", "utf8"), interfaceName, performance.now());
  } catch {
    return null;
  }
}
