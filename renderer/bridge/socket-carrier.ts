/** The bridge over a WebSocket, for a window in a browser. It comes back by itself; requests that were lost say so. */
import type { Carrier } from "../../src/bridge/outcome.ts";
import { HostFrame } from "../../src/bridge/frames.ts";
import { answer as answerInBrowser } from "./browser-requests.ts";
import { GONE } from "./problems.ts";

const AGAIN_MS = 500;

/** A `PageFrame` before the host parsed it. */
type Sent = { id: number; name: string; params: unknown } | { watch: boolean };

/** What a browser does by itself. */
function isForBrowser(name: string): name is "chooseFiles" | "saveFile" | "openPlace" {
  return name === "chooseFiles" || name === "saveFile" || name === "openPlace";
}

/**
 * Opens it at `url` (ws or wss), or begins with `first`, a connection that was made in this same turn of the event
 * loop. While nobody listens the host is asked to tell nothing.
 */
export function socketCarrier(url: URL, first?: WebSocket): Carrier {
  const listeners = new Set<(update: unknown) => void>();
  const waiting = new Map<number, (outcome: unknown) => void>();
  let socket: WebSocket;
  let opened: Promise<boolean>;
  let last = 0;

  const say = (frame: Sent): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  };
  const open = (current: WebSocket): void => {
    socket = current;
    opened = new Promise((resolve) => {
      current.addEventListener("open", () => resolve(true));
      current.addEventListener("close", () => resolve(false));
    });
    current.addEventListener("open", () => {
      // A new connection is told everything, asked or not.
      if (listeners.size === 0) say({ watch: false });
    });
    current.addEventListener("message", ({ data }) => {
      const frame = HostFrame.safeParse(typeof data === "string" ? JSON.parse(data) : undefined);
      if (!frame.success) current.close();
      else if ("update" in frame.data) for (const listener of listeners) listener(frame.data.update);
      else {
        waiting.get(frame.data.id)?.(frame.data.outcome);
        waiting.delete(frame.data.id);
      }
    });
    current.addEventListener("close", () => {
      for (const answer of waiting.values()) answer(GONE);
      waiting.clear();
      setTimeout(() => open(new WebSocket(url)), AGAIN_MS);
    });
  };
  open(first ?? new WebSocket(url));

  return {
    async request(name, params) {
      if (isForBrowser(name)) return answerInBrowser(name, params);
      if (!(await opened) || socket.readyState !== WebSocket.OPEN) return GONE;
      last += 1;
      const id = last;
      const answer = new Promise((resolve) => waiting.set(id, resolve));
      say({ id, name, params });
      return answer;
    },
    subscribe(listener) {
      listeners.add(listener);
      say({ watch: true });
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) say({ watch: false });
      };
    },
  };
}
