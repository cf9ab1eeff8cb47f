/** The window in a browser from the side of an attacker: a page of another, who shares the browser, and one who has ours. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Page } from "playwright";
import { WebSocketServer } from "ws";
import { DISCONNECTED } from "../../unit/cli/values.ts";
import { startStandIn, type StandIn } from "../host/stand-in.ts";
import type { AppWindow } from "./app-window.ts";
import { says } from "./eventually.ts";
import { windowsForAll } from "./for-all-tests.ts";
import { Home } from "./pages/home.ts";

const windows = windowsForAll();
let agent: StandIn;
let app: AppWindow;
let neighbour: Server;
/** What the neighbour was asked for. */
let visits: string[];

beforeAll(async () => {
  neighbour = createServer((request, response) => {
    visits.push(request.url ?? "");
    const [type, body] = answerTo(request);
    response.writeHead(200, { "Content-Type": type }).end(body);
  });
  const sockets = new WebSocketServer({ noServer: true });
  neighbour.on("upgrade", (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (one) => one.close()),
  );
  neighbour.listen(0);
  await once(neighbour, "listening");
});
afterAll(() => {
  neighbour.closeAllConnections();
  neighbour.close();
});
beforeEach(async () => {
  visits = [];
  agent = await startStandIn(DISCONNECTED);
});
afterEach(() => agent[Symbol.asyncDispose]());

