/** The Linux driver: makes the system look like an intent, or like before us. One call at a time. */
import { networkInterfaces } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { derivePublicKey, type SecretKey } from "../../wireguard/keys.ts";
import { desiredState, type Surroundings } from "../desired-state.ts";
import type { NetworkState } from "../network-state.ts";
import { OperationError } from "../operation-error.ts";
import type { Record as TunnelRecord } from "../record.ts";
import { closureOf, covers, keptBy, type Closure } from "../protects.ts";
import type { Deviation, Intent } from "../types.ts";
import { applySteps, Interrupted } from "./apply.ts";
import { Doubt } from "./doubt.ts";
import { countRules, firewallText, REMOVE_FIREWALL } from "./firewall.ts";
import { forwards } from "./forwarding.ts";
import { deviations, tamperings } from "./inspect.ts";
import { Kept } from "./kept.ts";
import { dropUnresolved } from "./plan-ip.ts";
import { HANDSHAKE_WAIT_MS, hasKey, planDown, planReroot, planUp, type Applied, type Step } from "./plan.ts";
import { NOTHING, type ActualState } from "./actual-state.ts";
import { onLinkNetworks, readFirewall, readSystem } from "./read.ts";
import { removeLink } from "./netlink/ip.ts";
import { canEndSockets } from "./sockets.ts";
import { Strayed } from "./strayed.ts";
import { readSysctls, writeSysctls } from "./sysctl.ts";

/** Texts whose listing is remembered: every path that is changed back and forth. */
const MOST_LISTINGS = 32;

/** What a reconcile did. */
export interface Brought {
  /** Empty: everything was in place. */
  readonly steps: readonly Step[];
  /** What of it put right what somebody else did. */
  readonly repaired: readonly Deviation[];
}

export class LinuxNetwork {
  readonly #interface: string;
  readonly #record: TunnelRecord;
  #applied: Applied | null = null;
  /** How `nft` prints our texts. */
  readonly #listings = new Map<string, string>();
  readonly #strayed: Strayed;
  /** The addresses of the other interfaces at the last reconcile; null = not known. */
  #sources: string | null = null;
  /** Whether the peers may send from where nothing comes back to. */
  readonly #sourceDoubt = new Doubt();
  /** Whether the firewall may be an older one of ours, which is neither learnt nor left as it is. */
  readonly #firewallDoubt = new Doubt();
  /** What was on the system when it was last looked at, where that was as wanted and nothing was done since. */
  #known: ActualState | null = null;
  /** The firewall as `takeDown` found it last (null = none was there); undefined = that could not be read. */
  #parting: string | null | undefined;
  readonly #kept = new Kept();
  /** When it was last told that the system changed, `performance.now()`. */
  #toldNews = -Infinity;
  /** The last reconcile ended before its end: nobody knows whose doing what is there is. */
  #unsure = false;
  /** `takeDown` removed or loosened the firewall, and nothing was brought up since. */
  #opened = false;

  constructor(interfaceName: string, record: TunnelRecord) {
    this.#interface = interfaceName;
    this.#record = record;
    this.#strayed = new Strayed(record);
  }

