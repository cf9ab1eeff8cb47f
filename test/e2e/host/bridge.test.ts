/** The border between a page and the app, from the side of an attacker who has the page. */
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DISCONNECTED } from "../../unit/cli/values.ts";
import { closeHosts, STARTERS, startOnDouble } from "./hosts.ts";
import { ask, stateSeen } from "./page-request.ts";
import { startStandIn, type StandIn } from "./stand-in.ts";

const MAX_MESSAGE = 8 * 1024 * 1024;
let agent: StandIn;

beforeEach(async () => {
  agent = await startStandIn(DISCONNECTED);
});
afterEach(() => agent[Symbol.asyncDispose]());
afterAll(closeHosts);

const badRequest = { ok: false, problem: { code: "bad_request" } };

describe.each(STARTERS)("$name", ({ start }) => {
  test("a page has two functions and nothing of the runtime; one that lies is answered in words", async () => {
    await using app = await start({ socket: agent.socket });
    const page = await app.page();
    expect(
      await page.evaluate(() => ({
        own: Object.keys(globalThis.nanami ?? {}),
        frozen: Object.isFrozen(globalThis.nanami),
        runtime: ["require", "process", "module", "Buffer", "electron", "ipcRenderer"].filter(
          (name) => name in globalThis,
        ),
      })),
    ).toEqual({ own: ["request", "subscribe"], frozen: true, runtime: [] });
    await expect.poll(async () => (await stateSeen(page)).agent).toMatchObject({ state: "ready" });
    for (const [name, params] of [
      ["runProgram", {}],
      ["__proto__", {}],
      ["constructor", {}],
      ["subscribe", {}],
      ["connect", { mode: "everything" }],
      ["connect", { mode: "full_tunnel", socket: "/tmp/other" }],
      ["openPlace", { place: "https://example.com/" }],
      ["saveFile", { kind: "conf", name: "x", bytes: "bm90aGluZw==", path: "/etc/passwd" }],
      ["saveFile", { kind: "sh", name: "x", bytes: "" }],
      ["setPresentation", { language: "xx" }],
      ["dismissOffer", { id: "x".repeat(100) }],
      ["readLink", "nanami://enroll"],
      ["readLink", null],
      ["readLink", [{ link: "x" }]],
      ["x".repeat(5000), {}],
    ] as const)
      expect(await ask(page, name, params), name).toMatchObject(badRequest);
    const large = await page.evaluate(
      (length) => globalThis.nanami?.request("importBytes", { bytes: "A".repeat(length) }),
      MAX_MESSAGE,
    );
    expect(large).toMatchObject(badRequest);
    expect(agent.asked.filter(({ method }) => !["listProfiles", "noteEvent"].includes(method))).toEqual([]);
    expect(await app.openedOutside()).toEqual([]);
    expect(await ask(page, "openPlace", { place: "wireguard" })).toMatchObject({ ok: true });
    expect(await app.openedOutside()).toEqual(["https://www.wireguard.com/"]);
  });

  test("a page goes nowhere, opens nothing and reaches nobody", async () => {
    await using app = await start({ socket: agent.socket, hostile: true });
    const page = await app.page();
    const before = page.url();
    const reached = await page.evaluate(async () => {
      const { document, fetch, open } = globalThis as unknown as {
        document: {
          createElement(name: string): Record<string, unknown>;
          body: { append(one: unknown): void };
        };
        fetch: (url: string) => Promise<unknown>;
        open: (url: string) => unknown;
      };
      open("https://example.com/window");
      const frame = document.createElement("iframe");
      frame["src"] = "https://example.com/frame";
      document.body.append(frame);
      return fetch("https://example.com/fetch").then(
        () => true,
        () => false,
      );
    });
    expect(reached).toBe(false);
    for (const url of ["https://example.com/", "file:///etc/passwd", "app://other/index.html"])
      await page.evaluate((target) => {
        (globalThis as unknown as { location: { href: string } }).location.href = target;
      }, url);
    // The page still stands where it stood, with its door, and alone.
    await expect.poll(() => page.evaluate(() => typeof globalThis.nanami)).toBe("object");
    expect(page.url()).toBe(before);
    await expect.poll(() => page.context().pages().length).toBe(1);
    expect(await ask(page, "readLink", { link: "x" })).toMatchObject(badRequest);
  });
});

