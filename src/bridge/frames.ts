/** The frames of the bridge where it runs over a WebSocket: what a page sends, what its host sends. */
import * as z from "zod/mini";
import { BridgeProblem } from "./outcome.ts";

const FrameId = z.int().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER));

/** From the page. The parameters are parsed with the request's own schema, once its name is known. */
export const PageFrame = z.union([
  z.strictObject({
    id: FrameId,
    name: z.string().check(z.maxLength(64)),
    params: z.record(z.string(), z.unknown()),
  }),
  /** Whether it is to be told: the whole state again, then what changes; or nothing, while nobody sees the window. */
  z.strictObject({ watch: z.boolean() }),
]);
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
export type HostFrame = z.infer<typeof HostFrame>;
