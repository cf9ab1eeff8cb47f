/**
 * Moves to the path's next pair of gateways when the one in use is silent, without asking the control plane. The pair
 * that answers is kept until it fails too or the control plane chooses anew: nothing goes back by itself. Alternates
 * are contacted only here.
 */
import type { HopPair } from "../routing/types.ts";
import type { TunnelStatus } from "../tunnel/types.ts";
import { gatewaysOf, nextPair, pairKey, pairsOf, throughPair } from "./next-pair.ts";
import type { Path } from "./routing-state.ts";

type TrafficMode = Path["trafficMode"]["value"];

export interface FailoverOptions {
  /** The path to follow; null = the tunnel is not a managed one, or nobody is connected. */
  readonly path: () => Path | null;
  /** What an earlier life of the agent left in force; null = nothing. */
  readonly left: () => Path | null;
  /** Brings the path in force anew, through `steer`. */
  readonly move: () => void;
  /** Told when `active` changed, or whether every pair was silent. */
  readonly onChange: () => void;
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void;
}

/** What is known of gateways that do not answer, from the first silence until something answers. */
export interface Silence {
  /** When it began. */
  readonly since: string;
  /** Every pair that the path allows was silent. */
  readonly exhausted: boolean;
  /**
   * Names of the gateways that all silent pairs have in common, where somebody chose one of them and nothing without it
   * may be used; empty = another gateway may still help, or nobody chose.
   */
  readonly pinned: readonly string[];
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
  /** When the first pair fell silent; null = what was used last answered, or nothing was. */
  #silentSince: string | null = null;
  /** The gateways, by id, that all pairs have in common that were silent since then. */
  #suspects: ReadonlySet<string> = new Set();
  #mode: TrafficMode | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FailoverOptions) {
    this.#options = options;
  }

  /** Another pair than the path's own is in use. */
  get active(): boolean {
    return this.#pair !== null;
  }

  /** See `Silence`; null = nothing is known to be silent. It outlasts the attempts with other pairs. */
  get silence(): Silence | null {
    const path = this.#options.path();
    if (path === null || this.#silentSince === null) return null;
    const pins = pinnedBy(path);
    const certain = isWithin(this.#suspects, pins) || (this.#exhausted && pins.size > 0);
    return {
      since: this.#silentSince,
      exhausted: this.#exhausted,
      pinned: certain ? namesOf(path, this.#suspects) : [],
    };
  }

  /** The path through the pair that is in use. A new choice of the control plane's ends what was moved. */
  steer(path: Path): Path {
    const choice = choiceOf(path);
    const mode = path.trafficMode.value;
    // Other gateways take part in the other mode, or fewer.
    if (mode !== this.#mode) this.#forget();
    this.#mode = mode;
    if (this.#choice === null) this.#resume(path, choice);
    else if (choice !== this.#choice) this.#begin(choice, path);
    if (this.#pair === null) return path;
    const key = pairKey(this.#pair, mode);
    const [own, ...others] = pairsOf(path);
    const still = others.find((pair) => pairKey(pair, mode) === key);
    // In the other mode it may be the path's own pair; or it is not allowed any more.
    if (own === undefined || still === undefined) {
      this.#begin(choice, path);
      return path;
    }
    this.#pair = still;
    return throughPair(path, still);
  }

  statusChanged(status: TunnelStatus): void {
    clearTimeout(this.#timer);
    if (status.state === "disconnected") this.#begin(null, null);
    // Whoever has no network asks nobody.
    if (status.state === "reconnecting" && status.reason.code === "offline") this.#forget();
    if (status.state === "reconnecting" && status.reason.code === "gateway_silent") {
      this.#suspect(status.since);
      this.#failed();
    }
    if (status.state !== "connected") return;
    this.#answered();
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

  /** The pair in force is silent: at fault is what it has in common with those that were so before. */
  #suspect(since: string): void {
    const path = this.#options.path();
    if (path === null) return;
    const used = this.#options.left() ?? this.steer(path);
    const [pair] = pairsOf(used);
    if (pair === undefined) return;
    const gateways = gatewaysOf(pair, used.trafficMode.value);
    const first = this.#silentSince === null;
    this.#silentSince ??= since;
    this.#suspects = first ? gateways : new Set([...gateways].filter((id) => this.#suspects.has(id)));
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
    this.#begin(choice, path);
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

  /** `path`: the one that was chosen now; what is silent and still has to be used is not asked about anew. */
  #begin(choice: string | null, path: Path | null): void {
    clearTimeout(this.#timer);
    this.#choice = choice;
    this.#pair = null;
    this.#settled();
    if (path !== null && isWithin(this.#suspects, pinnedBy(path))) this.#say(false);
    else this.#answered();
  }

  /** What was silent is not known to be so any more. */
  #forget(): void {
    this.#settled();
    this.#answered();
  }

  #answered(): void {
    this.#silentSince = null;
    this.#suspects = new Set();
    this.#say(false);
  }

  #say(exhausted: boolean): void {
    if (exhausted === this.#exhausted) return;
    this.#exhausted = exhausted;
    this.#options.onChange();
  }
}

/** The gateways, by id, that somebody chose by hand and that are used in the path's mode. */
function pinnedBy({ selection: { value }, trafficMode }: Path): ReadonlySet<string> {
  if (value.routingMode === "auto") return new Set();
  const egress = trafficMode.value === "full_tunnel" ? value.egressDeviceId : null;
  return new Set([value.ingressDeviceId, egress].filter((id) => id !== null));
}

function isWithin(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return some.size > 0 && [...some].every((id) => all.has(id));
}

/** Names of gateways in the order of the way. */
function namesOf(path: Path, ids: ReadonlySet<string>): readonly string[] {
  const hops = pairsOf(path).flatMap(({ ingress, egress }) => [ingress, egress ?? ingress]);
  const named = hops.filter(({ deviceId }) => ids.has(deviceId)).map(({ name }) => name);
  return [...new Set(named)];
}

/** What the control plane (or the person) chose, apart from everything that may change around it. */
function choiceOf({ status, selection, ingress, egress }: Path): string {
  return JSON.stringify([status, selection.value, ingress?.deviceId, egress?.deviceId]);
}
