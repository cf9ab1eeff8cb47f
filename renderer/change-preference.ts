/** Changing one layer of the preferences with the way back: what was stored is read first and can be put back. */
import type { BridgeProblem, Outcome, RequestParams, RequestResult } from "../src/bridge/contract.ts";
import type { Preference } from "./preference.ts";
import { notify } from "./parts/toasts.ts";
import { request } from "./state.ts";

type Layer = RequestParams<"setPreference">["layer"];
type Saved = RequestResult<"setPreference">;

export interface Words {
  /** What is said when it is done. */
  readonly done: string;
  readonly restored: string;
  readonly notRestored: (problem: BridgeProblem) => string;
}

/**
 * Replaces one layer by what `change` makes out of the stored value, and offers to undo it. `etag`: insists on the
 * version that the person saw.
 */
export async function changePreference(
  layer: Layer,
  change: (stored: Preference) => Preference,
  words: Words,
  etag?: string,
): Promise<Outcome<Saved>> {
  const read = await request("getPreferences", {});
  if (!read.ok) return read;
  const before = read.value.find((stored) => stored.layer === layer)?.value ?? {};
  const params = { layer, value: change(before) };
  const saved = await request("setPreference", etag === undefined ? params : { ...params, etag });
  if (saved.ok) notify({ text: words.done, undo: () => putBack(layer, before, saved.value, words) });
  return saved;
}

/** Puts back what a layer held before `saved`, and says so. */
export async function putBack(
  layer: Layer,
  before: Preference,
  { stored }: Saved,
  words: Words,
): Promise<void> {
  // Without a version (it was not saved yet) the newest is meant: it is this window's own.
  const version = stored.etag === "" ? {} : { etag: stored.etag };
  const back = await request("setPreference", { layer, value: before, ...version });
  notify({ text: back.ok ? words.restored : words.notRestored(back.problem) });
}
