/** The saved configurations as the agent lists them, and what can be done with them: each act says what it did. */
import { t } from "../../texts/speech.ts";
import { create } from "zustand";
import type {
  BridgeProblem,
  RequestName,
  RequestParams,
  RequestResult,
} from "../../../src/bridge/contract.ts";
import type { Profile } from "../../../src/rpc/profiles.ts";
import { notify } from "../../parts/toasts.ts";
import { request } from "../../state.ts";

interface Library {
  /** undefined until they were read. */
  readonly profiles: readonly Profile[] | undefined;
  /** Those that can be restored. */
  readonly removed: readonly Profile[];
  /** What could not be done, and why. */
  readonly problem: { readonly title: string; readonly problem: BridgeProblem } | undefined;
  /** The one whose details are shown. */
  readonly selected: string | undefined;
}

export const useLibrary = create<Library>(() => ({
  profiles: undefined,
  removed: [],
  problem: undefined,
  selected: undefined,
}));

export function select(id: string | undefined): void {
  useLibrary.setState({ selected: id });
}

export function dismissProblem(): void {
  useLibrary.setState({ problem: undefined });
}

/** Reads them anew. */
export async function refresh(): Promise<void> {
  const [profiles, removed] = await Promise.all([
    request("listProfiles", {}),
    request("removedProfiles", {}),
  ]);
  if (profiles.ok) useLibrary.setState({ profiles: profiles.value });
  else useLibrary.setState({ problem: { title: t("manual.failed.list"), problem: profiles.problem } });
  if (removed.ok) useLibrary.setState({ removed: removed.value });
}

/** Asks, reads the list anew, and keeps a refusal under its title. undefined = refused. */
async function act<N extends RequestName>(
  name: N,
  params: RequestParams<N>,
  title: string,
): Promise<RequestResult<N> | undefined> {
  const outcome = await request(name, params);
  useLibrary.setState({ problem: outcome.ok ? undefined : { title, problem: outcome.problem } });
  await refresh();
  return outcome.ok ? outcome.value : undefined;
}

export async function remove({ id, name }: Profile): Promise<void> {
  if ((await act("removeProfile", { id }, t("manual.failed.remove", { name }))) === undefined) return;
  notify({ text: t("manual.done.removed", { name }), undo: () => restore({ id, name }) });
}

export async function restore({ id, name }: Pick<Profile, "id" | "name">): Promise<void> {
  if ((await act("restoreProfile", { id }, t("manual.failed.restore", { name }))) === undefined) return;
  select(id);
  notify({ text: t("manual.done.restored", { name }) });
}

export async function rename({ id, name: before }: Profile, after: string): Promise<boolean> {
  const title = t("manual.failed.rename");
  if ((await act("renameProfile", { id, name: after }, title)) === undefined) return false;
  notify({
    text: t("manual.done.renamed", { before, after }),
    undo: async () => {
      await act("renameProfile", { id, name: before }, title);
    },
  });
  return true;
}

export async function duplicate({ id, name }: Profile): Promise<void> {
  const copy = await act("duplicateProfile", { id }, t("manual.failed.duplicate", { name }));
  if (copy === undefined) return;
  select(copy.id);
  notify({
    text: t("manual.done.duplicated", { name: copy.name }),
    undo: async () => {
      await act("removeProfile", { id: copy.id }, t("manual.failed.undo"));
    },
  });
}

/** Steers only these; null = all that the file asks for. */
export async function narrow(profile: Profile, prefixes: readonly string[] | null): Promise<boolean> {
  const { id, name, steers } = profile;
  const before = steers.narrowed ? [...steers.prefixes] : null;
  const title = t("manual.failed.narrow");
  const wanted = prefixes === null ? null : [...prefixes];
  if ((await act("narrowProfile", { id, prefixes: wanted }, title)) === undefined) return false;
  notify({
    text: t(prefixes === null ? "manual.done.widened" : "manual.done.narrowed", { name }),
    undo: async () => {
      await act("narrowProfile", { id, prefixes: before }, title);
    },
  });
  return true;
}

/** Connects it in place of whatever is connected. Resolves when that is accepted; the state tells the rest. */
export async function connect(
  { id, name }: Profile,
  mode: "full_tunnel" | "vpn_only" | undefined,
): Promise<void> {
  const params = mode === undefined ? { profile: id } : { profile: id, mode };
  await act("connect", params, t("manual.failed.connect", { name }));
}

export async function disconnect(): Promise<void> {
  await act("disconnect", {}, t("manual.failed.disconnect"));
}

/** Saves what was reported under a digest. Says why not; undefined = it is saved. */
export async function saveEdit(
  { id, name }: Profile,
  digest: string,
  before: string | undefined,
): Promise<BridgeProblem | undefined> {
  const outcome = await request("confirmEdit", { id, digest });
  if (!outcome.ok) return outcome.problem;
  await refresh();
  const text = t("manual.done.edited", { name });
  if (before === undefined) notify({ text });
  else notify({ text, undo: () => putBack({ id }, before) });
  return undefined;
}

async function putBack({ id }: Pick<Profile, "id">, text: string): Promise<void> {
  const checked = await act("checkEdit", { id, text }, t("manual.failed.undo"));
  if (checked !== undefined)
    await act("confirmEdit", { id, digest: checked.digest }, t("manual.failed.undo"));
}
