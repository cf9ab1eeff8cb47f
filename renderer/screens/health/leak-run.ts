/** One run of the leak self-test, check by check, so that it can say where it is and stop there. */
import { LEAK_CHECKS } from "./leak-checks.ts";
import type { BridgeProblem, Outcome, RequestResult } from "../../../src/bridge/contract.ts";
import type { LeakCheckCode } from "../../../src/rpc/diagnostics.ts";

type Part = RequestResult<"testLeaks">;

export interface LeakRun {
  readonly state: "idle" | "running" | "done" | "cancelled" | "changed" | "refused";
  /** The check that is under way. */
  readonly current: LeakCheckCode | undefined;
  /** What is promised while the test runs; undefined until the first answer. */
  readonly promise: Part["promise"] | undefined;
  readonly checks: Part["checks"];
  readonly problem: BridgeProblem | undefined;
}

export const NO_RUN: LeakRun = {
  ...{ state: "idle", current: undefined, promise: undefined, checks: [], problem: undefined },
};

/** Runs until it is done, is stopped, or what is promised changes under it. Tells each step. Never throws. */
export async function runLeakTest(
  ask: (only: LeakCheckCode) => Promise<Outcome<Part>>,
  tell: (run: LeakRun) => void,
  signal: AbortSignal,
): Promise<void> {
  let run: LeakRun = { ...NO_RUN, state: "running" };
  const step = (change: Partial<LeakRun>): void => {
    run = { ...run, ...change };
    tell(run);
  };
  for (const code of LEAK_CHECKS) {
    step({ current: code });
    const outcome = await ask(code);
    if (signal.aborted) {
      step({ state: "cancelled", current: undefined });
      return;
    }
    if (!outcome.ok) {
      step({ state: "refused", current: undefined, problem: outcome.problem });
      return;
    }
    const { promise, checks } = outcome.value;
    if (run.promise !== undefined && run.promise !== promise) {
      step({ state: "changed", current: undefined });
      return;
    }
    step({ promise, checks: [...run.checks, ...checks] });
    if (promise === "nothing") break;
  }
  step({ state: "done", current: undefined });
}

/** What is to be said of a run that came to its end. */
export function conclusionOf({
  promise,
  checks,
}: LeakRun): "nothing" | "broken" | "untested" | "heldPrivate" | "heldEverything" {
  if (promise === undefined || promise === "nothing") return "nothing";
  if (checks.some(({ verdict }) => verdict === "bad")) return "broken";
  // What could not be tried was not seen to hold.
  if (checks.some(({ found }) => found === "untested")) return "untested";
  return promise === "everything" ? "heldEverything" : "heldPrivate";
}
