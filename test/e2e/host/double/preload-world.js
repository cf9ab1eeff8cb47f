// In a world of its own beside the page: what Electron gives a sandboxed preload, then the preload itself, whose
// text takes the place of the last line but one. `__toMain` is the binding that only this world has.
(() => {
  if (window !== window.top || location.protocol === "about:") return;
  const send = (name, detail) => window.dispatchEvent(new CustomEvent(`double:${name}`, { detail }));
  const listen = (name, take) => window.addEventListener(`double:${name}`, ({ detail }) => take(detail));
  const functions = new Map();
  const exposed = [];
  const waiting = new Map();
  const channels = new Map();
  let last = 0;
  const keep = (fn) => {
    functions.set((last += 1), fn);
    return last;
  };

  listen("call", ({ id, fn, args }) => {
    const given = args.map((one) =>
      "callback" in one
        ? (...values) => send("callback", { callback: one.callback, args: structuredClone(values) })
        : one.value,
    );
    let answer;
    try {
      const result = functions.get(fn)(...given);
      if (typeof result === "function") answer = { fn: keep(result) };
      else if (typeof result?.then === "function") {
        answer = { promise: true };
        result.then(
          (value) => send("settle", { id, ok: true, value }),
          (error) => send("settle", { id, ok: false, value: String(error?.message ?? error) }),
        );
      } else answer = { value: result };
    } catch (error) {
      answer = { error: String(error?.message ?? error) };
    }
    send("return", answer);
  });
  listen("hello", () => exposed.forEach((one) => send("expose", one)));

  const toMain = (message) => {
    // As Electron does: what cannot be cloned does not leave.
    structuredClone(message);
    globalThis.__toMain(JSON.stringify(message));
  };
  globalThis.__fromMain = (message) => {
    if (message.kind === "event")
      for (const listener of channels.get(message.channel) ?? []) listener({ sender: null }, ...message.args);
    else {
      const { resolve, reject } = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.ok) resolve(message.value);
      else reject(new Error(message.value));
    }
  };
  const ipcRenderer = {
    on(channel, listener) {
      channels.set(channel, [...(channels.get(channel) ?? []), listener]);
    },
    send: (channel, ...args) => toMain({ kind: "send", channel, args }),
    invoke: (channel, ...args) =>
      new Promise((resolve, reject) => {
        const id = (last += 1);
        waiting.set(id, { resolve, reject });
        toMain({ kind: "invoke", id, channel, args });
      }),
  };
  const contextBridge = {
    exposeInMainWorld(key, api) {
      const shape = Object.fromEntries(
        Object.entries(api).map(([name, member]) => [
          name,
          typeof member === "function" ? { fn: keep(member) } : { value: structuredClone(member) },
        ]),
      );
      exposed.push({ key, shape });
      send("expose", { key, shape });
    },
  };
  // For tests of a page that has taken over its process: what a preload can do, it can.
  globalThis.__ipcRenderer = ipcRenderer;
  const require = (name) => {
    if (name !== "electron") throw new Error(`module not found: ${name}`);
    return { contextBridge, ipcRenderer };
  };
  (function preload(require) {
    void require;
    /*PRELOAD*/
  })(require);
})();
