/** The double's `BrowserWindow`. */
import { EventEmitter } from "node:events";
import type * as Electron from "electron";
import { ContentsDouble } from "./contents.ts";
import { Preventable } from "./preventable.ts";
import { SessionDouble } from "./session.ts";
import type { Surface } from "./surface.ts";

/** What no window of ours may have, whatever else it asks for. */
function refuseInsecure(preferences: Electron.WebPreferences): void {
  const wanted = {
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webviewTag: false,
  } as const;
  for (const [name, value] of Object.entries(wanted))
    if (preferences[name as keyof typeof wanted] !== value)
      throw new Error(`insecure webPreferences: ${name}`);
  const never = [
    "nodeIntegrationInSubFrames",
    "nodeIntegrationInWorker",
    "allowRunningInsecureContent",
    "experimentalFeatures",
    "enableBlinkFeatures",
    "navigateOnDragDrop",
    "plugins",
  ] as const;
  for (const name of never) if (preferences[name]) throw new Error(`insecure webPreferences: ${name}`);
  if (preferences.webSecurity === false) throw new Error("insecure webPreferences: webSecurity");
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export class WindowDouble
  extends EventEmitter
  implements
    Surface<
      Electron.BrowserWindow,
      "close" | "destroy" | "focus" | "isDestroyed" | "isFocused" | "isMaximized" | "isMinimized"
    >,
    Surface<
      Electron.BrowserWindow,
      "getNormalBounds" | "loadURL" | "maximize" | "minimize" | "reload" | "restore" | "show"
    >
{
  readonly webContents: ContentsDouble;
  readonly options: Electron.BrowserWindowConstructorOptions;
  bounds: Rectangle;
  #state: "hidden" | "shown" | "minimised" = "hidden";
  #maximized = false;
  #focused = false;
  #destroyed = false;

  constructor(options: Electron.BrowserWindowConstructorOptions, created: (window: WindowDouble) => void) {
    super();
    const preferences = options.webPreferences ?? {};
    refuseInsecure(preferences);
    // What the app was given by `fromPartition`, which is a double as well.
    const session: unknown = preferences.session;
    if (!(session instanceof SessionDouble)) throw new Error("the window has no session of its own");
    if (preferences.preload === undefined) throw new Error("the window has no preload");
    this.options = options;
    const { x = 100, y = 100, width = 800, height = 600 } = options;
    this.bounds = { x, y, width, height };
    this.webContents = new ContentsDouble(session, preferences.preload);
    created(this);
  }

  get state(): "hidden" | "shown" | "minimised" {
    return this.#state;
  }

  async loadURL(url: string): Promise<void> {
    await this.webContents.load(url);
    if (!this.#destroyed) this.emit("ready-to-show");
  }

  reload(): void {
    // A window that is closed meanwhile ends it.
    this.webContents.load(this.webContents.getURL()).catch(() => undefined);
  }

  show(): void {
    this.#state = "shown";
    this.focus();
  }

  focus(): void {
    this.#focused = true;
    this.emit("focus");
  }

  /** The person looks elsewhere. */
  blur(): void {
    this.#focused = false;
    this.emit("blur");
  }

  minimize(): void {
    this.#state = "minimised";
    this.blur();
  }

  restore(): void {
    this.#state = "shown";
  }

  maximize(): void {
    this.#maximized = true;
  }

  isMinimized(): boolean {
    return this.#state === "minimised";
  }

  isMaximized(): boolean {
    return this.#maximized;
  }

  isFocused(): boolean {
    return this.#focused;
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  getNormalBounds(): Rectangle {
    return this.bounds;
  }

  /** As the person's click on the window's cross. */
  close(): void {
    if (this.#destroyed) return;
    const event = new Preventable();
    this.emit("close", event);
    if (!event.isPrevented) this.destroy();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#focused = false;
    void this.webContents.destroy();
    this.emit("closed");
  }
}