describe("on the double alone", () => {
  test("only the top frame of our own page may ask, in text that can be read", async () => {
    await using app = await startOnDouble({ socket: agent.socket });
    await app.page();
    const contents = app.double.window?.webContents;
    if (contents === undefined) throw new Error("there is no window");
    const text = JSON.stringify({ name: "connect", params: {} });
    const strangers = [
      null,
      { url: "https://example.com/" },
      { url: "app://nanami/index.html" },
      { url: "app://nanami.example.com/index.html" },
    ];
    for (const frame of strangers)
      expect(await contents.invokeAs(frame, "nanami:request", text)).toMatchObject(badRequest);
    for (const given of [
      undefined,
      null,
      7,
      { name: "connect", params: {} },
      [text],
      "{",
      "null",
      '"connect"',
      JSON.stringify({ name: "connect" }),
      JSON.stringify({ name: "connect", params: [] }),
      JSON.stringify({ name: "connect", params: {}, more: 1 }),
      JSON.stringify({ name: 7, params: {} }),
      " ".repeat(MAX_MESSAGE + 1),
      "é".repeat(MAX_MESSAGE / 2 + 1),
    ])
      expect(await contents.invokeAs(contents.mainFrame, "nanami:request", given)).toMatchObject(badRequest);
    await expect(contents.invokeAs(contents.mainFrame, "electron-store-get-data")).rejects.toThrow(
      "No handler",
    );
    expect(agent.askedFor("connect")).toEqual([]);
    await contents.invokeAs(contents.mainFrame, "nanami:request", text);
    expect(agent.askedFor("connect")).toHaveLength(1);
  });

  test("a page that has taken over its process gets no more than the page had, and not without end", async () => {
    const held = Promise.withResolvers<[]>();
    await using slow = await startStandIn(DISCONNECTED, { gateways: () => held.promise });
    await using app = await startOnDouble({ socket: slow.socket });
    const page = await app.page();
    await expect.poll(async () => (await stateSeen(page)).agent).toMatchObject({ state: "ready" });
    const contents = app.double.window?.webContents;
    await contents?.evaluateInPreload(`globalThis.refused = 0;
      for (let count = 0; count < 200; count += 1)
        __ipcRenderer
          .invoke("nanami:request", '{"name":"gateways","params":{}}')
          .then(({ ok }) => (globalThis.refused += ok ? 0 : 1));`);
    // All but the 32 that may wait at a time, of which the page's own may be some.
    await expect.poll(() => contents?.evaluateInPreload("globalThis.refused")).toBeGreaterThanOrEqual(168);
    held.resolve([]);
    expect(
      await contents?.evaluateInPreload(
        `__ipcRenderer.invoke("nanami:other", "{}").then(() => "answered", (error) => error.message)`,
      ),
    ).toContain("No handler");
    expect(await contents?.evaluateInPreload("typeof require")).toBe("undefined");
  });

  test("a window that nobody sees is told nothing, and everything when it is seen again", async () => {
    await using app = await startOnDouble({ socket: agent.socket });
    const page = await app.page();
    await expect.poll(async () => (await stateSeen(page)).agent).toMatchObject({ state: "ready" });
    const contents = app.double.window?.webContents;
    if (contents === undefined) throw new Error("there is no window");
    const hide = (hidden: boolean) =>
      page.evaluate((isHidden) => {
        const { document, Event } = globalThis as unknown as {
          document: { dispatchEvent(event: unknown): void };
          Event: new (name: string) => unknown;
        };
        Object.defineProperty(document, "hidden", { get: () => isHidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await hide(true);
    await ask(page, "getSettings", {});
    const told = vi.spyOn(contents, "send");
    agent.say({ announcement: "while nobody saw it" });
    // The agent's answer comes behind what it told before.
    await ask(page, "getSettings", {});
    expect(told).not.toHaveBeenCalled();
    await hide(false);
    await expect.poll(() => JSON.stringify(told.mock.calls)).toContain("while nobody saw it");
  });

  test("no permission, no download, no request but for our own files", async () => {
    await using app = await startOnDouble({ socket: agent.socket, hostile: true });
    const page = await app.page();
    const { window } = app.double;
    if (window === undefined) throw new Error("there is no window");
    const { session } = window.webContents;
    const contents = window.webContents as never;
    for (const permission of [
      "media",
      "geolocation",
      "notifications",
      "hid",
      "openExternal",
      "clipboard-read",
    ])
      expect(await session.asks(permission, contents), permission).toBe(false);
    expect(await session.asks("clipboard-sanitized-write", contents)).toBe(true);

    const status = (path: string) =>
      page.evaluate((target) => fetch(target).then(({ status }) => status), path);
    expect(await status("/index.html")).toBe(200);
    for (const path of [
      "/../main/main.js",
      "/..%2fmain%2fmain.js",
      "/%2e%2e/preload/preload.cjs",
      "/nowhere",
    ])
      expect(await status(path), path).toBe(404);
    const policy = await page.evaluate(() =>
      fetch("/index.html").then(({ headers }) => headers.get("content-security-policy")),
    );
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self';");

    let downloads = 0;
    session.on("will-download", () => (downloads += 1));
    await page.evaluate(() => {
      const { document } = globalThis as unknown as {
        document: { createElement(name: string): { href: string; download: string; click(): void } };
      };
      const anchor = document.createElement("a");
      anchor.href = URL.createObjectURL(new Blob(["x"]));
      anchor.download = "x.sh";
      anchor.click();
    });
    await expect.poll(() => downloads).toBe(1);
    expect(session.strayRequests).toEqual([]);

    // A window with less could not even be made.
    expect(app.double.window?.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    });
    const { BrowserWindow } = app.double.module();
    const { webPreferences = {} } = app.double.window?.options ?? {};
    for (const weaker of [
      { sandbox: false },
      { contextIsolation: false },
      { nodeIntegration: true },
      { webviewTag: true },
      { webSecurity: false },
      { nodeIntegrationInSubFrames: true },
    ])
      expect(() => new BrowserWindow({ webPreferences: { ...webPreferences, ...weaker } })).toThrow(
        "insecure webPreferences",
      );
  });

  test("a page that dies is loaded anew, and given up when it dies again", async () => {
    await using app = await startOnDouble({ socket: agent.socket });
    const page = await app.page();
    const contents = app.double.window?.webContents;
    contents?.emit("render-process-gone", {}, { reason: "crashed" });
    await page.waitForLoadState("load");
    expect(await app.windowState()).toBe("shown");
    contents?.emit("render-process-gone", {}, { reason: "crashed" });
    expect(await app.windowState()).toBe("none");
    await app.startAgain([]);
    await app.page();
  });
});
