/**
 * Notices that the machine slept, that this process stood still, or that the machine moved to another network. Clocks
 * that count sleep run ahead of one that does not; addresses are compared. Cheap enough to be looked at every other
 * second, with a tunnel and without.
 */
import { networkInterfaces } from "node:os";
import { sleptMs } from "../tunnel/linux/libc.ts";

const LOOK_MS = 2_000;
/** Milliseconds by which the wall clock may part from the others between two looks: NTP corrects. */
const TOLERANCE_MS = 5_000;
/** Milliseconds of sleep that count; what the kernel counts is exact. */
const SLEEP_MS = 500;
/** Milliseconds by which a look may be late on a busy machine; after more this process was stopped, or its machine was. */
const LATE_MS = 5_000;

export interface Sight {
  /** Milliseconds of the wall clock, which goes on in sleep. */
  readonly wall: number;
  /** Milliseconds of a clock that stands still in sleep (`CLOCK_MONOTONIC`). */
  readonly monotonic: number;
  /** Milliseconds that the machine slept since it was started. */
  readonly slept: number;
  /** Addresses of all interfaces but the tunnel's, as one text to compare. */
  readonly addresses: string;
}

/** What happened between two looks: the machine woke up (or this process went on), moved, or nothing. */
export function judgeSights(before: Sight, after: Sight): "woke" | "moved" | null {
  const passed = after.monotonic - before.monotonic;
  const ahead = after.wall - before.wall - passed;
  const slept = after.slept - before.slept > SLEEP_MS;
  if (slept || ahead > TOLERANCE_MS || passed > LOOK_MS + LATE_MS) return "woke";
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
  return { wall: Date.now(), monotonic: performance.now(), slept: sleptMs(), addresses };
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
