/** Changes a setting, says so, and offers the value before for ten seconds. */
import { t } from "../../texts/speech.ts";
import { create } from "zustand";
import type { BridgeProblem } from "../../../src/bridge/contract.ts";
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
export async function changeSetting<K extends keyof Settings>(
  name: K,
  value: Settings[K],
  before: Settings[K],
  text: string,
): Promise<void> {
  const outcome = await request("setSettings", { [name]: value });
  useRefusal.setState({ agent: outcome.ok ? undefined : outcome.problem });
  if (!outcome.ok) return;
  notify({
    text,
    undo: async () => {
      const back = await request("setSettings", { [name]: before });
      useRefusal.setState({ agent: back.ok ? undefined : back.problem });
    },
  });
}

/** A setting of the app. */
export async function changePresentation<K extends keyof Presentation>(
  name: K,
  value: Presentation[K],
  before: Presentation[K],
  text: string,
): Promise<void> {
  const outcome = await request("setPresentation", { [name]: value });
  useRefusal.setState({ app: outcome.ok ? undefined : outcome.problem });
  if (!outcome.ok) return;
  notify({
    text,
    undo: async () => {
      const back = await request("setPresentation", { [name]: before });
      useRefusal.setState({ app: back.ok ? undefined : back.problem });
    },
  });
}

/** What was done to a switch. */
export function switchedTo(setting: string, on: boolean): string {
  return t(on ? "settings.changed.on" : "settings.changed.off", { setting });
}
