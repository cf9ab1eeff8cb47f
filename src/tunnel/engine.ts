/**
 * The tunnel engine: one loop that feeds events to the state machine and carries out its effects, one at a time. Only
 * `disconnect` removes protection. What is wanted is the business of `Wishes`, on disk before anything is done for it;
 * what the system is made like that of `Upkeep`; and whether packets pass that of `Passage`.
 */
import { isDeepStrictEqual } from "node:util";
import type { DnsStanding } from "./dns/resolver.ts";
import { pathMtu } from "./desired-state.ts";
import { readDump } from "./linux/dump.ts";
import { onLateEnd } from "./linux/late.ts";
import { isOffline } from "./linux/offline.ts";
import { LOCKDOWN } from "./lockdown.ts";
import {
  backoff,
  closedFor,
  INITIAL,
  statusOf,
  transition,
  type Effect,
  type MachineEvent,
  type MachineState,
} from "./machine.ts";
import type { NetworkState } from "./network-state.ts";
import { blockageOf } from "./operation-error.ts";
import { Passage } from "./passage.ts";
import { promiseOf } from "./protects.ts";
import { Record as TunnelRecord } from "./record.ts";
import type {
  Blockage,
  Deviation,
  Intent,
  PathMtu,
  PeerReading,
  Repair,
  TunnelBlockage,
  TunnelEngine,
  TunnelStatus,
} from "./types.ts";
import { Upkeep, type Wanted } from "./upkeep.ts";
import { Waiting } from "./waiting.ts";
import { checkWish, RECORD_LOST, Wishes } from "./wishes.ts";

export interface EngineOptions {
  /** Folder of the engine's own, made 0700 where missing. */
  readonly folder: string;
  /** Name of the tunnel's interface: a lower-case letter, then letters, digits and hyphens, at most 15. */
  readonly interface: string;
  /** Told what the engine did and why; never a key. */
  readonly log?: (message: string, facts?: Readonly<Record<string, unknown>>) => void;
}

/** An event without its time. */
type Happening = MachineEvent extends infer E ? (E extends unknown ? Omit<E, "at"> : never) : never;

/** Milliseconds for which it is known whether there is a network around, while others have something to be repaired. */
const ATTACHED_MS = 1000;

/**
 * Starts an engine: finds what an earlier life left and goes on with it. An unreadable record means protected, not
 * open. Throws for an impossible interface name.
 */
export async function startEngine(options: EngineOptions): Promise<TunnelEngine> {
  if (!/^[a-z][a-z0-9-]{0,14}$/.test(options.interface))
    throw new Error(
      `tunnel: interface name ${JSON.stringify(options.interface)}: use a lower-case letter, then letters, digits and hyphens, 15 at most`,
    );
  const engine = new Engine(options);
  await engine.start();
  return engine;
}

class Engine implements TunnelEngine {
  readonly #interface: string;
  readonly #log: NonNullable<EngineOptions["log"]>;
  readonly #wishes: Wishes;
  readonly #upkeep: Upkeep;
  readonly #passage: Passage;
  readonly #listeners = new Set<(status: TunnelStatus) => void>();
  #state: MachineState = INITIAL;
  #status: TunnelStatus = statusOf(INITIAL);
  /** The newest system effect that waits for the loop; an older one that did not start is forgotten. */
  #pending: Effect | null = null;
  #busy = false;
  #working: Promise<void> = Promise.resolve();
  /** The wish that was brought in force or could not be, and who waits for the newest one. */
  #tried: number = INITIAL.generation;
  readonly #settling = new Waiting();
  /** Who waits for what is in force to be another. */
  readonly #realising = new Waiting();
  /** Who waits for a disconnect to come about. */
  readonly #disconnecting = new Waiting();
  readonly #listening = onLateEnd(() => this.#lateEnd());
  /** When it was last found out whether there is a network around, `performance.now()`. */
  #lookedAround = -Infinity;
  #retry: NodeJS.Timeout | undefined;
  /** The next attempt to put back what a disconnect could not, and how many there were. */
  #tidying: NodeJS.Timeout | undefined;
  #attempts = 0;
  #closed = false;

