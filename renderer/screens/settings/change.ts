/** Changes a setting, says so, and offers the value before for ten seconds. */
import { t } from "../../texts/speech.ts";
import { create } from "zustand";
import type { BridgeProblem, Outcome } from "../../../src/bridge/contract.ts";
import type { Presentation } from "../../../src/bridge/state.ts";
import type { Settings } from "../../../src/rpc/settings.ts";
import { notify } from "../../parts/toasts.ts";
import { request } from "../../state.ts";

/** Why the last change was refused; the agent's words say who may make it. */
export const useRefusal = create<{
  readonly agent: BridgeProblem | undefined;
  readonly app: BridgeProblem | undefined;
}>(() => ({ agent: undefined, app: undefined }));

/** A setting of the agent. `text` says what was done. */
export function changeSetting<K extends keyof Settings>(
  name: K,
  value: Settings[K],
  before: Settings[K],
  text: string,
): Promise<void> {
  return change("agent", (wanted) => request("setSettings", { [name]: wanted }), value, before, text);
}

/** A setting of the app. */
export function changePresentation<K extends keyof Presentation>(
  name: K,
  value: Presentation[K],
  before: Presentation[K],
  text: string,
): Promise<void> {
  return change("app", (wanted) => request("setPresentation", { [name]: wanted }), value, before, text);
}

async function change<V>(
  whose: "agent" | "app",
  set: (value: V) => Promise<Outcome<unknown>>,
  value: V,
  before: V,
  text: string,
): Promise<void> {
  const put = async (wanted: V): Promise<boolean> => {
    const outcome = await set(wanted);
    useRefusal.setState({ [whose]: outcome.ok ? undefined : outcome.problem });
    return outcome.ok;
  };
  if (!(await put(value))) return;
  notify({
    text,
    undo: async () => {
      await put(before);
    },
  });
}

/** What was done to a switch. */
export function switchedTo(setting: string, on: boolean): string {
  return t(on ? "settings.changed.on" : "settings.changed.off", { setting });
}
