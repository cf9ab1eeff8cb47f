/**
 * The tunnel engine: one loop that feeds events to the state machine and carries out its effects, one at a time.
 * What is wanted is on disk before anything is done for it, and only `disconnect` removes protection.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { parsePrivateKey, type SecretKey } from "../wireguard/keys.ts";
import { Resolver, resolverFolders, type DnsStanding, type DnsWish } from "./dns/resolver.ts";
import { pathMtu } from "./desired-state.ts";
import { checkIntent } from "./intent.ts";
import { readDump } from "./linux/dump.ts";
import { LOCKDOWN } from "./lockdown.ts";
import { onLateEnd } from "./linux/late.ts";
import { LinuxNetwork } from "./linux/network.ts";
import { isOffline } from "./linux/offline.ts";
import { watchPeers } from "./linux/watch-peers.ts";
import { watchSystem, type Burst } from "./linux/watch.ts";
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
import { blockageOf, OperationError } from "./operation-error.ts";
import { Passage } from "./passage.ts";
import { notProtected, promiseOf } from "./protects.ts";
import { Record as TunnelRecord } from "./record.ts";
import { Waiting } from "./waiting.ts";
import type { NetworkState } from "./network-state.ts";
import type {
  Blockage,
  TunnelBlockage,
  Deviation,
  Intent,
  PathMtu,
  PeerReading,
  Repair,
  TunnelEngine,
  TunnelStatus,
} from "./types.ts";

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

/** Everything is closed: what is in force when the wish of an earlier life cannot be read. */
const CLOSED: Intent = {
  mode: "full_tunnel",
  addresses: [],
  peers: [],
  privatePrefixes: [],
  dns: { servers: [], matchDomains: [] },
  allowLocalNetwork: false,
  control: [],
};

