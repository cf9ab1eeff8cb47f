/**
 * What is known of packets passing through the tunnel: whether any do, how long they take, and how large they may be.
 * Looked at from the moment the network is made for a wish until that wish is another's.
 */
import type { Address } from "../wireguard/address.ts";
import { sizeToProbe } from "./desired-state.ts";
import { nudging } from "./nudge.ts";
import { echoOf, watchPathMtu, type PathMtuWatch } from "./path-mtu.ts";
import { probe, provingPeers, type Probing } from "./probe.ts";
import type { Intent } from "./types.ts";

/** How long other work waits for the first answer through the tunnel, and for that to be told, milliseconds. */
const FIRST_ANSWER_MS = 60;
const TELLING_MS = 10;

/** What is told. `generation`: of the wish that was looked at. */
export type PassageNews =
  | { readonly type: "passed"; readonly generation: number; readonly verified: "traffic" | "handshake" }
  | { readonly type: "silent"; readonly generation: number }
  /** The system is to be looked at: an answer is overdue, or other sizes pass. */
  | { readonly type: "disturbed" };

export interface PassageOptions {
  /** Name of the tunnel's interface. */
  readonly interface: string;
  /** Nothing comes back: what leads back is to be doubted. Told before the news of it. */
  readonly onSilence: () => void;
  readonly onNews: (news: PassageNews) => void;
  readonly log: (message: string, facts: Readonly<Record<string, unknown>>) => void;
}

export class Passage {
  readonly #options: PassageOptions;
  readonly #limitListeners = new Set<() => void>();
  #probing: { readonly generation: number; readonly handle: Probing } | null = null;
  /** While the first answer is waited for. */
  #nudging: Disposable | null = null;
  #roundTripMs: number | undefined;
  #sizing: PathMtuWatch | null = null;
  #limit: number | null = null;
  /** Told of the next answer. */
  #answered: (() => void) | null = null;

  constructor(options: PassageOptions) {
    this.#options = options;
  }

  /** Last round-trip time through the tunnel, milliseconds. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** Bytes of the largest packet that passes, where a black hole was found. It outlasts changes of the path. */
  get limit(): number | null {
    return this.#limit;
  }

  /** Calls back when `limit` changed. Dispose to stop. */
  onLimit(listener: () => void): Disposable {
    this.#limitListeners.add(listener);
    return { [Symbol.dispose]: () => this.#limitListeners.delete(listener) };
  }

  /** Looks whether this wish's packets pass, unless it does already. */
  start(generation: number, intent: Intent): void {
    if (this.#probing?.generation === generation) return;
    this.stop();
    const { onSilence, onNews } = this.#options;
    const target = {
      interface: this.#options.interface,
      address: (intent.probe as Address | undefined) ?? null,
      ...provingPeers(intent),
    };
    this.#nudging = nudging(() => {
      onSilence();
      onNews({ type: "disturbed" });
    });
    const handle = probe(target, {
      passed: (verified, roundTripMs) => {
        this.#nudging?.[Symbol.dispose]();
        this.#answered?.();
        this.#roundTripMs = roundTripMs;
        onNews({ type: "passed", generation, verified });
        this.#sizing ??= this.#watchSizes(intent);
      },
      silent: () => {
        this.#nudging?.[Symbol.dispose]();
        onSilence();
        onNews({ type: "silent", generation });
      },
    });
    this.#probing = { generation, handle };
  }

  /** What is known stays. */
  stop(): void {
    this.#nudging?.[Symbol.dispose]();
    this.#probing?.handle[Symbol.dispose]();
    this.#probing = null;
    this.#sizing?.[Symbol.dispose]();
    this.#sizing = null;
  }

  /** Looks at once instead of when it is next due. */
  checkNow(): void {
    this.#probing?.handle.checkNow();
    this.#sizing?.lookAgain();
  }

  /** Resolves when the next answer came and could be told, or is not to be waited for any longer. */
  answerOrPause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, FIRST_ANSWER_MS);
      this.#answered = () => {
        this.#answered = null;
        clearTimeout(timer);
        setTimeout(resolve, TELLING_MS);
      };
    });
  }

  forgetRoundTrip(): void {
    this.#roundTripMs = undefined;
  }

  /** Nobody is connected any more: what was known says nothing of the next tunnel. */
  forget(): void {
    this.#roundTripMs = undefined;
    this.#limit = null;
  }

  /** What is found stays in force across changes of the path, until more is known to pass. */
  #watchSizes(intent: Intent): PathMtuWatch | null {
    const address = intent.probe as Address | undefined;
    if (address === undefined) return null;
    return watchPathMtu({
      ceiling: sizeToProbe(intent),
      limit: this.#limit,
      ask: (bytes) => echoOf(address, bytes, this.#roundTripMs ?? 0),
      found: (limit) => {
        this.#limit = limit;
        this.#options.log("the largest packet that passes", { bytes: limit ?? sizeToProbe(intent) });
        this.#options.onNews({ type: "disturbed" });
        for (const listener of this.#limitListeners) listener();
      },
      now: () => performance.now(),
    });
  }
}
