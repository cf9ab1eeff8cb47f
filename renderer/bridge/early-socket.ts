/**
 * The window's first connection to the host that served it, opened before anything else of the program has run: the
 * host answers with the whole state while the rest is still beginning. Imports nothing, so that nothing comes before.
 */

/** Where the bridge is of the host that served this page. */
export function bridgeAddress(): URL {
  const url = new URL("bridge", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = "";
  url.hash = "";
  return url;
}

let socket: WebSocket | undefined = "nanami" in window ? undefined : new WebSocket(bridgeAddress());

/** The connection, once; undefined afterwards, and where the preload's door is there instead. */
export function takeEarlySocket(): WebSocket | undefined {
  const taken = socket;
  socket = undefined;
  return taken;
}
