/** What carries this window's requests: the preload's door under Electron, else a WebSocket to who served the page. */
import type { Carrier } from "../../src/bridge/outcome.ts";
import { answer } from "./browser-requests.ts";
import { bridgeAddress, takeEarlySocket } from "./early-socket.ts";
import { socketCarrier } from "./socket-carrier.ts";

declare global {
  interface Window {
    /** Put there by the preload script; absent in a plain browser window. */
    readonly nanami?: Carrier;
  }
}

export function openCarrier(): Carrier {
  return (
    window.nanami ?? socketCarrier({ url: bridgeAddress(), first: takeEarlySocket(), inBrowser: answer })
  );
}
