/**
 * Looks whether traffic passes: ICMP echo through the tunnel, or, where nothing answers echo, handshakes. Fast until
 * the first answer, then every few seconds, and fast again for a while when an answer is missing: to an echo, or to
 * the machine's own traffic. One `ping` process runs all the time, so that waiting costs nothing here.
 */
import { createInterface } from "node:readline";
import { execa } from "execa";
import type { Address } from "../wireguard/address.ts";
import { awaitHandshakes, haveShaken, type Shaken } from "./linux/apply.ts";
import { readDump } from "./linux/dump.ts";
import { awaitEcho } from "./linux/echo.ts";
import { programPath } from "./linux/programs.ts";
import type { Intent, IntentPeer } from "./types.ts";
import { countersOf, observe, unansweredFor, type Unanswered } from "./unanswered.ts";

/** The peers are those whose handshake is part of the proof, because an echo need not cross them. */
export interface ProbeTarget extends Shaken {
  readonly interface: string;
  /** Address inside the tunnel that answers echo; null = handshakes have to do. */
  readonly address: Address | null;
}

export interface ProbeListener {
  /** An answer came. `roundTripMs` is absent for a handshake. */
  passed(verified: "traffic" | "handshake", roundTripMs?: number): void;
  /** Nothing came for too long. Told once, until the next answer. */
  silent(): void;
}

/** Seconds between echo requests: until the first answer, while all is well, in doubt, and while nothing comes. */
const INTERVALS = { first: "0.02", steady: "2", doubt: "0.2", lost: "0.5" } as const;
/**
 * Milliseconds without an answer after which it counts as silence; from `steady` as doubt, which has to be confirmed
 * before anybody is told.
 */
const PATIENCE_MS = { first: 5000, steady: 2600, doubt: 1000, lost: 6500 } as const;
/** A slow path gets more: so many of its last round trips. */
const PATIENCE_ROUND_TRIPS = 4;
/** Milliseconds between looks at the interface's counters while all is well. */
const LOOK_MS = 250;
/** Milliseconds for which the machine's own traffic may go unanswered before that is doubt. */
const UNANSWERED_MS = 600;
/** Milliseconds for which doubt that was dispelled keeps the probe fast: traffic without answers is not unusual. */
const WARY_MS = 10_000;
/** Milliseconds before a `ping` that ended by itself (no route yet) is started again. */
const RESTART_MS = 100;
const HANDSHAKE_CHECK_MS = 10_000;
/** WireGuard drops keys after this many seconds (REJECT_AFTER_TIME). */
const HANDSHAKE_LIFETIME_S = 180;

type Pace = keyof typeof INTERVALS;

/**
 * Whose handshake proves that an intent's tunnel works. Gateways behind one another all have to be there. Peers of a
 * manual profile stand beside one another, and each may be away: one that answers is traffic that was seen to pass;
 * in `full_tunnel` one of those that carry a default route, for the others are not what was asked for.
 */
export function provingPeers({ peers, probe: address, mode }: Intent): Shaken {
  const keys = (some: readonly IntentPeer[]): string[] => some.map(({ publicKey }) => publicKey);
  const nested = peers.filter(({ via }) => via !== undefined);
  if (address !== undefined) return { publicKeys: keys(nested), enough: "all" };
  if (nested.length > 0) return { publicKeys: keys(peers), enough: "all" };
  const carriers = peers.filter(({ allowedIps }) => allowedIps.some((prefix) => /\/[01]$/.test(prefix)));
  return { publicKeys: keys(mode === "full_tunnel" ? carriers : peers), enough: "one" };
}

/** Null where it is not installed; what this machine lacks ends nobody's tunnel. */
function pingPath(): string | null {
  try {
    return programPath("ping");
  } catch {
    return null;
  }
}

export interface Probing extends Disposable {
  /** Looks at once instead of when it is next due: the machine woke up. */
  checkNow(): void;
}

/** Starts probing; dispose to stop. */
export function probe(target: ProbeTarget, listener: ProbeListener): Probing {
  return target.address === null
    ? probeHandshakes(target, listener)
    : probeEcho(target, target.address, listener);
}

