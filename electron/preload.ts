/**
 * The one door between the page and the app. It runs in the sandbox, in a world of its own, and gives the page a
 * `Carrier` and nothing else: no channel's name, no event object, no way to send anything but text.
 */
import { contextBridge, ipcRenderer } from "electron";
import type { Carrier } from "../src/bridge/contract.ts";
import { REQUEST, SUBSCRIBE, UNSUBSCRIBE, UPDATE } from "./channels.ts";

const listeners = new Set<(update: unknown) => void>();
ipcRenderer.on(UPDATE, (_event, update: unknown) => {
  for (const listener of listeners) listener(update);
});

const carrier: Carrier = {
  // As text, so that the other side can bound and parse what it gets before anything is made of it.
  request: (name, params) => ipcRenderer.invoke(REQUEST, JSON.stringify({ name, params })),
  subscribe(listener) {
    listeners.add(listener);
    // The whole state comes anew, to every listener.
    ipcRenderer.send(SUBSCRIBE);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) ipcRenderer.send(UNSUBSCRIBE);
    };
  },
};

contextBridge.exposeInMainWorld("nanami", carrier);
