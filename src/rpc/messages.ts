/** The JSON-RPC 2.0 envelopes: what a server accepts (requests) and what a client accepts (answers and `changed`). */
import { z } from "zod";

const MessageId = z.union([z.number().int(), z.string().max(64)]);

/** The only kind of message a face may send. */
export const RequestEnvelope = z.strictObject({
  jsonrpc: z.literal("2.0"),
  id: MessageId,
  method: z.string().max(64),
  params: z.record(z.string(), z.unknown()),
});

/** What an agent may send: an answer, a refusal, or the one notification. */
export const AgentEnvelope = z.union([
  z.strictObject({ jsonrpc: z.literal("2.0"), id: MessageId, result: z.json() }),
  z.strictObject({
    jsonrpc: z.literal("2.0"),
    id: MessageId,
    error: z.strictObject({ code: z.number().int(), message: z.string(), data: z.unknown().optional() }),
  }),
  z.strictObject({
    jsonrpc: z.literal("2.0"),
    method: z.literal("changed"),
    params: z.record(z.string(), z.unknown()),
  }),
]);
