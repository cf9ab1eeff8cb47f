/** What a window says of a request by itself, where no answer of the host does. */
import type { RefusalReason } from "../../src/rpc/said.ts";
import type { BridgeProblem } from "../../src/bridge/outcome.ts";

interface Refused {
  readonly ok: false;
  readonly problem: BridgeProblem;
}

/** It may have been done: nobody was there any more to say so. */
export const GONE: Refused = {
  ok: false,
  problem: {
    code: "agent_away",
    reason: "connection_lost" satisfies RefusalReason,
    message: "The connection to the app was lost before it answered.",
    remedy: "It comes back by itself; look whether it was done, and try again.",
  },
};

export const NOT_UNDERSTOOD: Refused = {
  ok: false,
  problem: {
    code: "other_version",
    reason: "answer_not_understood" satisfies RefusalReason,
    message: "The app answered in a way that this window does not understand.",
    remedy: "Close the window and open it again.",
  },
};
