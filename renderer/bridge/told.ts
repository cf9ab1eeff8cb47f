/**
 * What the host says, parsed as if it could be wrong, by the contract's own schemas. The window needs these before it
 * can show anything, and the schemas with their library are most of what it would wait for: the build puts in place of
 * this file the same checks as data (`renderer/build/told-as-data.ts`), made of the very schemas that stand here.
 */
import { HostFrame } from "../../src/bridge/frames.ts";
import { OutcomeEnvelope } from "../../src/bridge/outcome.ts";
import { Update } from "../../src/bridge/state.ts";

/** By the name of what reads it. */
export const SCHEMAS = { readFrame: HostFrame, readUpdate: Update, readOutcome: OutcomeEnvelope } as const;

/** A frame of the WebSocket; undefined = it is none. */
export const readFrame = (raw: unknown): HostFrame | undefined => HostFrame.safeParse(raw).data;

/** What a window is told unasked. */
export const readUpdate = (raw: unknown): Update | undefined => Update.safeParse(raw).data;

/** An answer, whose value still has to be parsed. */
export const readOutcome = (raw: unknown): OutcomeEnvelope | undefined => OutcomeEnvelope.safeParse(raw).data;