/** Milliseconds between looks at the system while nothing was heard of a change. */
const SAFETY_LOOK_MS = 30_000;
/** Where the system says whom to ask for names. */
const RESOLV_CONF = "/etc/resolv.conf";
/** How long what manages names may take before the network is looked at meanwhile, milliseconds. */
const GUARD_AFTER_MS = 100;
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
  readonly #record: TunnelRecord;
  readonly #network: LinuxNetwork;
  readonly #resolver: Resolver;
  readonly #passage: Passage;
  readonly #listeners = new Set<(status: TunnelStatus) => void>();
  readonly #resolverListeners = new Set<() => void>();
  #state: MachineState = INITIAL;
  #status: TunnelStatus = statusOf(INITIAL);
  #intent: Intent | null = null;
  /** What stays in force while disconnected; null = nothing. */
  #lockdown: Intent | null = null;
  #key: SecretKey | null = null;
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
  #watching: Disposable | null = null;
  readonly #listening = onLateEnd(() => this.#lateEnd());
  /** When somebody was first heard to change the system since it was last looked at, `performance.now()`. */
  #heard: number | null = null;
  /** Told of the next change of the system. */
  #onNews: (() => void) | null = null;
  #repair: Repair | null = null;
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
    this.#record = new TunnelRecord(options.folder);
    this.#network = new LinuxNetwork(options.interface, this.#record);
    this.#resolver = new Resolver({
      ...{ path: RESOLV_CONF, record: this.#record, interface: options.interface, log: this.#log },
    });
    this.#passage = new Passage({
      ...{ interface: options.interface, log: this.#log },
      // A packet that was on its former way leads wireguard-go to answer by it, which gets nowhere.
      onSilence: () => this.#network.distrustSources(),
      onNews: (news) => this.#happen(news),
    });
  }

  get status(): TunnelStatus {
    return this.#status;
  }

  get intent(): Intent | null {
    return this.#intent;
  }

  get atRest(): boolean {
    return this.#state.phase === "disconnected" || closedFor(this.#state)?.code === LOCKDOWN.code;
  }

  get recordLost(): boolean {
    return closedFor(this.#state)?.code === UNREADABLE.code;
  }

  get probeRoundTripMs(): number | undefined {
    return this.#passage.roundTripMs;
  }

  async start(): Promise<void> {
    const left = this.#record.readTarget();
    // Where that cannot be seen, what was written down decides; the agent has to be there to say so.
    const clean = await this.#network.isClean().catch((error: unknown) => {
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
    if (left.kind === "read" && left.value.intent !== null) {
      this.#log("an earlier life's tunnel is continued", { wish: left.value.wish });
      this.#intent = left.value.intent;
      if (left.value.reason?.code === LOCKDOWN.code) this.#lockdown = left.value.intent;
      const closed = left.value.wish === "closed" ? (left.value.reason ?? UNREADABLE) : null;
      this.#happen({ type: "found", mode: left.value.intent.mode, closed });
      return;
    }
    this.#log("the record of the tunnel is lost: closed until somebody decides", { kind: left.kind });
    this.#intent = CLOSED;
    this.#happen({ type: "found", mode: CLOSED.mode, closed: UNREADABLE });
  }

  apply(intent: Intent, privateKey: string): void {
    const checked = checkIntent(intent);
    const key = parsePrivateKey(privateKey);
    if (!key.ok)
      throw new OperationError({
        code: "bad_key",
        message: `This private key cannot be used: ${key.message}`,
        remedy: "The previous state stays. Enrol this device again.",
      });
    const { phase } = this.#state;
    const running = phase === "connecting" || phase === "connected" || phase === "reconnecting";
    // After a restart the key is not known yet; the tunnel that was found goes on.
    const sameKey = this.#key === null || this.#key.equals(key.value);
    if (running && sameKey && sameIntent(checked, this.#intent)) {
      this.#key = key.value;
      this.#happen({ type: "disturbed" });
      return;
    }
    this.#keep("up", checked, null);
    this.#intent = checked;
    this.#key = key.value;
    this.#happen({ type: "apply", mode: checked.mode });
    this.#disconnecting.refuse(SUPERSEDED);
  }

  block(reason: Blockage): void {
    if (this.#state.phase === "disconnected" || this.#state.phase === "disconnecting") return;
    this.#keepIfPossible("closed", reason);
    this.#happen({ type: "block", reason });
  }

  real(): Promise<void> | null {
    const tried = this.#tried === this.#state.generation;
    if (tried || promiseOf(this.#status) === null || this.#network.keeps(this.#intent ?? CLOSED)) return null;
    return this.#realising.join();
  }

  settled(): Promise<void> {
    if (this.#tried === this.#state.generation) return Promise.resolve();
    return this.#settling.join();
  }

  disconnect(): Promise<void> {
    return this.#disconnecting.join(() => {
      if (this.#lockdown === null) {
        this.#keepIfPossible("down", null);
        this.#happen({ type: "disconnect" });
        return;
      }
      this.#intent = this.#lockdown;
      this.#key = null;
      this.#passage.forgetRoundTrip();
      this.#keepIfPossible("closed", LOCKDOWN);
      this.#happen({ type: "lock" });
    });
  }

  async rest(intent: Intent | null): Promise<void> {
    const checked = intent === null ? null : checkIntent(intent);
    if (JSON.stringify(checked) === JSON.stringify(this.#lockdown)) return;
    this.#lockdown = checked;
    if (this.atRest || this.#state.phase === "disconnecting") await this.disconnect();
  }

  get network(): NetworkState | null {
    return this.#network.inForce;
  }

  get names(): DnsStanding | null {
    return this.#resolver.standing;
  }

  get lastRepair(): Repair | null {
    return this.#repair;
  }

  get outsideResolvers(): readonly string[] | null {
    return this.#resolver.outside;
  }

  onOutsideResolvers(listener: () => void): Disposable {
    this.#resolverListeners.add(listener);
    return { [Symbol.dispose]: () => this.#resolverListeners.delete(listener) };
  }

  async inspect(): Promise<readonly Deviation[]> {
    const [system, names] = await Promise.all([this.#network.inspect(), this.#resolver.inspect()]);
    return [...system, ...names.map((message) => ({ what: "dns", message }) as const)];
  }

  async readings(): Promise<readonly PeerReading[]> {
    if (this.#state.phase === "disconnected") return [];
    return (await readDump(this.#interface).catch(() => null))?.peers ?? [];
  }

  get pathMtu(): PathMtu | null {
    return this.#intent === null ? null : pathMtu(this.#intent, this.#passage.limit);
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
    this.#watching?.[Symbol.dispose]();
    this.#listening[Symbol.dispose]();
    clearTimeout(this.#retry);
    clearTimeout(this.#tidying);
    await this.#working;
    await this.#resolver.close();
  }

  /** Writes the wish down before anything is done for it. Throws an `OperationError`. */
  #keep(wish: "up" | "closed" | "down", intent: Intent | null, reason: Blockage | null): void {
    try {
      this.#record.writeTarget({ wish, intent, reason });
    } catch (error) {
      throw new OperationError({
        code: "record_unwritable",
        message: `What is wanted could not be written down: ${error instanceof Error ? error.message : String(error)}.`,
        facts: { detail: error instanceof Error ? error.message : String(error) },
        remedy: "Make room in the agent's state folder and try again. The previous state stays.",
      });
    }
  }

  /** As `#keep`, for wishes that are carried out even if they cannot be written down. */
  #keepIfPossible(wish: "closed" | "down", reason: Blockage | null): void {
    try {
      this.#keep(wish, this.#intent, reason);
    } catch (error) {
      this.#log("the record could not be written", { error: String(error) });
    }
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
        // Whoever guards the wish before has nothing to guard any more.
        this.#onNews?.();
        if (!this.#busy) this.#working = this.#work();
        return;
      case "retry":
        clearTimeout(this.#retry);
        this.#retry = setTimeout(() => {
          this.#happen({ type: "retry", generation: effect.generation });
        }, effect.milliseconds);
        return;
      case "probe":
        this.#passage.start(effect.generation, this.#intent ?? CLOSED);
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
    const intent = this.#intent ?? CLOSED;
    const locked = intent === this.#lockdown && closed;
    try {
      // First: what closes stays while it goes, and takes its routes along.
      if (locked) this.#network.removeInterface();
      const bringingUp = this.#bringUp(intent, closed);
      const resolving = this.#applyDns({ mode: intent.mode, ...intent.dns }, bringingUp);
      // Before anything of it is in force: what happens while nobody watches is not told by anybody.
      this.#watching ??= this.#watch();
      const both = Promise.allSettled([bringingUp, resolving, this.#record.settled()]);
      await bringingUp.catch(() => undefined);
      this.#realising.release();
      await this.#guard(closed, both);
      const [network, resolver] = await both;
      if (network.status === "rejected") throw network.reason;
      if (resolver.status === "rejected") throw resolver.reason;
      if (this.#network.movedExit) await this.#endStrayed();
      this.#happen({ type: "applied", generation });
      if (locked && generation === this.#state.generation) this.#disconnecting.release();
      // The first answer is on its way and somebody waits for it: programs that start now would delay it.
      if (this.#state.phase === "connecting") await this.#passage.answerOrPause();
      await this.#endStrayed();
      // What waits to be done is a look and more.
      if (this.#pending !== null && performance.now() - this.#lookedAround < ATTACHED_MS) return;
      this.#lookedAround = performance.now();
      if (!(await this.#network.confirm())) this.#happen({ type: "disturbed" });
      this.#happen({ type: isOffline(intent, this.#interface) ? "offline" : "online" });
    } catch (error) {
      const reason = blockageOf(error);
      this.#log("network not reconciled", { reason });
      const open = await problemsOf(() => this.#network.close(intent, closed, this.#passage.limit));
      if (open.length > 0) this.#log("not even the firewall could be made", { open });
      const { kept } = this.#network;
      const isOpen = !this.#network.keeps(intent);
      this.#happen({
        type: "failed",
        generation,
        reason,
        open: isOpen ? notProtected(intent.mode, kept, reason) : null,
      });
      // Still closed, and tried again; who waits is told.
      if (intent === this.#lockdown) this.#disconnecting.refuse(reason);
    }
  }

  async #endStrayed(): Promise<void> {
    await this.#network.endStrayed().catch((error: unknown) => {
      this.#log("connections could not be ended", { error: String(error) });
    });
  }

  /** Makes the network as it is wanted, and says so where that was somebody else's doing. */
  async #bringUp(intent: Intent, closed: boolean): Promise<void> {
    const heard = this.#heard;
    this.#heard = null;
    const { steps, repaired } = await this.#network.bringUp(intent, closed, this.#key, this.#passage.limit);
    if (steps.length > 0) this.#log("network reconciled", { steps: steps.map((step) => step.do) });
    if (repaired.length === 0 || steps.length === 0) return;
    const what = repaired.map(({ message }) => message);
    this.#repair = { at: Date.now(), what: repaired };
    const milliseconds = heard === null ? null : Math.round(performance.now() - heard);
    this.#log("somebody else changed what is ours; put right", { what, milliseconds });
  }

  /** Programs that manage names may take their time: what is closed is repaired meanwhile. */
  async #guard(closed: boolean, until: Promise<unknown>): Promise<void> {
    let over = false;
    const end = until.then(() => {
      over = true;
    });
    // What is wanted meanwhile has to wait for them too, and is guarded as it is wanted now.
    const isOver = (): boolean => over || this.#closed || this.#pending?.do === "unprotect";
    const isClosed = (): boolean => (this.#pending?.do === "reconcile" ? this.#pending.closed : closed);
    await Promise.race([end, sleep(GUARD_AFTER_MS)]);
    while (!isOver()) {
      if (this.#heard === null)
        await Promise.race([end, new Promise<void>((resolve) => (this.#onNews = resolve))]);
      this.#onNews = null;
      // What fails here is tried again by the look that follows.
      if (!isOver()) await this.#bringUp(this.#intent ?? CLOSED, isClosed()).catch(() => undefined);
    }
  }

  async #applyDns(wish: DnsWish, interfaceThere: Promise<unknown>): Promise<void> {
    const before = this.#resolver.outside;
    await this.#resolver.apply(wish, interfaceThere);
    if (before?.join() === this.#resolver.outside?.join()) return;
    for (const listener of this.#resolverListeners) listener();
  }

  /**
   * The one way out does not depend on `/etc`: the network is put back in any case, and what cannot be put back stays
   * written down, is told to who waits, and is tried again.
   */
  async #unprotect(generation: number): Promise<void> {
    this.#watching?.[Symbol.dispose]();
    this.#watching = null;
    const problems = [
      ...(await problemsOf(() => this.#resolver.restore())),
      ...(await problemsOf(() => this.#network.takeDown())),
    ];
    // Somebody may have connected meanwhile: then the record is that wish's.
    if (problems.length === 0 && generation === this.#state.generation)
      problems.push(...(await problemsOf(() => this.#record.clear())));
    const [first] = problems;
    if (first === undefined) {
      this.#attempts = 0;
      this.#happen({ type: "unprotected", generation });
      return;
    }
    // What cannot be looked at is not told as open.
    const closes = await this.#network.closes().catch(() => true);
    const what = problems.map(({ message }) => message).join(" ");
    const open = "This device is disconnected and open, but not everything is as it was:";
    const reason = { ...first, message: closes ? what : `${open} ${what}` };
    this.#log("not everything could be put back", { reason, closes });
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
    this.#intent = null;
    this.#key = null;
    this.#passage.forget();
    this.#repair = null;
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
    this.#network.doubtFirewall();
    const { phase, generation } = this.#state;
    if (phase === "disconnected" || phase === "disconnecting") this.#perform({ do: "unprotect", generation });
    this.#heard ??= performance.now();
    this.#onNews?.();
    this.#happen({ type: "disturbed" });
  }

  #watch(): Disposable {
    const disturbed = (): void => this.#happen({ type: "disturbed" });
    const heard = (at: number): void => {
      this.#heard ??= at;
      this.#onNews?.();
      disturbed();
    };
    const watchers = new DisposableStack();
    const changed = ({ first, last, firewallGone }: Burst): void => {
      if (firewallGone) this.#network.firewallGone();
      this.#network.interrupt(last);
      heard(first);
    };
    watchers.use(watchSystem({ changed, folders: resolverFolders(RESOLV_CONF), log: this.#log }));
    watchers.use(watchPeers(this.#interface, () => heard(performance.now())));
    const timer = setInterval(disturbed, SAFETY_LOOK_MS);
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

/** Whether two checked intents ask for the same; absent and undefined are one. */
function sameIntent(a: Intent, b: Intent | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

const SUPERSEDED: TunnelBlockage = {
  code: "superseded",
  message: "Somebody connected again before the disconnect was done.",
  remedy: "Disconnect again if that was not meant.",
};

const UNREADABLE: TunnelBlockage = {
  code: "record_lost",
  message: "What was connected before cannot be read, so everything stays closed.",
  remedy: "Connect again, or disconnect to open this device.",
};
