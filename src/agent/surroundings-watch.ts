/**
 * Notices that the machine slept or moved to another network. A clock that counts sleep runs ahead of one that does
 * not; addresses are compared. Cheap enough to be looked at every other second, with a tunnel and without.
 */
import { networkInterfaces } from "node:os";

const LOOK_MS = 2_000;
/** Milliseconds by which the clocks may part between two looks: NTP corrects, timers are late. */
const TOLERANCE_MS = 5_000;

export interface Sight {
  /** Milliseconds of the wall clock, which goes on in sleep. */
  readonly wall: number;
  /** Milliseconds of a clock that stands still in sleep (`CLOCK_MONOTONIC`). */
  readonly monotonic: number;
  /** Addresses of all interfaces but the tunnel's, as one text to compare. */
  readonly addresses: string;
}

/** What happened between two looks: the machine woke up, moved, or nothing. */
export function judgeSights(before: Sight, after: Sight): "woke" | "moved" | null {
  const slept = after.wall - before.wall - (after.monotonic - before.monotonic);
  if (slept > TOLERANCE_MS) return "woke";
  return after.addresses === before.addresses ? null : "moved";
}

/** Looks now. */
export function sight(tunnel: string): Sight {
  const addresses = Object.entries(networkInterfaces())
    .flatMap(([name, list]) =>
      name === tunnel ? [] : (list ?? []).map(({ cidr }) => `${name} ${cidr ?? ""}`),
    )
    .sort()
    .join("\n");
  return { wall: Date.now(), monotonic: performance.now(), addresses };
}

/** Calls back whenever something happened. Dispose to stop. */
export function watchSurroundings(look: () => Sight, happened: (what: "woke" | "moved") => void): Disposable {
  let before = look();
  const timer = setInterval(() => {
    const after = look();
    const what = judgeSights(before, after);
    before = after;
    if (what !== null) happened(what);
  }, LOOK_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
