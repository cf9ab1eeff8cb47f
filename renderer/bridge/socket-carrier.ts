/** The bridge over a WebSocket, for a window in a browser. It comes back by itself; requests that were lost say so. */
import type { Carrier } from "../../src/bridge/outcome.ts";
import { GONE } from "./problems.ts";
import { readFrame } from "./told.ts";

const AGAIN_MS = 500;

/** A `PageFrame` before the host parsed it. */
type Sent = { id: number; name: string; params: unknown } | { watch: boolean };

/** What a browser does by itself. */
type ForBrowser = "chooseFiles" | "saveFile" | "openPlace";

function isForBrowser(name: string): name is ForBrowser {
  return name === "chooseFiles" || name === "saveFile" || name === "openPlace";
}

/** A connection that was made before, with what was said on it so far. */
export interface EarlySocket {
  readonly socket: WebSocket;
  readonly said: readonly unknown[];
}

export interface SocketCarrierOptions {
  /** Where the bridge is; ws or wss. */
  readonly url: URL;
  /** What it begins with in place of a connection of its own. */
  readonly first: EarlySocket | undefined;
  /** Does what the browser does by itself. */
  readonly inBrowser: (name: ForBrowser, params: unknown) => unknown;
}

/** undefined = it is no JSON, and so no frame of a host. */
function parsed(data: unknown): unknown {
  try {
    return typeof data === "string" ? JSON.parse(data) : undefined;
  } catch {
    return undefined;
  }
}

/** While nobody listens the host is asked to tell nothing. */
export function socketCarrier({ url, first, inBrowser }: SocketCarrierOptions): Carrier {
  const listeners = new Set<(update: unknown) => void>();
  const waiting = new Map<number, (outcome: unknown) => void>();
  let socket: WebSocket;
  let opened: Promise<boolean>;
  let last = 0;
  /** What the first connection told before anybody listened; undefined once somebody did, or it tells no more. */
  let unheard: unknown[] | undefined = [];

  const say = (frame: Sent): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  };
  const hear = (current: WebSocket, data: unknown): void => {
    const frame = readFrame(parsed(data));
    if (frame === undefined) current.close();
    else if ("update" in frame) {
      unheard?.push(frame.update);
      for (const listener of listeners) listener(frame.update);
    } else {
      waiting.get(frame.id)?.(frame.outcome);
      waiting.delete(frame.id);
    }
  };
  const open = (current: WebSocket, said: readonly unknown[] = []): void => {
    socket = current;
    opened =
      current.readyState === WebSocket.OPEN
        ? Promise.resolve(true)
        : new Promise((resolve) => {
            current.addEventListener("open", () => resolve(true));
            current.addEventListener("close", () => resolve(false));
          });
    current.addEventListener("open", () => {
      // A new connection is told everything, asked or not.
      if (listeners.size > 0) return;
      // Who listens from now on has to ask.
      unheard = undefined;
      say({ watch: false });
    });
    current.addEventListener("message", ({ data }) => hear(current, data));
    current.addEventListener("close", () => {
      for (const answer of waiting.values()) answer(GONE);
      waiting.clear();
      unheard = undefined;
      setTimeout(() => open(new WebSocket(url)), AGAIN_MS);
    });
    for (const data of said) hear(current, data);
  };
  if (first === undefined) open(new WebSocket(url));
  else open(first.socket, first.said);

  return {
    async request(name, params) {
      if (isForBrowser(name)) return inBrowser(name, params);
      if (!(await opened) || socket.readyState !== WebSocket.OPEN) return GONE;
      last += 1;
      const id = last;
      const answer = new Promise((resolve) => waiting.set(id, resolve));
      say({ id, name, params });
      return answer;
    },
    subscribe(listener) {
      const before = unheard;
      unheard = undefined;
      listeners.add(listener);
      // The first to listen is told what there is already, as if it came now; who comes later asks for it.
      if (before === undefined) say({ watch: true });
      else
        queueMicrotask(() => {
          for (const update of before) if (listeners.has(listener)) listener(update);
        });
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) say({ watch: false });
      };
    },
  };
}
