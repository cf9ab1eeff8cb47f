/** How the agent says no: of which kind, which refusal it is, and its sentence for a person. */
import type { Refusal } from "../rpc/contract.ts";
import type { RefusalSaid } from "../rpc/said.ts";
import { RpcRefusal } from "../rpc/server.ts";

/** What a face can tell a refusal by. */
export type Refused = readonly [code: Refusal["code"], ...said: RefusalSaid];

/** Throws `RpcRefusal`. */
export function refuse([code, reason, facts]: Refused, message: string, remedy?: string): never {
  throw new RpcRefusal({
    ...{ code, reason, message },
    ...(facts === undefined ? {} : { facts: { ...facts } }),
    ...(remedy === undefined ? {} : { remedy }),
  });
}
