/** Saving one layer over the version that the person saw, with the way back. */
import { useState } from "react";
import { useTranslation } from "../../texts/speech.ts";
import type { BridgeProblem } from "../../../src/bridge/contract.ts";
import { putBack } from "../../change-preference.ts";
import { readPreferences } from "../../known-preferences.ts";
import type { Preference, StoredLayer } from "../../preference.ts";
import { notify } from "../../parts/toasts.ts";
import { request } from "../../state.ts";
import { words } from "../home/act.ts";

export interface Saving {
  /** Stores a value in place of `over`; says whether it did. */
  readonly save: (value: Preference, over: StoredLayer, done: string) => Promise<boolean>;
  readonly saving: boolean;
  readonly problem: BridgeProblem | undefined;
  readonly dismiss: () => void;
}

export function useSaving(layer: "device" | "user"): Saving {
  const { t } = useTranslation();
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<BridgeProblem>();
  const save = async (value: Preference, over: StoredLayer, done: string): Promise<boolean> => {
    setSaving(true);
    setProblem(undefined);
    // Without a version it was read while the control plane was away: there is none to insist on.
    const version = over.etag === "" ? {} : { etag: over.etag };
    const outcome = await request("setPreference", { layer, value, ...version });
    await readPreferences();
    setSaving(false);
    if (!outcome.ok) {
      setProblem(outcome.problem);
      return false;
    }
    const said = words(done, t);
    notify({
      text: outcome.value.saved ? done : t("preferences.savedLater"),
      undo: async () => {
        await putBack(layer, over.value, outcome.value, said);
        await readPreferences();
      },
    });
    return true;
  };
  return { save, saving, problem, dismiss: () => setProblem(undefined) };
}
