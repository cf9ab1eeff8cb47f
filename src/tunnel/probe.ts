/**
 * Looks whether traffic passes: ICMP echo through the tunnel, or, where nothing answers echo, handshakes. Fast until
 * the first answer, then every few seconds; one `ping` process runs all the time, so that waiting costs nothing here.
 */
import { createInterface } from "node:readline";
import { execa } from "execa";
import { awaitHandshakes, readDump } from "./linux/apply.ts";
import { programPath } from "./linux/programs.ts";

export interface ProbeTarget {
  readonly interface: string;
  /** Address inside the tunnel that answers echo; null = handshakes have to do. */
  readonly address: string | null;
  /** Peers whose handshake is part of the proof, because an echo need not cross them. */
  readonly publicKeys: readonly string[];
}

export interface ProbeListener {
  /** An answer came. `roundTripMs` is absent for a handshake. */
  passed(verified: "traffic" | "handshake", roundTripMs?: number): void;
  /** Nothing came for too long. Told once, until the next answer. */
  silent(): void;
}

/** Seconds between echo requests: until the first answer, while all is well, and while nothing comes. */
const INTERVALS = { first: "0.02", steady: "2", lost: "0.5" } as const;
/** Milliseconds without an answer after which it counts as silence. */
const PATIENCE_MS = { first: 5000, steady: 6500, lost: 6500 } as const;
/** Milliseconds before a `ping` that ended by itself (no route yet) is started again. */
const RESTART_MS = 100;
const HANDSHAKE_CHECK_MS = 10_000;
/** WireGuard drops keys after this many seconds (REJECT_AFTER_TIME). */
const HANDSHAKE_LIFETIME_S = 180;

type Pace = keyof typeof INTERVALS;

/** Starts probing; dispose to stop. */
export function probe(target: ProbeTarget, listener: ProbeListener): Disposable {
  return target.address === null
    ? probeHandshakes(target, listener)
    : probeEcho(target, target.address, listener);
}

function probeEcho(target: ProbeTarget, address: string, listener: ProbeListener): Disposable {
  let stopped = false;
  let pace: Pace = "first";
  let proven = target.publicKeys.length === 0;
  let proving = false;
  let child: AbortController | null = null;
  let patience: NodeJS.Timeout | undefined;
  let restart: NodeJS.Timeout | undefined;

  const wait = (): void => {
    clearTimeout(patience);
    patience = setTimeout(() => {
      listener.silent();
      if (pace !== "first") run("lost");
      wait();
    }, PATIENCE_MS[pace]);
  };
  const report = (roundTripMs: number): void => {
    listener.passed("traffic", roundTripMs);
    wait();
    if (pace !== "steady") run("steady");
  };
  const answered = (roundTripMs: number): void => {
    if (proven) {
      report(roundTripMs);
      return;
    }
    if (proving) return;
    proving = true;
    void awaitHandshakes(target.interface, target.publicKeys, PATIENCE_MS.first).then((shaken) => {
      proving = false;
      proven = shaken;
      if (shaken && !stopped) report(roundTripMs);
    });
  };
  const run = (next: Pace): void => {
    pace = next;
    child?.abort();
    clearTimeout(restart);
    const controller = new AbortController();
    child = controller;
    // -n: no name look-ups. The process ends with this one.
    const ping = execa(programPath("ping"), ["-n", "-i", INTERVALS[next], address], {
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
    [Symbol.dispose]: () => {
      stopped = true;
      clearTimeout(patience);
      clearTimeout(restart);
      child?.abort();
    },
  };
}

function probeHandshakes(target: ProbeTarget, listener: ProbeListener): Disposable {
  const stop = new AbortController();
  const step = async (): Promise<void> => {
    if (!(await awaitHandshakes(target.interface, target.publicKeys, PATIENCE_MS.first))) {
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
  void loop();
  return { [Symbol.dispose]: () => stop.abort() };
}

async function freshHandshakes(target: ProbeTarget): Promise<boolean> {
  const peers = (await readDump(target.interface))?.peers ?? [];
  const oldest = Date.now() / 1000 - HANDSHAKE_LIFETIME_S;
  return target.publicKeys.every((key) =>
    peers.some((peer) => peer.publicKey === key && peer.latestHandshake > oldest),
  );
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
