/**
 * The system's upkeep: its network and whom it asks for names are made as one, as somebody wants them, are put right
 * while others change them, and are put back in the end.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { SecretKey } from "../wireguard/keys.ts";
import { Resolver, resolverFolders, type DnsStanding, type DnsWish } from "./dns/resolver.ts";
import { LinuxNetwork } from "./linux/network.ts";
import { watchPeers } from "./linux/watch-peers.ts";
import { watchSystem, type Burst } from "./linux/watch.ts";
import type { NetworkState } from "./network-state.ts";
import { blockageOf } from "./operation-error.ts";
import { notProtected } from "./protects.ts";
import type { Record as TunnelRecord } from "./record.ts";
import type { Deviation, Intent, Repair, TunnelBlockage } from "./types.ts";

/** Milliseconds between looks at the system while nothing was heard of a change. */
const SAFETY_LOOK_MS = 30_000;
/** Where the system says whom to ask for names. */
const RESOLV_CONF = "/etc/resolv.conf";
/** How long what manages names may take before the network is looked at meanwhile, milliseconds. */
const GUARD_AFTER_MS = 100;

export interface UpkeepOptions {
  /** Name of the tunnel's interface. */
  readonly interface: string;
  readonly record: TunnelRecord;
  /** Told when it is time to make the system as is wanted again: somebody changed it, or nobody looked for a while. */
  readonly onNews: () => void;
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void;
}

/** What the system is to be like. */
export interface Wanted {
  readonly intent: Intent;
  /** Nothing may pass. */
  readonly closed: boolean;
  /** Null = not known, or not needed. */
  readonly key: SecretKey | null;
  /** Bytes of the largest packet that passes, where a black hole was found. */
  readonly limit: number | null;
}

/** Not everything could be put back. `closes`: what closed before closes still. */
export interface Left {
  readonly reason: TunnelBlockage;
  readonly closes: boolean;
}

