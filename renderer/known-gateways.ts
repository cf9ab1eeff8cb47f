/** The gateways as the control plane judges them for this person, shared by every screen that names or shows them. */
import { useEffect } from "react";
import { create } from "zustand";
import type { BridgeProblem } from "../src/bridge/contract.ts";
import type { GatewayRow } from "./gateway-row.ts";
import { whileSeen } from "./parts/while-seen.ts";
import { request, useAgentReady, useSnapshot } from "./state.ts";

interface Gateways {
  readonly rows: readonly GatewayRow[];
  readonly problem: BridgeProblem | undefined;
  /** An answer came, good or bad. */
  readonly asked: boolean;
}

/** Milliseconds between two looks while a screen shows them: round trips are measured about once a minute. */
const AGAIN_MS = 20_000;

const useGateways = create<Gateways>(() => ({ rows: [], problem: undefined, asked: false }));

/** The new rows; those of which nothing is new are the objects of before, so that they are not drawn anew. */
function keptWhereSame(before: readonly GatewayRow[], after: readonly GatewayRow[]): readonly GatewayRow[] {
  const known = new Map(before.map((row) => [JSON.stringify(row), row]));
  return after.map((row) => known.get(JSON.stringify(row)) ?? row);
}

/** Asks anew. The rows of before stay where it fails. */
async function lookForGateways(): Promise<void> {
  const outcome = await request("gateways", {});
  useGateways.setState(({ rows }) =>
    outcome.ok
      ? { rows: keptWhereSame(rows, outcome.value), problem: undefined, asked: true }
      : { problem: outcome.problem, asked: true },
  );
}

/**
 * Keeps them current while the component that calls it is shown: after each new path, when the control plane comes or
 * goes, and now and then.
 */
export function useCurrentGateways(): Gateways {
  const ready = useAgentReady();
  const enrolled = useSnapshot((snapshot) => snapshot.enrollment?.deviceId);
  const epoch = useSnapshot((snapshot) => snapshot.path?.epoch.number);
  const state = useSnapshot((snapshot) => snapshot.tunnel.state);
  const connected = useSnapshot(({ controlPlane }) => controlPlane.connected);
  useEffect(() => {
    if (!ready || enrolled === undefined) return;
    return whileSeen(() => {
      void lookForGateways();
      const timer = setInterval(() => void lookForGateways(), AGAIN_MS);
      return () => clearInterval(timer);
    });
  }, [ready, enrolled, epoch, state, connected]);
  return useGateways();
}
