/**
 * The main process's end of the bridge for one window. What comes is taken for an attacker's: only the window's own
 * top frame with our own page may speak, in bounded text that is parsed, and only so much at a time.
 */
import type { IpcMainEvent, IpcMainInvokeEvent, WebContents } from "electron";
import { z } from "zod";
import { MAX_BRIDGE_MESSAGE, type Outcome } from "../../src/bridge/contract.ts";
import type { RefusalReason } from "../../src/rpc/said.ts";
import type { Desk } from "../../src/face/desk.ts";
import { REQUEST, SUBSCRIBE, UNSUBSCRIBE, UPDATE } from "../channels.ts";
import { isOurPage } from "./page.ts";

/** Requests of a window that wait for an answer. */
const MAX_PENDING = 32;

const Request = z.strictObject({ name: z.string().max(64), params: z.record(z.string(), z.unknown()) });

const refused = (message: string): Outcome<never> => ({
  ok: false,
  problem: {
    code: "bad_request",
    reason: "request_malformed" satisfies RefusalReason,
    message,
    remedy: "Close the window and open it again.",
  },
});

/** Serves the window until it is gone. */
export function serveWindow(contents: WebContents, desk: Desk): void {
  let pending = 0;
  let stop = (): void => undefined;
  const isPage = ({ senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean =>
    senderFrame !== null && senderFrame === contents.mainFrame && isOurPage(senderFrame.url);

  contents.ipc.handle(REQUEST, async (event, text: unknown): Promise<Outcome<unknown>> => {
    if (!isPage(event)) return refused("Only Nanami's own window may ask.");
    const request = readRequest(text);
    if (request === undefined) return refused("The window asked in a way that no Nanami window does.");
    if (pending >= MAX_PENDING) return refused("The window asked for too much at once.");
    pending += 1;
    try {
      return await desk.answer(request.name, request.params);
    } finally {
      pending -= 1;
    }
  });
  contents.ipc.on(SUBSCRIBE, (event) => {
    if (!isPage(event)) return;
    stop();
    stop = desk.subscribe((update) => {
      if (!contents.isDestroyed()) contents.send(UPDATE, update);
    });
  });
  contents.ipc.on(UNSUBSCRIBE, (event) => {
    if (isPage(event)) stop();
  });
  contents.on("render-process-gone", () => stop());
  contents.once("destroyed", () => stop());
}

function readRequest(text: unknown): z.infer<typeof Request> | undefined {
  // Each letter is at least one byte, so this bounds the text before it is measured.
  if (typeof text !== "string" || text.length > MAX_BRIDGE_MESSAGE) return undefined;
  if (Buffer.byteLength(text) > MAX_BRIDGE_MESSAGE) return undefined;
  try {
    return Request.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