function probeEcho(target: ProbeTarget, address: Address, listener: ProbeListener): Probing {
  let stopped = false;
  let pace: Pace = "first";
  let paceSince = performance.now();
  let lastRoundTripMs = 0;
  let unanswered: Unanswered | null = null;
  let proven = target.publicKeys.length === 0;
  let proving = false;
  let child: AbortController | null = null;
  let echo: Disposable | null = null;
  let patience: NodeJS.Timeout | undefined;
  let restart: NodeJS.Timeout | undefined;

  const wait = (): void => {
    clearTimeout(patience);
    const milliseconds = Math.max(PATIENCE_MS[pace], PATIENCE_ROUND_TRIPS * lastRoundTripMs);
    patience = setTimeout(() => {
      if (pace === "steady") {
        doubt();
        return;
      }
      listener.silent();
      if (pace !== "lost") run("lost");
      wait();
    }, milliseconds);
  };
  const doubt = (): void => {
    run("doubt");
    wait();
  };
  const look = (): void => {
    if (pace !== "steady") return;
    const now = counters.read();
    unanswered = now === null ? null : observe(unanswered, now);
    if (unanswered === null) return;
    const limit = Math.max(UNANSWERED_MS, PATIENCE_ROUND_TRIPS * lastRoundTripMs);
    if (unansweredFor(unanswered) >= limit) doubt();
  };
  const counters = countersOf(target.interface);
  const looking = setInterval(look, LOOK_MS);
  const report = (roundTripMs: number): void => {
    lastRoundTripMs = roundTripMs;
    listener.passed("traffic", roundTripMs);
    wait();
    const wary = pace === "doubt" && performance.now() - paceSince < WARY_MS;
    if (pace !== "steady" && !wary) run("steady");
  };
  const answered = (roundTripMs: number): void => {
    if (proven) {
      report(roundTripMs);
      return;
    }
    if (proving) return;
    proving = true;
    handshakesOf(target)
      .then((shaken) => {
        proving = false;
        proven = shaken;
        if (stopped) return;
        if (shaken) report(roundTripMs);
        else if (pace === "first") run("first");
      })
      .catch(() => undefined);
  };
  /** Where there is no `ping`: one question of our own after the other. */
  const ask = (): void => {
    echo?.[Symbol.dispose]();
    const mine = awaitEcho(address, (roundTripMs) => {
      answered(roundTripMs);
      // What was answered may have changed the pace, and asked anew.
      if (!stopped && echo === mine) restart = setTimeout(ask, Number(INTERVALS[pace]) * 1000);
    });
    echo = mine;
  };
  const run = (next: Pace): void => {
    pace = next;
    paceSince = performance.now();
    unanswered = null;
    child?.abort();
    echo?.[Symbol.dispose]();
    clearTimeout(restart);
    if (next === "first") {
      // Somebody waits for this one: no time for a program to start.
      echo = awaitEcho(address, answered);
      return;
    }
    const program = pingPath();
    if (program === null) {
      ask();
      return;
    }
    const controller = new AbortController();
    child = controller;
    // -n: no name look-ups. The process ends with this one.
    const ping = execa(program, ["-n", "-i", INTERVALS[next], address], {
      env: {},
      extendEnv: false,
      reject: false,
      cancelSignal: controller.signal,
      buffer: false,
      stdio: ["ignore", "pipe", "ignore"],
    });
    createInterface({ input: ping.stdout }).on("line", (line) => {
      const match = /^\d+ bytes from .* time[=<]([0-9.]+) ms/.exec(line);
      if (match !== null && !controller.signal.aborted) answered(Number(match[1]));
    });
    void ping.then(() => {
      if (!controller.signal.aborted) restart = setTimeout(() => run(pace), RESTART_MS);
    });
  };

  run("first");
  wait();
  return {
    checkNow: () => {
      if (pace !== "first") doubt();
    },
    [Symbol.dispose]: () => {
      stopped = true;
      clearInterval(looking);
      counters[Symbol.dispose]();
      clearTimeout(patience);
      clearTimeout(restart);
      child?.abort();
      echo?.[Symbol.dispose]();
    },
  };
}

function probeHandshakes(target: ProbeTarget, listener: ProbeListener): Probing {
  const stop = new AbortController();
  const step = async (): Promise<void> => {
    if (!(await handshakesOf(target))) {
      if (!stop.signal.aborted) listener.silent();
      return;
    }
    if (!stop.signal.aborted) listener.passed("handshake");
    do await pause(stop.signal);
    while (!stop.signal.aborted && (await freshHandshakes(target)));
  };
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) await step();
  };
  loop().catch(() => undefined);
  return { checkNow: () => undefined, [Symbol.dispose]: () => stop.abort() };
}

/** Whether the peers shake hands in time; one that cannot be asked for was not seen to. */
async function handshakesOf(target: ProbeTarget): Promise<boolean> {
  return await awaitHandshakes(target.interface, target, PATIENCE_MS.first).catch(() => false);
}

async function freshHandshakes(target: ProbeTarget): Promise<boolean> {
  const peers = (await readDump(target.interface).catch(() => null))?.peers ?? [];
  const oldest = Date.now() / 1000 - HANDSHAKE_LIFETIME_S;
  return haveShaken(peers, target, oldest);
}

async function pause(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, HANDSHAKE_CHECK_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
