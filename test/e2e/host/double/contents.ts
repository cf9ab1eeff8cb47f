/** The double's `WebContents`: a page of Chromium with the real preload in a world of its own. */
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as Electron from "electron";
import type { CDPSession, Page } from "playwright";
import { z } from "zod";
import { noteComplaints } from "../../app/complaints.ts";
import { Preventable } from "./preventable.ts";
import { asBrowserKnows, asElectronSays, type SessionDouble } from "./session.ts";

const WORLD = "electron-preload";
const BINDING = "__toMain";
const read = (name: string): string => readFileSync(join(import.meta.dirname, name), "utf8");
const PAGE_WORLD = read("page-world.js");
const PRELOAD_WORLD = read("preload-world.js");

const FromPreload = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("send"), channel: z.string(), args: z.array(z.unknown()) }),
  z.object({ kind: z.literal("invoke"), id: z.number(), channel: z.string(), args: z.array(z.unknown()) }),
]);
type FromPreload = z.infer<typeof FromPreload>;

type Handler = (event: unknown, ...args: unknown[]) => unknown;

/** Who sent a message: a frame of the page, as far as the app looks at one. */
export interface FrameDouble {
  readonly url: string;
}

class MainFrame implements FrameDouble {
  readonly #contents: ContentsDouble;
  constructor(contents: ContentsDouble) {
    this.#contents = contents;
  }
  get url(): string {
    return this.#contents.getURL();
  }
}

export class ContentsDouble extends EventEmitter {
  readonly session: SessionDouble;
  readonly page: Promise<Page>;
  readonly mainFrame: FrameDouble = new MainFrame(this);
  /** What a browser's console should never say. */
  readonly problems: string[] = [];
  readonly #handlers = new Map<string, Handler>();
  readonly #listeners = new EventEmitter();
  #opener: Parameters<Electron.WebContents["setWindowOpenHandler"]>[0] | undefined;
  #url = "";
  #cdp: CDPSession | undefined;
  #world: number | undefined;
  #destroyed = false;

  constructor(session: SessionDouble, preload: string) {
    super();
    this.session = session;
    this.page = this.#open(preload);
    session.onNavigation = (url, isMainFrame) => this.#navigating(url, isMainFrame);
  }

  readonly ipc = {
    handle: (channel: string, handler: Handler): void => void this.#handlers.set(channel, handler),
    on: (channel: string, listener: Handler): unknown => this.#listeners.on(channel, listener),
  };

  getURL(): string {
    return this.#url;
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  setWindowOpenHandler(handler: Parameters<Electron.WebContents["setWindowOpenHandler"]>[0]): void {
    this.#opener = handler;
  }

  send(channel: string, ...args: unknown[]): void {
    void this.#deliver({ kind: "event", channel, args: structuredClone(args) });
  }

  async load(url: string): Promise<void> {
    const page = await this.page;
    this.session.loading.add(url);
    this.#url = url;
    await page.goto(asBrowserKnows(url), { waitUntil: "domcontentloaded" });
  }

  async destroy(): Promise<void> {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.emit("destroyed");
    const page = await this.page;
    await page.close();
  }

  /** As `ipcRenderer.invoke` from a frame of the test's choosing. */
  invokeAs(senderFrame: FrameDouble | null, channel: string, ...args: unknown[]): Promise<unknown> {
    const handler = this.#handlers.get(channel);
    if (handler === undefined) return Promise.reject(new Error(`No handler registered for '${channel}'`));
    const event = { type: "frame", sender: this, senderFrame };
    return Promise.resolve(handler(event, ...structuredClone(args))).then((value) => structuredClone(value));
  }

  /** Runs in the preload's world, as somebody who has taken over the page's process could. */
  async evaluateInPreload(expression: string): Promise<unknown> {
    const answer = await this.#cdp?.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
      ...(this.#world === undefined ? {} : { contextId: this.#world }),
    });
    if (answer?.exceptionDetails !== undefined) throw new Error(answer.exceptionDetails.text);
    return answer?.result.value;
  }

  async #open(preload: string): Promise<Page> {
    const context = await this.session.context;
    const page = await context.newPage();
    this.#watch(page);
    const cdp = await context.newCDPSession(page);
    this.#cdp = cdp;
    const top = (await cdp.send("Page.getFrameTree")).frameTree.frame.id;
    cdp.on("Runtime.executionContextCreated", ({ context: { id, name, auxData } }) => {
      const of = z.object({ frameId: z.string() }).safeParse(auxData);
      // Frames inside the page have such a world too, in which nothing runs.
      if (name === WORLD && of.data?.frameId === top) this.#world = id;
    });
    cdp.on("Runtime.bindingCalled", ({ name, payload, executionContextId }) => {
      if (name === BINDING && executionContextId === this.#world)
        void this.#fromPreload(FromPreload.parse(JSON.parse(payload)));
    });
    await cdp.send("Page.enable");
    await cdp.send("Runtime.enable");
    await cdp.send("Runtime.addBinding", { name: BINDING, executionContextName: WORLD });
    const source = PRELOAD_WORLD.replace("/*PRELOAD*/", () => readFileSync(preload, "utf8"));
    await cdp.send("Page.addScriptToEvaluateOnNewDocument", { source: PAGE_WORLD });
    await cdp.send("Page.addScriptToEvaluateOnNewDocument", { source, worldName: WORLD });
    return page;
  }

  #watch(page: Page): void {
    noteComplaints(page, this.problems);
    page.on("domcontentloaded", () => this.emit("dom-ready"));
    page.on("popup", (popup) => {
      const details = { url: asElectronSays(popup.url()) };
      // The app is given what it looks at: the address.
      const { action } = this.#opener?.(details as Electron.HandlerDetails) ?? { action: "allow" };
      if (action === "deny") void popup.close();
    });
    page.on("download", (download) => {
      const event = new Preventable();
      this.session.emit("will-download", event, download, this);
      if (event.isPrevented) void download.cancel();
    });
  }

  #navigating(url: string, isMainFrame: boolean): void {
    const event = Object.assign(new Preventable(), { url, isMainFrame });
    if (isMainFrame) this.emit("will-navigate", event, url);
    this.emit("will-frame-navigate", event);
    if (!event.isPrevented) this.#url = url;
  }

  async #fromPreload(message: FromPreload): Promise<void> {
    if (message.kind === "send") {
      this.#listeners.emit(
        message.channel,
        { type: "frame", sender: this, senderFrame: this.mainFrame },
        ...message.args,
      );
      return;
    }
    const answer = await this.invokeAs(this.mainFrame, message.channel, ...message.args).then(
      (value) => ({ ok: true, value }),
      (error: unknown) => ({ ok: false, value: error instanceof Error ? error.message : String(error) }),
    );
    await this.#deliver({ kind: "answer", id: message.id, ...answer });
  }

  async #deliver(message: unknown): Promise<void> {
    if (this.#world === undefined || this.#destroyed) return;
    await this.#cdp
      ?.send("Runtime.evaluate", {
        expression: `__fromMain(${JSON.stringify(message)})`,
        contextId: this.#world,
      })
      // The page went away meanwhile, as pages do.
      .catch(() => undefined);
  }
}