  /** Whether anything of ours is on the system. */
  async isClean(): Promise<boolean> {
    const actual = await readSystem(this.#interface, false);
    const clean =
      actual.link === null &&
      actual.firewall === null &&
      actual.rules.length === 0 &&
      actual.routes.length === 0;
    this.#known = clean ? NOTHING : null;
    if (clean) this.#strayed.forget();
    this.#kept.saw(keptBy(actual.firewall));
    return clean;
  }

  /**
   * Reconciles. `closed`: nothing may pass. `limit`: see `Surroundings`. Throws an `OperationError`; what was done until
   * then stays and is the start of the next attempt.
   */
  async bringUp(
    intent: Intent,
    closed: boolean,
    key: SecretKey | null,
    limit: number | null,
  ): Promise<Brought> {
    const began = performance.now();
    const known = this.#known;
    this.#known = null;
    // Reading everything takes longer than most changes. What somebody else changed meanwhile is reported by the
    // watch; only a wish that is fulfilled already has nothing but a look to ask for.
    if (known !== null && !this.#isApplied(known, intent, closed, key, limit)) {
      try {
        return { steps: await this.#reconcile(known, intent, closed, key, limit, began), repaired: [] };
      } catch {
        // The system was not as remembered: look again and continue from what there is.
      }
    }
    for (;;) {
      const looked = performance.now();
      const actual = await readSystem(this.#interface);
      if (this.#applied === null) this.#strayed.found(actual);
      this.#remember(actual.firewall);
      const repaired = this.#tamperings(actual, intent, closed, key, limit);
      const patience = Math.max(0, HANDSHAKE_WAIT_MS - (performance.now() - began));
      try {
        const steps = await this.#reconcile(actual, intent, closed, key, limit, looked, patience);
        if (steps.length === 0) this.#known = actual;
        return { steps, repaired };
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
      }
    }
  }

  /** Nothing comes back: the next `bringUp` makes the peers forget where they sent from. */
  distrustSources(): void {
    this.#sourceDoubt.raise();
  }

  /** A transaction that was given up ended after all: what is in force is made anew, whatever it looks like. */
  doubtFirewall(): void {
    this.#firewallDoubt.raise();
    this.#kept.doubt();
    this.#known = null;
    this.#listings.clear();
    if (this.#applied !== null) this.#applied = { ...this.#applied, firewallListing: null, interim: null };
  }

  /** The kernel said that the firewall was deleted, which may be all that can be known of it. */
  firewallGone(): void {
    this.#kept.removed();
    this.#known = null;
  }

  /** The system was heard to change: nobody is waited for any longer than it takes to look. */
  interrupt(): void {
    this.#toldNews = performance.now();
  }

  /**
   * After `bringUp` did not succeed. The firewall may come last, and whoever is told of the failure is told of a device
   * that is closed as is wanted now: so it closes now, whatever else is missing.
   */
  async close(intent: Intent, closed: boolean, limit: number | null): Promise<void> {
    // What cannot be looked at is as it was: nothing was removed.
    const listing = await readFirewall().catch(() => undefined);
    if (listing !== undefined) this.#kept.saw(keptBy(listing));
    if (this.keeps(intent)) return;
    const applied = this.#applied;
    this.#known = null;
    const { mode, firewall } = desiredState(intent, this.#surroundings(closed, limit));
    await applySteps([{ do: "firewall", text: firewallText(firewall) }], null);
    this.#kept.made(closureOf(firewall));
    if (applied !== null) {
      this.#applied = { state: { ...applied.state, mode, firewall }, firewallListing: null };
      this.#remember(await readFirewall());
    }
    await applySteps([{ do: "ip", changes: dropUnresolved }], null);
  }

  /**
   * Reads how `nft` prints the firewall that was just applied, so that every later change of it is noticed. Says
   * whether it is whole. Nothing but the first moments after the first time rests on this reading.
   */
  async confirm(): Promise<boolean> {
    if (this.#applied === null || this.#applied.firewallListing !== null) return true;
    return this.#remember(await readFirewall());
  }

  #remember(listing: string | null): boolean {
    if (this.#applied === null || this.#applied.firewallListing !== null) return true;
    // What is there may be another of ours, with as many rules: nothing is learnt from it.
    if (this.#firewallDoubt.stands) return false;
    const text = firewallText(this.#applied.state.firewall);
    if (listing === null || countRules(listing) !== countRules(text)) return false;
    if (this.#listings.size >= MOST_LISTINGS) this.#listings.clear();
    this.#listings.set(text, listing);
    this.#applied = { ...this.#applied, firewallListing: listing };
    return true;
  }

  /** What was applied last; null = nothing since the start, or everything was put back. */
  get inForce(): NetworkState | null {
    return this.#applied?.state ?? null;
  }

  /** What is known to be closed; null = nothing is. */
  get kept(): Closure | null {
    return this.#kept.known;
  }

  /** Whether everything is known to be closed that this wish closes. */
  keeps(intent: Intent): boolean {
    return covers(this.kept, closureOf(desiredState(intent, this.#surroundings(true, null)).firewall));
  }

  /** What of it is not on the system. */
  async inspect(): Promise<readonly Deviation[]> {
    const applied = this.#applied;
    return applied === null ? [] : deviations(await readSystem(this.#interface, false), applied);
  }

  /** Whether what was carried leaves by another exit now, so that `endStrayed` comes before anybody is told. */
  get movedExit(): boolean {
    const state = this.inForce;
    return state !== null && this.#strayed.looksLikeNew(state);
  }

  /** After a change: ends the connections that cannot go on. Throws an `OperationError`. */
  async endStrayed(): Promise<void> {
    const state = this.inForce;
    if (state !== null) await this.#strayed.end(state);
  }

  /** Takes the interface away, and leaves what closes. */
  removeInterface(): void {
    this.#known = null;
    removeLink(this.#interface);
  }

  /** After `takeDown` did not succeed: whether the firewall still is what it was before. */
  async closes(): Promise<boolean> {
    if (!this.#opened) this.#opened = this.#parting !== undefined && (await readFirewall()) !== this.#parting;
    return !this.#opened && this.#parting !== null;
  }

  /** Puts everything back. */
  async takeDown(): Promise<void> {
    this.#parting = undefined;
    this.#known = null;
    const actual = await readSystem(this.#interface, false);
    this.#parting = actual.firewall;
    for (const step of planDown(actual, this.#interface)) {
      if (step.do === "firewall") this.#kept.removed();
      await applySteps([step], null);
      // From the first one on it is not what it was, whether it can be looked at or not.
      if (step.do === "firewall") this.#opened = true;
    }
    this.#restoreSysctls();
    this.#applied = null;
    this.#kept.removed();
    this.#strayed.forget();
    this.#sources = null;
    this.#known = NOTHING;
  }

  #isApplied(
    known: ActualState,
    intent: Intent,
    closed: boolean,
    key: SecretKey | null,
    limit: number | null,
  ): boolean {
    const keyed = hasKey(known, key === null ? null : derivePublicKey(key));
    const desired = desiredState(intent, this.#surroundings(closed || !keyed, limit));
    return isDeepStrictEqual(desired, this.#applied?.state);
  }

  #tamperings(
    actual: ActualState,
    intent: Intent,
    closed: boolean,
    key: SecretKey | null,
    limit: number | null,
  ): readonly Deviation[] {
    const applied = this.#applied;
    if (applied === null || this.#unsure) return [];
    const keyed = hasKey(actual, key === null ? null : derivePublicKey(key));
    return tamperings(actual, applied, desiredState(intent, this.#surroundings(closed || !keyed, limit)));
  }

  async #reconcile(
    actual: ActualState,
    intent: Intent,
    closed: boolean,
    key: SecretKey | null,
    limit: number | null,
    since: number,
    patience?: number,
  ): Promise<readonly Step[]> {
    const publicKey = key === null ? null : derivePublicKey(key);
    const keyed = hasKey(actual, publicKey);
    const desired = desiredState(intent, this.#surroundings(closed || !keyed, limit));
    const sources = ownAddresses(this.#interface);
    const moved = this.#sourceDoubt.stands || (this.#sources !== null && this.#sources !== sources);
    const endDoubts = [this.#sourceDoubt.begin(), this.#firewallDoubt.begin()];
    const planned = planUp(actual, desired, this.#applied, publicKey, patience);
    const steps = moved ? [...planned, ...planReroot(actual, desired)] : planned;
    this.#keepSysctls(desired);
    writeSysctls(desired.sysctls);
    this.#strayed.moving(desired);
    this.#unsure = true;
    this.#kept.making(closureOf(desired.firewall));
    const before = this.#applied;
    const towards = firewallText(desired.firewall);
    const rules = before === null ? 0 : rulesBeforeWait(steps, before);
    await applySteps(
      steps,
      key,
      // Our own doing is told like a stranger's: a look tells which it was, and does nothing where it was ours.
      () => this.#toldNews > since,
      async () => {
        const listing = await readFirewall().catch(() => null);
        const whole = listing !== null && countRules(listing) === rules && !this.#firewallDoubt.stands;
        if (this.#applied !== null)
          this.#applied = { ...this.#applied, interim: whole ? { listing, towards } : null };
      },
    );
    this.#unsure = false;
    this.#opened = false;
    this.#sources = sources;
    for (const end of endDoubts) end();
    if (!this.#firewallDoubt.stands) this.#kept.made(closureOf(desired.firewall));
    const listing = this.#listings.get(towards) ?? null;
    this.#applied = { state: desired, firewallListing: listing };
    if (!keyed && !closed)
      throw new OperationError({
        code: "key_missing",
        message: "The tunnel's interface is gone and its key is not at hand, so everything stays closed.",
        remedy: "Connect again.",
      });
    return steps;
  }

  #surroundings(closed: boolean, limit: number | null): Surroundings {
    return {
      interface: this.#interface,
      onLink: onLinkNetworks(networkInterfaces(), this.#interface),
      limit,
      tracks: forwards() || !canEndSockets(),
      closed,
    };
  }

  /** Remembers the values that were there before the first change. */
  #keepSysctls(desired: NetworkState): void {
    const undo = this.#record.readUndo();
    const missing = Object.keys(desired.sysctls).filter((path) => !(path in undo.sysctls));
    if (missing.length === 0) return;
    const former = readSysctls(missing);
    this.#record.changeUndo({ sysctls: { ...undo.sysctls, ...former } });
  }

  #restoreSysctls(): void {
    const undo = this.#record.readUndo();
    writeSysctls(undo.sysctls);
    this.#record.changeUndo({ sysctls: {} });
  }
}

/** How many rules are in force when the first wait of these steps begins. */
function rulesBeforeWait(steps: readonly Step[], { state, interim }: Applied): number {
  const wait = steps.findIndex((step) => step.do === "await_handshakes");
  return steps.slice(0, Math.max(wait, 0)).reduce(
    (rules, step) => {
      if (step.do !== "firewall") return rules;
      return countRules(step.text) + (step.text.startsWith(REMOVE_FIREWALL) ? 0 : rules);
    },
    countRules(interim?.listing ?? firewallText(state.firewall)),
  );
}

/** The addresses that the tunnel's packets may leave from, as one text to compare. */
function ownAddresses(tunnel: string): string {
  return Object.entries(networkInterfaces())
    .flatMap(([name, addresses]) =>
      name === tunnel ? [] : (addresses ?? []).map(({ address }) => `${name} ${address}`),
    )
    .sort()
    .join("\n");
}