  constructor(options: EngineOptions) {
    this.#interface = options.interface;
    this.#log = options.log ?? (() => undefined);
    const record = new TunnelRecord(options.folder);
    this.#wishes = new Wishes(record, this.#log);
    this.#upkeep = new Upkeep({
      ...{ interface: options.interface, record, log: this.#log },
      onNews: () => this.#happen({ type: "disturbed" }),
    });
    this.#passage = new Passage({
      ...{ interface: options.interface, log: this.#log },
      // A packet that was on its former way leads wireguard-go to answer by it, which gets nowhere.
      onSilence: () => this.#upkeep.distrustSources(),
      onNews: (news) => this.#happen(news),
    });
  }

  get status(): TunnelStatus {
    return this.#status;
  }

  get intent(): Intent | null {
    return this.#wishes.intent;
  }

  get atRest(): boolean {
    return this.#state.phase === "disconnected" || closedFor(this.#state)?.code === LOCKDOWN.code;
  }

  get recordLost(): boolean {
    return closedFor(this.#state)?.code === RECORD_LOST.code;
  }

  get probeRoundTripMs(): number | undefined {
    return this.#passage.roundTripMs;
  }

  async start(): Promise<void> {
    const left = this.#wishes.left();
    // Where that cannot be seen, what was written down decides; the agent has to be there to say so.
    const clean = await this.#upkeep.isClean().catch((error: unknown) => {
      this.#log("what an earlier life left could not be looked at", { error: String(error) });
      return true;
    });
    if (left.kind === "absent" && clean) return;
    if (left.kind === "read" && left.value.wish === "down") {
      this.#log("an earlier disconnect is finished");
      // Where that fails again the state says why, and whoever asks next can be told: start in any case.
      await this.disconnect().catch(() => undefined);
      return;
    }
    this.#happen({ type: "found", ...this.#wishes.resume(left) });
  }

  apply(intent: Intent, privateKey: string): void {
    const wish = checkWish(intent, privateKey);
    const { phase } = this.#state;
    const running = phase === "connecting" || phase === "connected" || phase === "reconnecting";
    if (running && this.#wishes.has(wish)) {
      this.#wishes.learnKey(wish.key);
      this.#happen({ type: "disturbed" });
      return;
    }
    this.#wishes.want(wish);
    this.#happen({ type: "apply", mode: wish.intent.mode });
    this.#disconnecting.refuse(SUPERSEDED);
  }

  block(reason: Blockage): void {
    if (this.#state.phase === "disconnected" || this.#state.phase === "disconnecting") return;
    this.#wishes.close(reason);
    this.#happen({ type: "block", reason });
  }

  real(): Promise<void> | null {
    const tried = this.#tried === this.#state.generation;
    if (tried || promiseOf(this.#status) === null || this.#upkeep.keeps(this.#wishes.standing)) return null;
    return this.#realising.join();
  }

  settled(): Promise<void> {
    if (this.#tried === this.#state.generation) return Promise.resolve();
    return this.#settling.join();
  }

  disconnect(): Promise<void> {
    return this.#disconnecting.join(() => {
      if (this.#wishes.letGo() === "nothing") {
        this.#happen({ type: "disconnect" });
        return;
      }
      this.#passage.forgetRoundTrip();
      this.#happen({ type: "lock" });
    });
  }

  async rest(intent: Intent | null): Promise<void> {
    if (!this.#wishes.rest(intent)) return;
    if (this.atRest || this.#state.phase === "disconnecting") await this.disconnect();
  }

  get network(): NetworkState | null {
    return this.#upkeep.inForce;
  }

  get names(): DnsStanding | null {
    return this.#upkeep.names;
  }

  get lastRepair(): Repair | null {
    return this.#upkeep.lastRepair;
  }

  get outsideResolvers(): readonly string[] | null {
    return this.#upkeep.outsideResolvers;
  }

  onOutsideResolvers(listener: () => void): Disposable {
    return this.#upkeep.onOutsideResolvers(listener);
  }

  inspect(): Promise<readonly Deviation[]> {
    return this.#upkeep.inspect();
  }

  async readings(): Promise<readonly PeerReading[]> {
    if (this.#state.phase === "disconnected") return [];
    return (await readDump(this.#interface).catch(() => null))?.peers ?? [];
  }

  get pathMtu(): PathMtu | null {
    const { intent } = this.#wishes;
    return intent === null ? null : pathMtu(intent, this.#passage.limit);
  }

  onPathMtu(listener: () => void): Disposable {
    return this.#passage.onLimit(listener);
  }

  checkNow(): void {
    this.#passage.checkNow();
    this.#happen({ type: "disturbed" });
  }

  onStatus(listener: (status: TunnelStatus) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pending = null;
    this.#passage.stop();
    this.#upkeep.stopWatching();
    this.#listening[Symbol.dispose]();
    clearTimeout(this.#retry);
    clearTimeout(this.#tidying);
    await this.#working;
    await this.#upkeep.close();
  }

  #happen(happening: Happening): void {
    if (this.#closed) return;
    const { state, effects } = transition(this.#state, { ...happening, at: Date.now() });
    this.#state = state;
    if (state.phase === "disconnected") this.#rest();
    const tried = happening.type === "applied" || happening.type === "failed" ? happening.generation : null;
    if (tried === state.generation || state.phase === "disconnected") this.#settle(state.generation);
    for (const effect of effects) this.#perform(effect);
    const status = statusOf(state);
    if (isDeepStrictEqual(status, this.#status)) return;
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case "reconcile":
      case "unprotect":
        this.#pending = effect;
        this.#upkeep.wake();
        if (!this.#busy) this.#working = this.#work();
        return;
      case "retry":
        clearTimeout(this.#retry);
        this.#retry = setTimeout(() => {
          this.#happen({ type: "retry", generation: effect.generation });
        }, effect.milliseconds);
        return;
      case "probe":
        this.#passage.start(effect.generation, this.#wishes.standing);
        return;
      case "stop_probing":
        this.#passage.stop();
    }
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let effect = this.#pending; effect !== null && !this.#closed; effect = this.#pending) {
      this.#pending = null;
      try {
        if (effect.do === "reconcile") await this.#reconcile(effect.generation, effect.closed);
        else if (effect.do === "unprotect") await this.#unprotect(effect.generation);
      } catch (error) {
        // Nobody waits for this loop: what it does not survive would end the agent.
        this.#log("the engine's loop met something unexpected", { error: String(error) });
        if (effect.do === "unprotect") {
          const reason = blockageOf(error);
          this.#disconnecting.refuse(reason);
          this.#happen({ type: "still_protected", generation: effect.generation, reason });
          this.#tidyLater(effect.generation);
        }
      }
    }
    this.#busy = false;
  }

  async #reconcile(generation: number, closed: boolean): Promise<void> {
    const intent = this.#wishes.standing;
    const locked = this.#wishes.isLockdown(intent) && closed;
    try {
      // First: what closes stays while it goes, and takes its routes along.
      if (locked) this.#upkeep.removeInterface();
      await this.#upkeep.make(
        this.#wanted(intent, closed),
        () => this.#realising.release(),
        () => this.#guarded(closed),
      );
      this.#happen({ type: "applied", generation });
      if (locked && generation === this.#state.generation) this.#disconnecting.release();
      // The first answer is on its way and somebody waits for it: programs that start now would delay it.
      if (this.#state.phase === "connecting") await this.#passage.answerOrPause();
      await this.#upkeep.endStrayed();
      // What waits to be done is a look and more.
      if (this.#pending !== null && performance.now() - this.#lookedAround < ATTACHED_MS) return;
      this.#lookedAround = performance.now();
      if (!(await this.#upkeep.confirm())) this.#happen({ type: "disturbed" });
      this.#happen({ type: isOffline(intent, this.#interface) ? "offline" : "online" });
    } catch (error) {
      const reason = blockageOf(error);
      this.#log("network not reconciled", { reason });
      const open = await this.#upkeep.closeAtLeast(
        this.#wanted(intent, closed),
        this.atRest ? "lockdown" : intent.mode,
        reason,
      );
      this.#happen({ type: "failed", generation, reason, open });
      // Still closed, and tried again; who waits is told.
      if (this.#wishes.isLockdown(intent)) this.#disconnecting.refuse(reason);
    }
  }

  #wanted(intent: Intent, closed: boolean): Wanted {
    return { intent, closed, key: this.#wishes.key, limit: this.#passage.limit };
  }

  /** What is guarded while a wish is fulfilled: a newer one has to wait, and is guarded as it is wanted now. */
  #guarded(closed: boolean): Wanted | null {
    const pending = this.#pending;
    if (this.#closed || pending?.do === "unprotect") return null;
    return this.#wanted(this.#wishes.standing, pending?.do === "reconcile" ? pending.closed : closed);
  }

  /** What cannot be put back is told to who waits, and is tried again. */
  async #unprotect(generation: number): Promise<void> {
    const left = await this.#upkeep.putBack(() => {
      // Somebody may have connected meanwhile: then the record is that wish's.
      if (generation === this.#state.generation) this.#wishes.clear();
    });
    if (left === null) {
      this.#attempts = 0;
      this.#happen({ type: "unprotected", generation });
      return;
    }
    const { reason, closes } = left;
    this.#disconnecting.refuse(reason);
    if (closes) this.#happen({ type: "still_protected", generation, reason });
    else this.#happen({ type: "unprotected", generation });
    this.#tidyLater(generation);
  }

  #tidyLater(generation: number): void {
    clearTimeout(this.#tidying);
    this.#attempts += 1;
    this.#tidying = setTimeout(() => {
      if (this.#closed || generation !== this.#state.generation) return;
      if (this.#state.phase === "disconnected") this.#perform({ do: "unprotect", generation });
      else this.disconnect().catch(() => undefined);
    }, backoff(this.#attempts));
    this.#tidying.unref();
  }

  /** Disconnected: forget the wish and tell those who wait. */
  #rest(): void {
    this.#wishes.forget();
    this.#passage.forget();
    this.#upkeep.forgetRepair();
    clearTimeout(this.#retry);
    this.#disconnecting.release();
  }

  #settle(generation: number): void {
    this.#tried = generation;
    this.#settling.release();
    this.#realising.release();
  }

  /** A change of the firewall that was given up was carried out after all, or not: whatever came of it is put right. */
  #lateEnd(): void {
    this.#log("a change of the firewall that was given up has ended");
    this.#upkeep.doubtFirewall();
    const { phase, generation } = this.#state;
    if (phase === "disconnected" || phase === "disconnecting") this.#perform({ do: "unprotect", generation });
  }
}

const SUPERSEDED: TunnelBlockage = {
  code: "superseded",
  message: "Somebody connected again before the disconnect was done.",
  remedy: "Disconnect again if that was not meant.",
};
