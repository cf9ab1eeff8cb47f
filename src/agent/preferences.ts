/**
 * Reading and writing the layers that this device's user may write. With the control plane away a change is
 * applied here, shown as not saved, and saved when the control plane is back; if somebody else changed the layer
 * meanwhile, the stored value wins and the person is told.
 */
import { setTimeout } from "node:timers/promises";
import { layersOfPath } from "../routing/layers-of-path.ts";
import type { Result } from "../rpc/contract.ts";
import { RpcRefusal } from "../rpc/server.ts";
import { isAway, mayBeDone, problemOf, type ControlPlane, type PreferenceLayer } from "./control-plane.ts";
import type { Memory } from "./memory.ts";
import { refuse } from "./refuse.ts";
import { effectivePath, pathAfter, samePreference, type Preference, type Unsaved } from "./routing-state.ts";

type WritableLayer = Unsaved["layer"];
type Stored = Result<"setPreference">["stored"];
type Saving = Result<"setPreference">;

export interface PreferencesOptions {
  readonly memory: Memory;
  readonly controlPlane: () => ControlPlane;
  /** Told when the effective path may be another, or `unsaved` is. */
  readonly onChange: () => void;
  /** Told when a change begins to wait: `saveWaiting` is to be called, since the session may never have noticed. */
  readonly onWaiting: () => void;
}

/** A change that the control plane stored. */
interface Put {
  readonly stored: Stored;
  /** The change of the same layer that waited by then; null = none did. */
  readonly over: Unsaved | null;
  /** Why that one is not part of it; null = it is, or nothing of it was to stay. */
  readonly lost: string | null;
}

interface Seen {
  readonly by: Memory["identity"];
  readonly layers: Map<WritableLayer, { readonly value: Preference; readonly etag: string }>;
}

/** A value that may be stored without our having heard of it. */
interface Unheard {
  readonly value: Preference;
  /** Its answer may still come. */
  isUnderWay: boolean;
}

/** Values that may be stored unheard and are remembered for a layer. */
const MOST_UNHEARD = 16;
/** The ETag shown for a value that the control plane has not confirmed. */
const UNCONFIRMED = "";
/** Milliseconds before each further attempt to save what waits; the last one goes on. */
const RETRY_MS = [500, 2_000, 8_000, 30_000];

export class Preferences {
  readonly #options: PreferencesOptions;
  /** ETags as last seen, so that a change costs one request; what another enrolment saw says nothing. */
  #known: Seen = { by: null, layers: new Map() };

  /** What was sent and may have got through: whoever finds it stored finds no stranger's. */
  #unheard: Record<WritableLayer, readonly Unheard[]> = { device: [], user: [] };
  #saving = 0;
  /** Which change of a layer is the newest: one that was not waited for must not be repeated over a newer one. */
  readonly #changes: Record<WritableLayer, number> = { device: 0, user: 0 };
  /** Changes that are on their way to the control plane. */
  readonly #underWay: Record<WritableLayer, number> = { device: 0, user: 0 };

  constructor(options: PreferencesOptions) {
    this.#options = options;
  }

