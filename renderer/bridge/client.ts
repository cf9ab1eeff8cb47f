/** This window's side of the bridge: typed requests, answers and updates parsed as if the host could be wrong. */
import * as z from "zod/mini";
import { applyUpdate } from "../../src/bridge/apply-update.ts";
import type { RequestName, RequestParams, RequestResult } from "../../src/bridge/contract.ts";
import { OutcomeEnvelope, type BridgeProblem, type Carrier, type Outcome } from "../../src/bridge/outcome.ts";
import { Update, type BridgeState } from "../../src/bridge/state.ts";

// A window's content policy forbids programs made from text; zod would otherwise try one and be reported.
z.config({ jitless: true });

/** How long a host whose whole state was not understood is left alone, milliseconds. */
const AGAIN_MS = 1000;

const NOT_UNDERSTOOD: BridgeProblem = {
  code: "other_version",
  message: "The app answered in a way that this window does not understand.",
  remedy: "Close the window and open it again.",
};

export interface BridgeClient {
  /** Asks for something. A refusal is a value; this never throws. */
  request<N extends RequestName>(name: N, params: RequestParams<N>): Promise<Outcome<RequestResult<N>>>;
  /** The whole state, each time something of it is new. Returns what ends it. */
  watch(listener: (state: BridgeState) => void): () => void;
}

export function bridgeClient(carrier: Carrier): BridgeClient {
  return {
    async request(name, params) {
      // Most of the schemas are of requests: they are fetched when the first is made, beside the answer.
      const [answer, { requests }] = await Promise.all([
        carrier.request(name, params),
        import("../../src/bridge/contract.ts"),
      ]);
      const outcome = OutcomeEnvelope.safeParse(answer);
      if (!outcome.success) return { ok: false, problem: NOT_UNDERSTOOD };
      if (!outcome.data.ok) return outcome.data;
      const value = requests[name].result.safeParse(outcome.data.value);
      // The schema of this very request has parsed it; TypeScript cannot relate the two by name.
      return value.success
        ? { ok: true, value: value.data as RequestResult<typeof name> }
        : { ok: false, problem: NOT_UNDERSTOOD };
    },
    watch(listener) {
      let state: BridgeState | undefined;
      let sequence = -1;
      let stop = (): void => undefined;
      let misses = 0;
      const take = (raw: unknown): void => {
        const update = Update.safeParse(raw);
        const missed = update.data?.kind !== "state" && update.data?.sequence !== sequence + 1;
        state = !update.success || missed ? undefined : applyUpdate(state, update.data);
        if (update.success) sequence = update.data.sequence;
        if (state !== undefined) {
          misses = 0;
          listener(state);
          return;
        }
        // Something was missed: the whole state comes with a new subscription. A host that is never understood is
        // not asked in a loop.
        stop();
        misses += 1;
        const again = (): void => {
          stop = carrier.subscribe(take);
        };
        if (misses === 1) again();
        else {
          const timer = setTimeout(again, AGAIN_MS);
          stop = () => clearTimeout(timer);
        }
      };
      stop = carrier.subscribe(take);
      return () => stop();
    },
  };
}
