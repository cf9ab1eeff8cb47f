/** The window: made when it is opened, gone when it is closed, so that only the tray stays in memory. */
import { BrowserWindow, nativeTheme, screen, session, type NativeImage, type Session } from "electron";
import type { Desk } from "../../src/face/desk.ts";
import { boundsFor, LEAST_SIZE } from "./bounds.ts";
import { serveWindow } from "./bridge.ts";
import { hardenSession } from "./hardening.ts";
import { PAGE, servePage } from "./page.ts";
import type { PageFile } from "../../src/face/page-files.ts";

/** A page that died is loaded anew, but not again and again; milliseconds. */
const AGAIN_MS = 10_000;

export interface MainWindowOptions {
  readonly desk: Desk;
  readonly preload: string;
  readonly icon: NativeImage;
  readonly files: () => Promise<ReadonlyMap<string, PageFile>>;
  readonly developer: boolean;
  /** What was kept, from anywhere. */
  readonly bounds: () => unknown;
  readonly keepBounds: (bounds: unknown) => void;
  /** The person closes it: whether it goes, or is only minimised. Asked again at each time. */
  readonly mayGo: () => Promise<boolean>;
  /** The person turns away from it. */
  readonly onLeft: () => void;
}

export class MainWindow {
  readonly #options: MainWindowOptions;
  readonly #session: Session;
  #window: BrowserWindow | undefined;
  #leaving = false;

  constructor(options: MainWindowOptions) {
    this.#options = options;
    // Without "persist:" nothing of it is ever written.
    this.#session = session.fromPartition("nanami");
    hardenSession(this.#session);
    servePage(this.#session, options.files);
  }

  get isWatched(): boolean {
    return this.#window?.isFocused() ?? false;
  }

  get current(): BrowserWindow | undefined {
    return this.#window;
  }

  /** Opens it, or brings it to the front. */
  open(how: "shown" | "minimised" = "shown"): void {
    if (this.#window === undefined) this.#window = this.#create(how);
    else if (how === "shown") {
      if (this.#window.isMinimized()) this.#window.restore();
      this.#window.show();
      this.#window.focus();
    }
  }

  /** Lets it go for good, without asking. */
  leave(): void {
    this.#leaving = true;
    this.#window?.close();
  }

  #create(how: "shown" | "minimised"): BrowserWindow {
    const displays = screen.getAllDisplays().map(({ workArea }) => workArea);
    const { bounds, maximized } = boundsFor(this.#options.bounds(), displays);
    const window = new BrowserWindow({
      ...bounds,
      minWidth: LEAST_SIZE.width,
      minHeight: LEAST_SIZE.height,
      show: false,
      title: "Nanami",
      icon: this.#options.icon,
      backgroundColor: nativeTheme.shouldUseDarkColors ? "#0d1a24" : "#f4f7f9",
      autoHideMenuBar: true,
      webPreferences: {
        session: this.#session,
        preload: this.#options.preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInSubFrames: false,
        nodeIntegrationInWorker: false,
        webSecurity: true,
        webviewTag: false,
        navigateOnDragDrop: false,
        // A spelling dictionary would be fetched from a server of somebody else's.
        spellcheck: false,
        devTools: this.#options.developer,
      },
    });
    serveWindow(window.webContents, this.#options.desk);
    window.once("ready-to-show", () => {
      if (how === "minimised") window.minimize();
      else {
        if (maximized) window.maximize();
        window.show();
      }
    });
    window.on("blur", () => this.#options.onLeft());
    window.on("close", (event) => this.#closing(window, event));
    window.once("closed", () => {
      if (this.#window === window) this.#window = undefined;
    });
    let died = Number.NEGATIVE_INFINITY;
    window.webContents.on("render-process-gone", () => {
      const again = performance.now() - died > AGAIN_MS;
      died = performance.now();
      if (again) window.reload();
      else window.destroy();
    });
    void window.loadURL(PAGE).catch(() => undefined);
    return window;
  }

  #closing(window: BrowserWindow, event: { preventDefault(): void }): void {
    this.#options.keepBounds({ ...window.getNormalBounds(), maximized: window.isMaximized() });
    if (this.#leaving) return;
    event.preventDefault();
    void this.#options.mayGo().then((may) => {
      if (window.isDestroyed()) return;
      if (may) window.destroy();
      else window.minimize();
    });
  }
}
