/** One request as a component follows it: under way, refused, or done; a newer one or a cancel makes it void. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { BridgeProblem, RequestName, RequestParams, RequestResult } from "../../src/bridge/contract.ts";
import { request } from "../state.ts";

interface Following<N extends RequestName> {
  readonly running: boolean;
  /** Why the last one was refused; undefined while it is under way, and when it was not. */
  readonly problem: BridgeProblem | undefined;
  /** What the last one answered; kept while a newer one is under way. */
  readonly value: RequestResult<N> | undefined;
  /** Asks. Resolves to the answer; to undefined when it was refused, or when nobody waits for it any longer. */
  readonly run: (params: RequestParams<N>) => Promise<RequestResult<N> | undefined>;
  /** Waits no longer. What was asked may still be done: this is for questions and for long looks. */
  readonly cancel: () => void;
  /** Forgets the problem. */
  readonly dismiss: () => void;
}

interface State<N extends RequestName> {
  readonly running: boolean;
  readonly problem: BridgeProblem | undefined;
  readonly value: RequestResult<N> | undefined;
}

export function useRequest<N extends RequestName>(name: N): Following<N> {
  const [state, setState] = useState<State<N>>({ running: false, problem: undefined, value: undefined });
  const turn = useRef(0);
  useEffect(
    () => () => {
      turn.current += 1;
    },
    [],
  );
  const run = useCallback(
    async (params: RequestParams<N>) => {
      turn.current += 1;
      const mine = turn.current;
      setState(({ value }) => ({ running: true, problem: undefined, value }));
      const outcome = await request(name, params);
      if (turn.current !== mine) return undefined;
      setState(({ value }) =>
        outcome.ok
          ? { running: false, problem: undefined, value: outcome.value }
          : { running: false, problem: outcome.problem, value },
      );
      return outcome.ok ? outcome.value : undefined;
    },
    [name],
  );
  const cancel = useCallback(() => {
    turn.current += 1;
    setState(({ problem, value }) => ({ running: false, problem, value }));
  }, []);
  const dismiss = useCallback(
    () => setState(({ running, value }) => ({ running, problem: undefined, value })),
    [],
  );
  return { ...state, run, cancel, dismiss };
}
