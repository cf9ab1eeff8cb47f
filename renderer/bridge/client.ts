/** This window's side of the bridge: typed requests, answers and updates parsed as if the host could be wrong. */
import { applyUpdate } from "../../src/bridge/apply-update.ts";
import type { RequestName, RequestParams, RequestResult } from "../../src/bridge/contract.ts";
import type { Carrier, Outcome } from "../../src/bridge/outcome.ts";
import type { BridgeState } from "../../src/bridge/state.ts";
import { GONE, NOT_UNDERSTOOD } from "./problems.ts";
import { readOutcome, readUpdate } from "./told.ts";

/** How long a host whose whole state was not understood is left alone, milliseconds. */
const AGAIN_MS = 1000;

export interface BridgeClient {
  /** Asks for something. A refusal is a value; this never throws. */
  request<N extends RequestName>(name: N, params: RequestParams<N>): Promise<Outcome<RequestResult<N>>>;
  /** The whole state, each time something of it is new. Returns what ends it. */
  watch(listener: (state: BridgeState) => void): () => void;
}

/** The schemas of requests are fetched when the first is made, beside the answer. */
const fetchContract = () => import("./request-schemas.ts");

export function bridgeClient(carrier: Carrier, fetchSchemas = fetchContract): BridgeClient {
  return {
    async request(name, params) {
      const schemas = fetchSchemas().catch(() => undefined);
      const outcome = readOutcome(await carrier.request(name, params).catch(() => GONE));
      if (outcome === undefined) return NOT_UNDERSTOOD;
      // A refusal says all of itself: it waits for no schema, and is told where none can be had.
      if (!outcome.ok) return outcome;
      const contract = await schemas;
      if (contract === undefined) return GONE;
      const value = contract.requests[name].result.safeParse(outcome.value);
      // The schema of this very request has parsed it; TypeScript cannot relate the two by name.
      return value.success ? { ok: true, value: value.data as RequestResult<typeof name> } : NOT_UNDERSTOOD;
    },
    watch(listener) {
      let state: BridgeState | undefined;
      let sequence = -1;
      let stop = (): void => undefined;
      let misses = 0;
      const take = (raw: unknown): void => {
        const update = readUpdate(raw);
        const missed = update?.kind !== "state" && update?.sequence !== sequence + 1;
        state = update === undefined || missed ? undefined : applyUpdate(state, update);
        if (update !== undefined) sequence = update.sequence;
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