  /** Taken before anything is asked, so that an answer to a former identity is kept with what that one saw. */
  #seen(): Seen["layers"] {
    const by = this.#options.memory.identity;
    if (by !== this.#known.by) {
      this.#known = { by, layers: new Map() };
      this.#unheard = { device: [], user: [] };
    }
    return this.#known.layers;
  }

  /** What was last seen to be stored in a layer; undefined = nothing was asked, or said, about it yet. */
  lastSeen(layer: WritableLayer): Preference | undefined {
    return this.#seen().get(layer)?.value;
  }

  /** Whether a change of a layer is on its way, so that what is known of it may be another's by now. */
  isChanging(layer: WritableLayer): boolean {
    return this.#underWay[layer] > 0;
  }

  /** The layers as stored; those that this device may not read are left out. Away: as the last path shows them. */
  async list(): Promise<Stored[]> {
    const seen = this.#seen();
    const layers = ["device", "user", "network"] as const satisfies readonly PreferenceLayer[];
    const answers = await Promise.all(
      layers.map(async (layer) => ({ layer, answer: await this.#options.controlPlane().preference(layer) })),
    );
    const failed = answers.find(({ answer }) => !answer.ok && isAway(answer));
    if (failed !== undefined && !failed.answer.ok) {
      const path = effectivePath(this.#options.memory.routing);
      if (path === null) throw new RpcRefusal(problemOf(failed.answer));
      const known = layersOfPath(path);
      return layers.map((layer) => ({ layer, value: known[layer], etag: UNCONFIRMED }));
    }
    return answers.flatMap(({ layer, answer }) => {
      if (!answer.ok) return [];
      const stored = { layer, value: answer.body, etag: answer.etag ?? UNCONFIRMED };
      if (layer !== "network") seen.set(layer, stored);
      return [stored];
    });
  }

  /**
   * Changes one layer. `change` makes the new value out of the stored one; `etag` insists on a stored version. A
   * control plane that has not answered after `patienceMs` counts as away. Throws `RpcRefusal`.
   */
  async set(
    layer: WritableLayer,
    change: (stored: Preference) => Preference,
    { etag, patienceMs }: { readonly etag?: string | undefined; readonly patienceMs?: number } = {},
  ): Promise<Saving> {
    const putting = this.#put(layer, change, etag);
    // Whoever stopped waiting for it learns by reading what became of it.
    putting.catch(() => undefined);
    const put =
      patienceMs === undefined
        ? await putting
        : await Promise.race([putting, setTimeout(patienceMs, "late" as const, { ref: false })]);
    if (put === "overtaken")
      return refuse(
        ["conflict", "changed_meanwhile"],
        `The ${layer} preference was changed once more meanwhile, and the newer change stands.`,
        "Change it again if that was not meant.",
      );
    if (put === "away" || put === "late") return this.#setHere(layer, change, put === "late");
    this.#settle(put);
    this.#options.onChange();
    return { stored: put.stored, saved: true };
  }

  /** After a change was stored: what becomes of one that waits. Of another layer it goes on waiting. */
  #settle({ stored: { layer, value }, over, lost }: Put): void {
    const { memory, onWaiting } = this.#options;
    const waiting = memory.routing.unsaved;
    if (waiting === null) return;
    if (waiting.conflict !== null) {
      // Whoever changes something has read it.
      memory.setRouting({ unsaved: null });
    } else if (waiting.value === over?.value && lost !== null) {
      memory.setRouting({ unsaved: { ...waiting, conflict: lost } });
    } else if (waiting.layer === layer) {
      // One that is part of what is stored now stays until the path knows it. One that was begun later finds stored what
      // is no stranger's.
      const next = waiting.value === over?.value ? value : waiting.value;
      memory.setRouting({ unsaved: { ...waiting, value: next, tried: unique([...waiting.tried, value]) } });
      onWaiting();
    }
  }

  /** What waited is stored. */
  async #end({ layer, value }: Unsaved): Promise<void> {
    const { memory } = this.#options;
    // The served path lacks the change until it is asked for: without this the old one would come in force.
    const path = await this.#options.controlPlane().path();
    this.#unheard[layer] = this.#unheard[layer].filter((one) => one.isUnderWay);
    const { served: before, unsaved } = memory.routing;
    // Whatever was chosen while this was under way is newer.
    if (unsaved?.value !== value) return;
    const served = path.ok ? path.body : before === null ? null : pathAfter(before, layer, value);
    memory.setRouting({ unsaved: null, ...(served === null ? {} : { served }) });
  }

  /**
   * Saves what waits, if anything does, trying for as long as it waits. To be called when the control plane is back,
   * too: then it is tried at once.
   */
  async saveWaiting(): Promise<void> {
    const turn = (this.#saving += 1);
    for (let attempt = 0; ; attempt += 1) {
      if (turn !== this.#saving || (await this.#saveNow())) return;
      const pause = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)];
      await setTimeout(pause, undefined, { ref: false });
    }
  }

  /** Says whether there is nothing left to try. */
  async #saveNow(): Promise<boolean> {
    const { memory } = this.#options;
    const waiting = memory.routing.unsaved;
    if (waiting === null || waiting.conflict !== null) return true;
    const outcome = await this.#saveOne(waiting);
    // Whatever was chosen while this was under way is newer.
    const { unsaved } = memory.routing;
    if (unsaved === null || unsaved.value !== waiting.value) return true;
    if (outcome === "away") return false;
    if (outcome === "saved") await this.#end(waiting);
    else memory.setRouting({ unsaved: { ...unsaved, conflict: outcome.conflict } });
    this.#options.onChange();
    return true;
  }

  async #saveOne({
    layer,
    value,
    base,
    tried,
  }: Unsaved): Promise<"saved" | "away" | { readonly conflict: string }> {
    const seen = this.#seen();
    const controlPlane = this.#options.controlPlane();
    const stored = await controlPlane.preference(layer);
    if (!stored.ok) return isAway(stored) ? "away" : { conflict: stored.message };
    if (samePreference(stored.body, value)) return "saved";
    const lost = { conflict: changedMeanwhile(layer) };
    const isOurs = [base, ...tried].some((former) => samePreference(stored.body, former));
    if (!isOurs || stored.etag === null) return lost;
    this.#noteSent(value);
    const put = await controlPlane.putPreference(layer, value, stored.etag);
    if (put.ok) {
      remember(seen, layer, put.body, put.etag);
      return "saved";
    }
    if (isAway(put)) return "away";
    if (put.kind === "refused" && put.status === 412) {
      // An earlier attempt whose answer was not waited for may have got through meanwhile.
      const now = await controlPlane.preference(layer);
      if (!now.ok && isAway(now)) return "away";
      return now.ok && samePreference(now.body, value) ? "saved" : lost;
    }
    return { conflict: `Your change of the ${layer} preference was not saved: ${put.message}` };
  }

  /** Before what waits is sent: whoever takes it back meanwhile has to know that it may get through. */
  #noteSent(value: Preference): void {
    const { memory } = this.#options;
    const { unsaved } = memory.routing;
    if (unsaved?.value === value)
      memory.setRouting({ unsaved: { ...unsaved, tried: unique([...unsaved.tried, value]) } });
  }

  /**
   * Reads where needed, and writes. `overtaken`: a newer change of this layer was begun, and this one was not stored, as
   * far as we heard.
   */
  async #put(
    layer: WritableLayer,
    change: (stored: Preference) => Preference,
    etag: string | undefined,
  ): Promise<Put | "away" | "overtaken"> {
    this.#underWay[layer] += 1;
    try {
      return await this.#putNow(layer, change, etag);
    } finally {
      this.#underWay[layer] -= 1;
    }
  }

  async #putNow(
    layer: WritableLayer,
    change: (stored: Preference) => Preference,
    etag: string | undefined,
  ): Promise<Put | "away" | "overtaken"> {
    const seen = this.#seen();
    const controlPlane = this.#options.controlPlane();
    const turn = (this.#changes[layer] += 1);
    const isOvertaken = (): boolean => turn !== this.#changes[layer];
    for (let attempt = 0; ; attempt += 1) {
      let last = seen.get(layer);
      if (last === undefined) {
        const answer = await controlPlane.preference(layer);
        if (!answer.ok) {
          if (isAway(answer)) return isOvertaken() ? "overtaken" : "away";
          throw new RpcRefusal(problemOf(answer));
        }
        last = remember(seen, layer, answer.body, answer.etag);
      }
      if (isOvertaken()) return "overtaken";
      const { value, over, lost } = this.#on(layer, last.value, change);
      const unheard = { value, isUnderWay: true };
      this.#unheard[layer] = [...this.#unheard[layer], unheard].slice(-MOST_UNHEARD);
      const put = await controlPlane.putPreference(layer, value, etag ?? last.etag);
      unheard.isUnderWay = false;
      // What was stored by its ETag came after everything that had ended.
      if (put.ok) this.#unheard[layer] = this.#unheard[layer].filter((one) => one.isUnderWay);
      else if (!mayBeDone(put)) this.#unheard[layer] = this.#unheard[layer].filter((one) => one !== unheard);
      if (put.ok) return { stored: { layer, ...remember(seen, layer, put.body, put.etag) }, over, lost };
      if (isAway(put)) return isOvertaken() ? "overtaken" : "away";
      seen.delete(layer);
      const stale = put.kind === "refused" && put.status === 412;
      // Without an ETag of the caller's, "whatever is stored now" is meant: read it anew, once.
      if (!stale || etag !== undefined || attempt > 0) throw new RpcRefusal(problemOf(put));
      if (isOvertaken()) return "overtaken";
    }
  }

  /** The changed value: of the one that waits, unless somebody else changed what is stored. */
  #on(
    layer: WritableLayer,
    stored: Preference,
    change: (stored: Preference) => Preference,
  ): { readonly value: Preference } & Pick<Put, "over" | "lost"> {
    const { unsaved } = this.#options.memory.routing;
    const over = unsaved?.layer === layer && unsaved.conflict === null ? unsaved : null;
    if (over === null) return { value: change(stored), over, lost: null };
    const onWaiting = change(over.value);
    const isOurs = [over.value, over.base, ...over.tried].some((one) => samePreference(stored, one));
    if (isOurs) return { value: onWaiting, over, lost: null };
    const value = change(stored);
    return { value, over, lost: samePreference(value, onWaiting) ? null : changedMeanwhile(layer) };
  }

  /**
   * The control plane is away: the change applies here and waits. `late`: it may hear of it nevertheless.
   */
  #setHere(layer: WritableLayer, change: (stored: Preference) => Preference, late: boolean): Saving {
    const { memory } = this.#options;
    const { served, unsaved } = memory.routing;
    if (served === null)
      return refuse(
        ["control_plane_unreachable", "control_plane_never_reached"],
        "The control plane does not answer, and no path was ever received from it.",
        "Try again when this device is online.",
      );
    const waiting = unsaved?.conflict === null ? unsaved : null;
    if (waiting !== null && waiting.layer !== layer)
      return refuse(
        ["unavailable", "another_change_waits"],
        `A change of the ${waiting.layer} preference still waits to be saved, and one at a time can wait.`,
        "Try again when the control plane answers.",
      );
    const base = layersOfPath(served)[layer];
    const value = change(waiting?.value ?? base);
    const before = effectivePath(memory.routing);
    const after = pathAfter(served, layer, value);
    if (before?.status === "ready" && after.status === "unavailable")
      return refuse(
        ["control_plane_unreachable", "control_plane_needed"],
        after.reason?.message ?? "The change cannot be applied without the control plane.",
        "Everything stays as it is. Try again when the control plane answers.",
      );
    this.#seen().delete(layer);
    const unheard = this.#unheard[layer].map((one) => one.value);
    const tried = unique([...(waiting?.tried ?? []), ...unheard, ...(late ? [change(base), value] : [])]);
    // Back to what is stored: then nothing waits, unless something else may be stored by now.
    const isStored = samePreference(value, base) && tried.every((other) => samePreference(other, base));
    const next = isStored ? null : { layer, value, base, tried, conflict: null };
    memory.setRouting({ unsaved: next });
    this.#options.onChange();
    if (next !== null) this.#options.onWaiting();
    return { stored: { layer, value, etag: UNCONFIRMED }, saved: next === null };
  }
}

function changedMeanwhile(layer: WritableLayer): string {
  return `Your change of the ${layer} preference was not saved: somebody changed it meanwhile, and the stored value wins.`;
}

function unique(values: readonly Preference[]): Preference[] {
  return values.filter((value, place) => values.findIndex((other) => samePreference(other, value)) === place);
}

function remember(seen: Seen["layers"], layer: WritableLayer, value: Preference, etag: string | null) {
  const last = { value, etag: etag ?? UNCONFIRMED };
  seen.set(layer, last);
  return last;
}