/** What a server answers that lets everybody have everything: each kind of request gets what suits it. */
function answerTo({ headers }: IncomingMessage): [type: string, body: string] {
  switch (headers["sec-fetch-dest"]) {
    case "script":
      return ["text/javascript", ""];
    case "style":
      return ["text/css", ""];
    case "image":
      return ["image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`];
    default:
      return ["text/html", "<!doctype html><title>neighbour</title>"];
  }
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function open(hostile: boolean): Promise<Page> {
  app = await windows.open(agent.socket, { hostile });
  await says(new Home(app.page).headline, "Not connected");
  return app.page;
}

/** The window is where it was, and what a person does in it reaches the agent. */
async function isUnharmed(): Promise<void> {
  const before = agent.askedFor("connect").length;
  const home = new Home(app.page);
  await says(home.headline, "Not connected");
  await home.turn();
  await expect.poll(() => agent.askedFor("connect").length).toBe(before + 1);
}

/** Tries everything that a page of another can try; says of each what came of it. */
function attack(page: Page, target: string): Promise<Record<string, string>> {
  return page.evaluate(`(async () => {
    const target = ${JSON.stringify(target)};
    const said = (promise) => promise.then(() => "answered", () => "refused");
    const event = (one, good) => new Promise((resolve) => {
      one.addEventListener(good, () => resolve("answered"));
      one.addEventListener("error", () => resolve("refused"));
    });
    const script = document.createElement("script");
    script.src = target + "/";
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = target + "/";
    const image = document.createElement("img");
    image.src = target + "/icon.svg";
    const outcomes = {
      script: event(script, "load"),
      style: event(style, "load"),
      image: event(image, "load"),
      read: said(fetch(target, { credentials: "include" })),
      opaque: said(fetch(target, { credentials: "include", mode: "no-cors" })),
      written: said(fetch(target, { credentials: "include", method: "POST", body: "{}" })),
      socket: event(new WebSocket(target.replace("http", "ws") + "/bridge"), "open"),
    };
    document.body.append(script, style, image);
    return Object.fromEntries(
      await Promise.all(Object.entries(outcomes).map(async ([name, outcome]) => [name, await outcome])),
    );
  })()`);
}

test.each(["127.0.0.1", "localhost"])(
  "a page of another at %s in the same browser gets nothing",
  async (name) => {
    const own = await open(false);
    const target = new URL(own.url()).origin;
    const page = await own.context().newPage();
    const lair = `http://${name}:${portOf(neighbour)}`;
    await page.goto(lair);
    // Where nobody minds, all of it works: what is refused below is refused by the window's host.
    expect(await attack(page, lair)).toEqual({
      ...{ script: "answered", style: "answered", image: "answered" },
      ...{ read: "answered", opaque: "answered", written: "answered", socket: "answered" },
    });
    expect(await attack(page, target)).toEqual({
      ...{ script: "refused", style: "refused", image: "refused" },
      ...{ read: "refused", opaque: "refused", written: "refused", socket: "refused" },
    });
    // In a frame there is nothing of it, and a window that was opened from there is out of reach.
    const frame = await page.evaluate<string>(`new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.src = ${JSON.stringify(target)};
    frame.addEventListener("load", () => resolve("loaded"));
    document.body.append(frame);
  })`);
    expect(frame).toBe("loaded");
    await expect.poll(() => page.frames().at(-1)?.url()).toContain("chrome-error:");
    const popup = page.waitForEvent("popup");
    await page.evaluate(`globalThis.opened = window.open(${JSON.stringify(target)}); undefined`);
    await (await popup).waitForLoadState();
    await expect.poll(() => page.evaluate("globalThis.opened.closed")).toBe(true);
    expect(await (await popup).evaluate("window.opener")).toBe(null);
    await page.close();
    expect(agent.asked.map(({ method }) => method)).not.toContain("connect");
    await isUnharmed();
  },
);

test("our own page, taken over, runs no text as a program and reaches nobody", async () => {
  const page = await open(true);
  const elsewhere = `http://127.0.0.1:${portOf(neighbour)}`;
  const did = await page.evaluate(`(async () => {
    const elsewhere = ${JSON.stringify(elsewhere)};
    const add = (name, fields) => {
      const one = Object.assign(document.createElement(name), fields);
      document.body.append(one);
      return one;
    };
    add("script", { textContent: "globalThis.ran = 'inline'" });
    add("script", { src: elsewhere + "/script" });
    add("script", { src: "data:text/javascript,globalThis.ran='data'" });
    add("img", { src: elsewhere + "/image" });
    add("iframe", { src: elsewhere + "/frame" });
    add("iframe", { srcdoc: "<script>parent.ran = 'srcdoc'</script>" });
    add("div", { innerHTML: "<img src=x onerror=\\"globalThis.ran = 'handler'\\">" });
    add("base", { href: elsewhere });
    navigator.sendBeacon(elsewhere + "/beacon", "x");
    const fetched = await fetch(elsewhere + "/fetch").then(() => true, () => false);
    // In a handler of the page's own: what a test evaluates is let through by the browser.
    window.addEventListener("keydown", () => {
      try { new Function("globalThis.ran = 'evaluated'")(); } catch { globalThis.refused = true; }
    });
    const worker = await new Promise((resolve) => {
      try {
        const one = new Worker(URL.createObjectURL(new Blob(["postMessage(1)"])));
        one.onmessage = () => resolve(true);
        one.onerror = () => resolve(false);
      } catch { resolve(false); }
    });
    return { fetched, worker };
  })()`);
  expect(did).toEqual({ fetched: false, worker: false });
  await page.keyboard.press("a");
  expect(await page.evaluate("[globalThis.ran, globalThis.refused]")).toEqual([undefined, true]);
  await isUnharmed();
  // Last, since the browser's driver waits for where it would lead.
  await page.evaluate(`(() => {
    const form = Object.assign(document.createElement("form"), { action: ${JSON.stringify(`${elsewhere}/form`)}, method: "post" });
    document.body.append(form);
    form.submit();
  })()`);
  expect(await page.evaluate("fetch('/').then(({ status }) => status)")).toBe(200);
  expect(visits).toEqual([]);
});

test.each([
  ["no JSON", `"{"`, [1008]],
  ["a field more", `JSON.stringify({ id: 1, name: "connect", params: {}, as: "root" })`, [1008]],
  ["bytes", `new Uint8Array([1, 2, 3])`, [1008]],
  ["a request for what is not there, which is refused in words", undefined, [1000]],
  // What was not read any more may take the reason with it.
  [
    "more than the bound",
    `JSON.stringify({ id: 1, name: "x", params: { a: "x".repeat(9 * 1024 * 1024) } })`,
    [1009, 1006],
  ],
] as const)(
  "our own page may open a second connection and send %s: the window goes on",
  async (_, message, codes) => {
    const page = await open(false);
    const ended = await page.evaluate(`new Promise((resolve) => {
    const socket = new WebSocket("ws://" + location.host + "/bridge");
    socket.onclose = ({ code }) => resolve(code);
    socket.onmessage = ({ data }) => {
      if (data.includes('"id":7') && data.includes("does not know")) socket.close(1000);
    };
    socket.onopen = () =>
      socket.send(${message ?? `JSON.stringify({ id: 7, name: "runProgram", params: {} })`});
  })`);
    expect(codes).toContain(ended);
    await isUnharmed();
  },
);