/** See the file's head. One call at a time of those that change the system. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #network: LinuxNetwork;
  readonly #resolver: Resolver;
  readonly #resolverListeners = new Set<() => void>();
  #watching: Disposable | null = null;
  /** When somebody was first heard to change the system since it was last looked at, `performance.now()`. */
  #heard: number | null = null;
  /** Told of the next change of the system, or of what is wanted of it. */
  #wake: (() => void) | null = null;
  /** Something else is wanted than when `make` began, or the guard looked last. */
  #isWoken = false;
  #repair: Repair | null = null;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    const { interface: name, record, log } = options;
    this.#network = new LinuxNetwork(name, record);
    this.#resolver = new Resolver({ path: RESOLV_CONF, record, interface: name, log });
  }

  /** What the system was made to look like last; null = nothing of ours is in force. */
  get inForce(): NetworkState | null {
    return this.#network.inForce;
  }

  get names(): DnsStanding | null {
    return this.#resolver.standing;
  }

  get outsideResolvers(): readonly string[] | null {
    return this.#resolver.outside;
  }

  /** Calls back when `outsideResolvers` changed. Dispose to stop. */
  onOutsideResolvers(listener: () => void): Disposable {
    this.#resolverListeners.add(listener);
    return { [Symbol.dispose]: () => this.#resolverListeners.delete(listener) };
  }

  /** What was put right last after somebody else changed it; null = nothing since that was forgotten. */
  get lastRepair(): Repair | null {
    return this.#repair;
  }

  forgetRepair(): void {
    this.#repair = null;
  }

  /** What is not as it was made. */
  async inspect(): Promise<readonly Deviation[]> {
    const [system, names] = await Promise.all([this.#network.inspect(), this.#resolver.inspect()]);
    return [...system, ...names.map((found) => ({ what: "dns", ...found }) as const)];
  }

  /** Whether nothing of ours is on the system. Rejects where that cannot be seen. */
  isClean(): Promise<boolean> {
    return this.#network.isClean();
  }

  /** Whether everything is known to be closed that this intent closes. */
  keeps(intent: Intent): boolean {
    return this.#network.keeps(intent);
  }

  /** Takes the tunnel's interface away, and leaves what closes. */
  removeInterface(): void {
    this.#network.removeInterface();
  }

  /**
   * Makes the system so, and resolves when all of it is in force and on the disk. `brought`: told once the network is
   * so, or could not be made so, while names may still take their time. `now`: what is wanted by then, which is guarded
   * meanwhile; null = nothing is to be guarded any more. Rejects with what went wrong.
   */
  async make(wanted: Wanted, brought: () => void, now: () => Wanted | null): Promise<void> {
    const { mode, dns } = wanted.intent;
    this.#isWoken = false;
    const bringingUp = this.#bringUp(wanted);
    const resolving = this.#applyDns({ mode, ...dns }, bringingUp);
    // Before anything of it is in force: what happens while nobody watches is not told by anybody.
    this.#watching ??= this.#watch();
    const both = Promise.allSettled([bringingUp, resolving, this.#options.record.settled()]);
    await bringingUp.catch(() => undefined);
    brought();
    await this.#guard(both, now);
    const [network, resolver] = await both;
    if (network.status === "rejected") throw network.reason;
    if (resolver.status === "rejected") throw resolver.reason;
  }

  /**
   * After `make` did not succeed, `why` says with what: closes at least what is to be closed. Answers with what a person
   * is told of what is open nevertheless; null = nothing is. `wish`: as `notProtected` takes it.
   */
  async closeAtLeast(
    { intent, closed, limit }: Wanted,
    wish: Parameters<typeof notProtected>[0],
    why: TunnelBlockage,
  ): Promise<TunnelBlockage | null> {
    const open = await problemsOf(() => this.#network.close(intent, closed, limit));
    if (open.length > 0) this.#options.log("not even the firewall could be made", { open });
    const { kept } = this.#network;
    return this.#network.keeps(intent) ? null : notProtected(wish, kept, why);
  }

  /** After a change: ends the connections that cannot go on. Never rejects. */
  async endStrayed(): Promise<void> {
    await this.#network.endStrayed().catch((error: unknown) => {
      this.#options.log("connections could not be ended", { error: String(error) });
    });
  }

  /** Learns what was made, so that every later change of it is noticed. Says whether it is whole. */
  confirm(): Promise<boolean> {
    return this.#network.confirm();
  }

  /**
   * Puts everything back, each part whatever became of the others: the one way out does not depend on `/etc`. What
   * cannot be put back stays written down. `done`: called when nothing is left; what it throws is left. Answers with
   * that; null = nothing is.
   */
  async putBack(done: () => void): Promise<Left | null> {
    this.stopWatching();
    const problems = [
      ...(await problemsOf(() => this.#resolver.restore())),
      ...(await problemsOf(() => this.#network.takeDown())),
    ];
    if (problems.length === 0) problems.push(...(await problemsOf(done)));
    const [first] = problems;
    if (first === undefined) return null;
    // What cannot be looked at is not told as open.
    const closes = await this.#network.closes().catch(() => true);
    const what = problems.map(({ message }) => message).join(" ");
    const open = "This device is disconnected and open, but not everything is as it was:";
    const reason = { ...first, message: closes ? what : `${open} ${what}` };
    this.#options.log("not everything could be put back", { reason, closes });
    return { reason, closes };
  }

  /** Nothing comes back: the peers are to forget where they sent from. */
  distrustSources(): void {
    this.#network.distrustSources();
  }

  /** A change of the firewall that was given up was carried out after all, or not: it is made anew. */
  doubtFirewall(): void {
    this.#network.doubtFirewall();
    this.#hear(performance.now());
  }

  /** Something else is wanted: whoever guards what was wanted before looks again. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  stopWatching(): void {
    this.#watching?.[Symbol.dispose]();
    this.#watching = null;
  }

  /** Leaves the system as it is. */
  async close(): Promise<void> {
    await this.#resolver.close();
  }

  /** Makes the network as it is wanted, and says so where that was somebody else's doing. */
  async #bringUp({ intent, closed, key, limit }: Wanted): Promise<void> {
    const { log } = this.#options;
    const heard = this.#heard;
    this.#heard = null;
    const { steps, repaired } = await this.#network.bringUp(intent, closed, key, limit);
    if (steps.length > 0) log("network reconciled", { steps: steps.map((step) => step.do) });
    // What is opened once it is told looks like what has to end.
    if (this.#network.movedExit) await this.endStrayed();
    if (repaired.length === 0 || steps.length === 0) return;
    const what = repaired.map(({ message }) => message);
    this.#repair = { at: Date.now(), what: repaired };
    const milliseconds = heard === null ? null : Math.round(performance.now() - heard);
    log("somebody else changed what is ours; put right", { what, milliseconds });
  }

  async #applyDns(wish: DnsWish, interfaceThere: Promise<unknown>): Promise<void> {
    const before = this.#resolver.outside;
    await this.#resolver.apply(wish, interfaceThere);
    if (before?.join() === this.#resolver.outside?.join()) return;
    for (const listener of this.#resolverListeners) listener();
  }

  /** Programs that manage names may take their time: connections end, and the network is put right, meanwhile. */
  async #guard(until: Promise<unknown>, now: () => Wanted | null): Promise<void> {
    let over = false;
    const end = until.then(() => {
      over = true;
    });
    const guarded = (): Wanted | null => (over ? null : now());
    await Promise.race([end, sleep(GUARD_AFTER_MS)]);
    if (guarded() !== null) await this.endStrayed();
    while (guarded() !== null) {
      if (this.#heard === null && !this.#isWoken)
        await Promise.race([end, new Promise<void>((resolve) => (this.#wake = resolve))]);
      this.#wake = null;
      this.#isWoken = false;
      const wanted = guarded();
      // What fails here is tried again by the look that follows.
      if (wanted !== null) await this.#bringUp(wanted).catch(() => undefined);
    }
  }

  #hear(at: number): void {
    this.#heard ??= at;
    this.#wake?.();
    this.#options.onNews();
  }

  #watch(): Disposable {
    const { interface: name, onNews, log } = this.#options;
    const watchers = new DisposableStack();
    const changed = ({ first, firewallGone }: Burst): void => {
      if (firewallGone) this.#network.firewallGone();
      this.#network.interrupt();
      this.#hear(first);
    };
    watchers.use(watchSystem({ changed, folders: resolverFolders(RESOLV_CONF), log }));
    watchers.use(watchPeers(name, () => this.#hear(performance.now())));
    const timer = setInterval(onNews, SAFETY_LOOK_MS);
    watchers.defer(() => clearInterval(timer));
    return watchers;
  }
}

/** Carries it out, and says why it did not succeed. */
async function problemsOf(work: () => Promise<void> | void): Promise<TunnelBlockage[]> {
  try {
    await work();
    return [];
  } catch (error) {
    return [blockageOf(error)];
  }
}
