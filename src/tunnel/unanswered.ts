/**
 * Whether our own traffic is answered: packets go into the tunnel and none comes out. The counters of the interface
 * tell for nothing what a probe would have to ask. Pure but for `countersOf`.
 */
import { closeSync, openSync, readSync } from "node:fs";

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
  const label = `${interfaceName}:`;
  for (let start = text.indexOf(label); start !== -1; start = text.indexOf(label, start + 1)) {
    // A longer name may end so.
    if (!/^$|\s/.test(text.charAt(start - 1))) continue;
    const end = text.indexOf("\n", start);
    const numbers = text.slice(start + label.length, end === -1 ? undefined : end);
    const fields = numbers.trim().split(/\s+/);
    const [rx, tx] = [fields[1], fields[9]];
    return rx === undefined || tx === undefined ? null : { at, rx: Number(rx), tx: Number(tx) };
  }
  return null;
}

/** Reads the counters of one interface, of this process's own network namespace. Dispose to close the file. */
export interface CountersReader extends Disposable {
  /** The counters now; null when the interface is not there. */
  read(): Counters | null;
}

/** Several times a second for as long as the tunnel is up, so the file stays open and nothing is allocated anew. */
export function countersOf(interfaceName: string): CountersReader {
  let file: number | null = null;
  let buffer = Buffer.allocUnsafe(4096);
  const close = (): void => {
    if (file !== null) closeSync(file);
    file = null;
  };
  const text = (): string => {
    file ??= openSync("/proc/net/dev", "r");
    let length = 0;
    for (;;) {
      if (length === buffer.length) buffer = Buffer.concat([buffer], 2 * length);
      const more = readSync(file, buffer, length, buffer.length - length, length);
      if (more === 0) return buffer.toString("latin1", 0, length);
      length += more;
    }
  };
  return {
    read: () => {
      try {
        return parseCounters(text(), interfaceName, performance.now());
      } catch {
        close();
        return null;
      }
    },
    [Symbol.dispose]: close,
  };
}
