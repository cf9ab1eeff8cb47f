// In the page's own world: what `contextBridge` gave it, as functions that reach the preload's world. Everything
// crosses as the detail of an event, which the browser structured-clones between worlds.
(() => {
  if (window !== window.top) return;
  const send = (name, detail) => window.dispatchEvent(new CustomEvent(`double:${name}`, { detail }));
  const callbacks = new Map();
  const waiting = new Map();
  let last = 0;
  let returned;
  const remote = (fn) =>
    function call(...given) {
      const id = (last += 1);
      const args = given.map((value) => {
        if (typeof value !== "function") return { value };
        const callback = (last += 1);
        callbacks.set(callback, value);
        return { callback };
      });
      returned = undefined;
      send("call", { id, fn, args });
      const answer = returned;
      if (answer === undefined) throw new Error("An object could not be cloned.");
      if ("error" in answer) throw new Error(answer.error);
      if ("fn" in answer) return remote(answer.fn);
      if ("promise" in answer) return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
      return answer.value;
    };
  const listen = (name, take) => window.addEventListener(`double:${name}`, ({ detail }) => take(detail));
  listen("return", (answer) => (returned = answer));
  listen("settle", ({ id, ok, value }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (ok) resolve(value);
    else reject(new Error(value));
  });
  listen("callback", ({ callback, args }) => callbacks.get(callback)(...args));
  listen("expose", ({ key, shape }) => {
    if (key in window) return;
    const entries = Object.entries(shape).map(([name, member]) => [
      name,
      "fn" in member ? remote(member.fn) : member.value,
    ]);
    Object.defineProperty(window, key, {
      value: Object.freeze(Object.fromEntries(entries)),
      enumerable: true,
    });
  });
  send("hello", null);
})();
