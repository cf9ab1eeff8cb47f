import type { RequestResult } from "../src/bridge/contract.ts";

/** A gateway as the control plane judges it for this person. */
export type GatewayRow = RequestResult<"gateways">[number];
