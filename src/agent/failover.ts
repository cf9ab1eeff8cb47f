/**
 * Moves to the path's next pair of gateways when the one in use is silent, without asking the control plane. The pair
 * that answers is kept until it fails too or the control plane chooses anew: nothing goes back by itself. Alternates
 * are contacted only here.
 */
import type { HopPair } from "../routing/types.ts";
import type { TunnelStatus } from "../tunnel/types.ts";
import { gatewaysOf, nextPair, pairKey, pairsOf, throughPair } from "./next-pair.ts";
import type { Path } from "./routing-state.ts";

export interface FailoverOptions {
  /** The path to follow; null = the tunnel is not a managed one, or nobody is connected. */
  readonly path: () => Path | null;
  /** What an earlier life of the agent left in force; null = nothing. */
  readonly left: () => Path | null;
  /** Brings the path in force anew, through `steer`. */
  readonly move: () => void;
  /** Told when `exhausted` or `active` changed. */
  readonly onChange: () => void;
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void;
}

/** Milliseconds before the third, fourth, … round through all pairs (the second comes at once), and at most. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Milliseconds for which a pair has to answer before those that failed before it count as untried again. */
const SETTLED_MS = 30_000;

/** See the file's head. */
export class Failover {
  readonly #options: FailoverOptions;
  /** The choice of the control plane that the rest is about. */
  #choice: string | null = null;
  /** What is used in place of the path's own pair. */
  #pair: HopPair | null = null;
  readonly #tried = new Set<string>();
  #rounds = 0;
  #exhausted = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FailoverOptions) {
    this.#options = options;
  }

  /** Another pair than the path's own is in use. */
  get active(): boolean {
    return this.#pair !== null;
  }

  /** Every pair that the path allows was silent. */
  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** The path through the pair that is in use. A new choice of the control plane's ends what was moved. */
  steer(path: Path): Path {
    const choice = choiceOf(path);
    if (this.#choice === null) this.#resume(path, choice);
    else if (choice !== this.#choice) this.#begin(choice);
    if (this.#pair === null) return path;
    const mode = path.trafficMode.value;
    const key = pairKey(this.#pair, mode);
    const [own, ...others] = pairsOf(path);
    const still = others.find((pair) => pairKey(pair, mode) === key);
    // In the other mode it may be the path's own pair; or it is not allowed any more.
    if (own === undefined || still === undefined) {
      this.#begin(choice);
      return path;
    }
    this.#pair = still;
    return throughPair(path, still);
  }

  statusChanged(status: TunnelStatus): void {
    clearTimeout(this.#timer);
    if (status.state === "disconnected") this.#begin(null);
    if (status.state === "reconnecting" && status.reason.code === "gateway_silent") this.#failed();
    if (status.state !== "connected") return;
    this.#say(false);
    // Pauses are for when nobody answers.
    this.#rounds = 0;
    this.#timer = setTimeout(() => this.#settled(), SETTLED_MS);
    this.#timer.unref();
  }

  /** The pair in use cannot be tried at all. */
  unusable(): void {
    if (this.#pair === null) return;
    clearTimeout(this.#timer);
    this.#failed();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #failed(): void {
    const path = this.#options.path();
    if (path === null) return;
    const current = pairsOf(this.steer(path))[0];
    if (current === undefined) return;
    const mode = path.trafficMode.value;
    this.#tried.add(pairKey(current, mode));
    const next = nextPair(path, this.#tried, gatewaysOf(current, mode));
    if (next !== null) {
      this.#moveTo(path, next);
      return;
    }
    this.#say(true);
    if (pairsOf(path).length < 2) return;
    const growing = FIRST_PAUSE_MS * 2 ** Math.min(this.#rounds - 1, 10);
    const pause = this.#rounds === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, growing);
    this.#rounds += 1;
    this.#timer = setTimeout(() => {
      this.#tried.clear();
      this.#failed();
    }, pause);
  }

  /** A restart does not go back to a gateway that was silent. */
  #resume(path: Path, choice: string): void {
    const left = this.#options.left();
    this.#begin(choice);
    const same = left?.epoch.lineage === path.epoch.lineage && left.epoch.number === path.epoch.number;
    const pair = left === null || !same ? undefined : pairsOf(left)[0];
    const mode = path.trafficMode.value;
    const own = pairsOf(path)[0];
    if (pair !== undefined && own !== undefined && pairKey(pair, mode) !== pairKey(own, mode))
      this.#pair = pair;
  }

  #moveTo(path: Path, next: HopPair): void {
    const mode = path.trafficMode.value;
    const own = pairsOf(path)[0];
    this.#pair = own !== undefined && pairKey(own, mode) === pairKey(next, mode) ? null : next;
    this.#options.log("the gateway is silent: the next pair is tried", {
      ingress: next.ingress.name,
      egress: next.egress?.name,
    });
    this.#options.move();
    this.#options.onChange();
  }

  #settled(): void {
    this.#tried.clear();
    this.#rounds = 0;
  }

  #begin(choice: string | null): void {
    clearTimeout(this.#timer);
    this.#choice = choice;
    this.#pair = null;
    this.#settled();
    this.#say(false);
  }

  #say(exhausted: boolean): void {
    if (exhausted === this.#exhausted) return;
    this.#exhausted = exhausted;
    this.#options.onChange();
  }
}

/** What the control plane (or the person) chose, apart from everything that may change around it. */
function choiceOf({ status, selection, ingress, egress }: Path): string {
  return JSON.stringify([status, selection.value, ingress?.deviceId, egress?.deviceId]);
}
