/** The frames of the bridge where it runs over a WebSocket: what a page sends, what its host sends. */
import { z } from "zod";
import { BridgeProblem } from "./contract.ts";

const FrameId = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** From the page. The parameters are parsed with the request's own schema, once its name is known. */
export const PageFrame = z.strictObject({
  id: FrameId,
  name: z.string().max(64),
  params: z.record(z.string(), z.unknown()),
});

export type PageFrame = z.infer<typeof PageFrame>;

/** From the host: an answer to a request, or an update. */
export const HostFrame = z.union([
  z.strictObject({
    id: FrameId,
    outcome: z.discriminatedUnion("ok", [
      z.strictObject({ ok: z.literal(true), value: z.unknown() }),
      z.strictObject({ ok: z.literal(false), problem: BridgeProblem }),
    ]),
  }),
  z.strictObject({ update: z.unknown() }),
]);
