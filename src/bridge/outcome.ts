/** How a request of a window is answered, and what carries it: what a window needs of the bridge before it asks. */
import * as z from "zod/mini";
import { RpcProblem } from "../rpc/problem.ts";

/** Why a request was refused: the agent's own words, or those of the host. */
export const BridgeProblem = z.strictObject({
  ...RpcProblem.shape,
  code: z.union([RpcProblem.shape.code, z.enum(["agent_away", "other_version", "cancelled"])]),
});
export type BridgeProblem = z.infer<typeof BridgeProblem>;

/** Errors do not survive every border with their fields, so an answer is a value. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: BridgeProblem };

/** An answer whose value still has to be parsed with the request's own schema. */
export const OutcomeEnvelope = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ ok: z.literal(false), problem: BridgeProblem }),
]);
export type OutcomeEnvelope = z.infer<typeof OutcomeEnvelope>;

/** What carries requests and updates between a window and its host. Values are plain data; nothing is parsed here. */
export interface Carrier {
  request(name: string, params: unknown): Promise<unknown>;
  /** The whole state comes first. Returns what ends it: the host tells nothing then, so that nothing is done for it. */
  subscribe(listener: (update: unknown) => void): () => void;
}
