/** Why a request was refused. */
import * as z from "zod/mini";
import { Facts, type RefusalReason } from "./said.ts";

/** How a refused request is told: a JSON-RPC error with this as its `data`. */
export const RpcProblem = z.strictObject({
  code: z.enum([
    "bad_request",
    "not_permitted",
    "not_enrolled",
    "already_enrolled",
    "refused",
    "not_found",
    "conflict",
    "unavailable",
    "control_plane_unreachable",
    "internal",
  ]),
  message: z.string(),
  remedy: z.optional(z.string()),
  /** Which refusal it is (`REFUSALS` in `said.ts`), and what its sentence names. */
  reason: z.optional(z.string()),
  facts: z.optional(Facts),
  errors: z.optional(z.array(z.object({ pointer: z.string(), code: z.string(), message: z.string() }))),
});
export type RpcProblem = z.infer<typeof RpcProblem>;

/** A problem of the agent's own, which always says which refusal it is. */
export type Refusal = RpcProblem & { readonly reason: RefusalReason };
