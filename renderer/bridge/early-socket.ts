/**
 * The window's first connection to the host that served it, opened before the rest of the program is even here: the
 * host answers with the whole state meanwhile. Imports nothing, and is a file of its own that waits for no other.
 */
import type { EarlySocket } from "./socket-carrier.ts";

/** Where the bridge is of the host that served this page. */
export function bridgeAddress(): URL {
  const url = new URL("bridge", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = "";
  url.hash = "";
  return url;
}

const said: unknown[] = [];
const keep = ({ data }: MessageEvent): void => void said.push(data);

let socket: WebSocket | undefined = "nanami" in window ? undefined : new WebSocket(bridgeAddress());
socket?.addEventListener("message", keep);

/**
 * The connection, once; whoever takes it listens from then on. undefined afterwards, where it did not last, and where
 * the preload's door is there instead.
 */
export function takeEarlySocket(): EarlySocket | undefined {
  const taken = socket;
  socket = undefined;
  taken?.removeEventListener("message", keep);
  return taken === undefined || taken.readyState > WebSocket.OPEN ? undefined : { socket: taken, said };
}
