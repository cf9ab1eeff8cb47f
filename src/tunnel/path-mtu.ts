/**
 * Finds black holes: a link on the way that drops large packets and tells nobody. Whoever sends a large file then waits
 * for ever while small packets pass. Packets of known sizes are echoed through the tunnel (packetisation layer path MTU
 * discovery, RFC 8899), at the start, regularly, and after the network around changed; a size is believed lost only
 * where small packets sent beside it came back.
 */
import type { Address } from "../wireguard/address.ts";
import { askOnce } from "./linux/echo.ts";

/** What came of asking: `silent` = small packets did not come back either, so nothing is known. */
export type Echoed = "passes" | "lost" | "silent";

/** Sizes to fall back to at once: what IPv6 needs (RFC 8200), and what every IPv4 host takes (RFC 1122). */
const BASES = [1280, 576] as const;
/** WireGuard pads packets to multiples of this, so sizes between make no difference. */
const STEP = 16;
/** Seconds between looks whether the size in use still passes, and whether a larger one does (PMTU_RAISE_TIMER). */
const CONFIRM_S = 20;
const RAISE_S = 600;

/**
 * The largest size that passes, null where all of `ceiling` does, undefined where nothing could be learned. `found` is
 * told of every step up on the way, the first one as soon as anything large is known to pass.
 */
export async function searchLimit(
  ask: (bytes: number) => Promise<Echoed>,
  ceiling: number,
  found: (limit: number) => void,
): Promise<number | null | undefined> {
  const whole = await ask(ceiling);
  if (whole !== "lost") return whole === "passes" ? null : undefined;
  let high = ceiling;
  for (const base of BASES) {
    if (base >= ceiling) continue;
    const answer = await ask(base);
    if (answer === "silent") return undefined;
    if (answer === "passes") return await climb(ask, base, high, found);
    high = base;
  }
  return undefined;
}

async function climb(
  ask: (bytes: number) => Promise<Echoed>,
  base: number,
  lost: number,
  found: (limit: number) => void,
): Promise<number> {
  let [low, high] = [base, lost];
  found(low);
  for (;;) {
    const between = Math.floor((high - low - 1) / STEP);
    if (between === 0) return low;
    const middle = low + Math.ceil(between / 2) * STEP;
    const answer = await ask(middle);
    if (answer === "silent") return low;
    if (answer === "lost") high = middle;
    else found((low = middle));
  }
}

/** Pairs of a large and a small packet, and milliseconds for the answers to one, more where the path is slow. */
const PAIRS = 4;
const PATIENCE_MS = 300;
const PATIENCE_ROUND_TRIPS = 3;

/** Asks once for a size, several times if need be: a packet may be lost for many reasons. */
export async function echoOf(address: Address, bytes: number, roundTripMs: number): Promise<Echoed> {
  const patience = Math.max(PATIENCE_MS, PATIENCE_ROUND_TRIPS * roundTripMs);
  let small = false;
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const [large, beside] = await Promise.all([
      askOnce(address, patience, bytes),
      askOnce(address, patience),
    ]);
    if (large === "answer") return "passes";
    small ||= beside === "answer";
  }
  return small ? "lost" : "silent";
}

export interface PathMtuOptions {
  /** Bytes of a packet that the way through the tunnel should carry. */
  readonly ceiling: number;
  /** The limit that is in force from before; null = none. */
  readonly limit: number | null;
  readonly ask: (bytes: number) => Promise<Echoed>;
  /** Told of every new limit; null = the whole size passes. */
  readonly found: (limit: number | null) => void;
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number;
}

export interface PathMtuWatch extends Disposable {
  /** The network around changed: what was found may hold no more, and a larger size is tried at once. */
  lookAgain(): void;
}

/** Watches until disposed. What is found stays in force until something better is known. */
export function watchPathMtu(options: PathMtuOptions): PathMtuWatch {
  const { ceiling, now } = options;
  let limit = options.limit;
  let stopped = false;
  let wake: (() => void) | null = null;
  let again = false;
  let raiseAt = now();

  const take = (news: number | null): void => {
    if (stopped || news === limit) return;
    limit = news;
    options.found(news);
  };
  const ask = (bytes: number): Promise<Echoed> => (stopped ? Promise.resolve("silent") : options.ask(bytes));
  const look = async (): Promise<void> => {
    let holds = limit !== null && limit < ceiling;
    if (holds && limit !== null && now() < raiseAt) {
      if ((await ask(limit)) !== "lost") return;
      holds = false;
    }
    raiseAt = now() + RAISE_S * 1000;
    // What holds is left only for more, or at the end of the search.
    const result = await searchLimit(ask, ceiling, (size) => {
      if (!holds || size > (limit ?? ceiling)) take(size);
    });
    if (result !== undefined) take(result);
  };
  const loop = async (): Promise<void> => {
    while (!stopped) {
      await look();
      if (!again)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, CONFIRM_S * 1000);
          timer.unref();
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      again = false;
    }
  };
  // An echo that cannot be asked for is a size that is not known: the watch ends, what was found stays in force.
  loop().catch(() => undefined);
  return {
    lookAgain: () => {
      again = true;
      raiseAt = now();
      wake?.();
    },
    [Symbol.dispose]: () => {
      stopped = true;
      wake?.();
    },
  };
}
