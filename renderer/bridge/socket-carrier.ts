/** The bridge over a WebSocket, for a window in a browser. It comes back by itself; requests that were lost say so. */
import type { BridgeProblem, Carrier } from "../../src/bridge/contract.ts";
import { HostFrame } from "../../src/bridge/frames.ts";
import { chooseFiles, openPlace, saveFile } from "./browser-requests.ts";

const AGAIN_MS = 500;

const GONE: { ok: false; problem: BridgeProblem } = {
  ok: false,
  problem: {
    code: "agent_away",
    message: "The connection to the app was lost before it answered.",
    remedy: "It comes back by itself; look whether it was done, and try again.",
  },
};

/** Opens it at `address` (http or https; turned into ws). */
export function socketCarrier(address: URL): Carrier {
  const url = new URL(address);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = "";
  url.hash = "";
  const listeners = new Set<(update: unknown) => void>();
  const waiting = new Map<number, (outcome: unknown) => void>();
  let socket: WebSocket | undefined;
  let opened: Promise<boolean> = Promise.resolve(false);
  let last = 0;

  const open = (): void => {
    const current = new WebSocket(url);
    socket = current;
    opened = new Promise((resolve) => {
      current.addEventListener("open", () => resolve(true));
      current.addEventListener("close", () => resolve(false));
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
      setTimeout(open, AGAIN_MS);
    });
  };

  return {
    async request(name, params) {
      if (name === "chooseFiles") return chooseFiles();
      if (name === "saveFile") return saveFile(params);
      if (name === "openPlace") return openPlace(params);
      if (!(await opened) || socket?.readyState !== WebSocket.OPEN) return GONE;
      last += 1;
      const id = last;
      const answer = new Promise((resolve) => waiting.set(id, resolve));
      socket.send(JSON.stringify({ id, name, params }));
      return answer;
    },
    subscribe(listener) {
      listeners.add(listener);
      // The host tells the whole state at every opening, and only then.
      if (socket === undefined) open();
      else socket.close();
      return () => listeners.delete(listener);
    },
  };
}
