/** The preferences as they are stored, shared by the screens that show and change them. */
import { useEffect } from "react";
import { create } from "zustand";
import type { BridgeProblem } from "../src/bridge/contract.ts";
import type { StoredLayer } from "./preference.ts";
import { request, useAgentReady, useSnapshot } from "./state.ts";

interface Preferences {
  /** undefined: not read yet. */
  readonly layers: readonly StoredLayer[] | undefined;
  readonly problem: BridgeProblem | undefined;
}

const usePreferences = create<Preferences>(() => ({ layers: undefined, problem: undefined }));

/** Reads anew; what was read before stays where it fails. */
export async function readPreferences(): Promise<void> {
  const outcome = await request("getPreferences", {});
  usePreferences.setState(
    outcome.ok ? { layers: outcome.value, problem: undefined } : { problem: outcome.problem },
  );
}

/** Keeps them current while the component that calls it is shown: they are read with each new path. */
export function useCurrentPreferences(): Preferences {
  const ready = useAgentReady();
  const epoch = useSnapshot(({ path }) => path?.epoch.number);
  const lineage = useSnapshot(({ path }) => path?.epoch.lineage);
  const unsaved = useSnapshot((snapshot) => snapshot.unsaved);
  const connected = useSnapshot(({ controlPlane }) => controlPlane.connected);
  useEffect(() => {
    if (ready && lineage !== undefined) void readPreferences();
  }, [ready, epoch, lineage, unsaved, connected]);
  return usePreferences();
}
