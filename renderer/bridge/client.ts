/** This window's side of the bridge: typed requests, answers and updates parsed as if the host could be wrong. */
import * as z from "zod/mini";
import { applyUpdate } from "../../src/bridge/apply-update.ts";
import type { RequestName, RequestParams, RequestResult } from "../../src/bridge/contract.ts";
import { OutcomeEnvelope, type Carrier, type Outcome } from "../../src/bridge/outcome.ts";
import { Update, type BridgeState } from "../../src/bridge/state.ts";
import { GONE, NOT_UNDERSTOOD } from "./problems.ts";

// A window's content policy forbids programs made from text; zod would otherwise try one and be reported.
z.config({ jitless: true });

/** How long a host whose whole state was not understood is left alone, milliseconds. */
const AGAIN_MS = 1000;

export interface BridgeClient {
  /** Asks for something. A refusal is a value; this never throws. */
  request<N extends RequestName>(name: N, params: RequestParams<N>): Promise<Outcome<RequestResult<N>>>;
  /** The whole state, each time something of it is new. Returns what ends it. */
  watch(listener: (state: BridgeState) => void): () => void;
}

/** Most of the schemas are of requests: they are fetched when the first is made, beside the answer. */
const fetchContract = () => import("../../src/bridge/contract.ts");

export function bridgeClient(carrier: Carrier, fetchSchemas = fetchContract): BridgeClient {
  return {
    async request(name, params) {
      const schemas = fetchSchemas().catch(() => undefined);
      const outcome = OutcomeEnvelope.safeParse(await carrier.request(name, params).catch(() => GONE));
      if (!outcome.success) return NOT_UNDERSTOOD;
      // A refusal says all of itself: it waits for no schema, and is told where none can be had.
      if (!outcome.data.ok) return outcome.data;
      const contract = await schemas;
      if (contract === undefined) return GONE;
      const value = contract.requests[name].result.safeParse(outcome.data.value);
      // The schema of this very request has parsed it; TypeScript cannot relate the two by name.
      return value.success ? { ok: true, value: value.data as RequestResult<typeof name> } : NOT_UNDERSTOOD;
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
