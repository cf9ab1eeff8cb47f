/**
 * A double of the Electron API: what the app uses of it, with windows that are pages of Chromium, and everything
 * else recorded and triggered by tests. Held against `electron.d.ts`, so that it cannot drift.
 */
import { EventEmitter } from "node:events";
import { join } from "node:path";
import type * as Electron from "electron";
import type { Browser } from "playwright";
import { SessionDouble } from "./session.ts";
import type { Surface } from "./surface.ts";
import { WindowDouble } from "./window.ts";

export interface DoubleOptions {
  readonly browser: Browser;
  /** Folder of the app's own data; two apps with the same are instances of one. */
  readonly userData: string;
  readonly packaged: boolean;
  /** Language of the system, as a tag. */
  readonly language: string;
  readonly displays: readonly Electron.Rectangle[];
}

/** Who holds the lock of each folder. */
const holders = new Map<string, ElectronDouble>();

class ImageDouble {
  readonly representations: { scaleFactor: number; buffer: Buffer }[] = [];
  addRepresentation({ scaleFactor = 1, buffer }: Electron.AddRepresentationOptions): void {
    if (buffer !== undefined) this.representations.push({ scaleFactor, buffer });
  }
  /** macOS alone looks at it. */
  setTemplateImage(): void {
    return;
  }
}

export class TrayDouble extends EventEmitter implements Surface<Electron.Tray, "destroy" | "setToolTip"> {
  image: ImageDouble;
  toolTip = "";
  menu: MenuDouble | null = null;
  destroyed = false;
  constructor(image: ImageDouble, created: (tray: TrayDouble) => void) {
    super();
    this.image = image;
    created(this);
  }
  setImage(image: ImageDouble): void {
    this.image = image;
  }
  setToolTip(toolTip: string): void {
    this.toolTip = toolTip;
  }
  setContextMenu(menu: MenuDouble | null): void {
    this.menu = menu;
  }
  destroy(): void {
    this.destroyed = true;
  }
}

type Template = readonly Electron.MenuItemConstructorOptions[];

export class MenuDouble {
  readonly template: Template;
  constructor(template: Template) {
    this.template = template;
  }
}

export class NotificationDouble
  extends EventEmitter
  implements Surface<Electron.Notification, "close" | "show">
{
  readonly options: Electron.NotificationConstructorOptions;
  readonly #shown: (notification: NotificationDouble) => void;
  constructor(
    options: Electron.NotificationConstructorOptions,
    shown: (notification: NotificationDouble) => void,
  ) {
    super();
    this.options = options;
    this.#shown = shown;
  }
  show(): void {
    this.#shown(this);
  }
  close(): void {
    this.emit("close");
  }
}

export class ElectronDouble {
  readonly options: DoubleOptions;
  readonly windows: WindowDouble[] = [];
  readonly trays: TrayDouble[] = [];
  readonly notifications: NotificationDouble[] = [];
  /** Addresses that the app opened in the system's browser. */
  readonly openedOutside: string[] = [];
  readonly protocols: string[] = [];
  readonly app = new EventEmitter();
  readonly powerMonitor = new EventEmitter();
  readonly nativeTheme: Pick<Electron.NativeTheme, "themeSource" | "shouldUseDarkColors">;
  /** What the person answers in the next dialogs. */
  chosenFiles: readonly string[] = [];
  chosenPlace: string | null = null;
  /** Options of the last dialog. */
  lastDialog: Electron.OpenDialogOptions | Electron.SaveDialogOptions | undefined;
  /** Resolved when the app has ended. */
  readonly ended: Promise<void>;
  isEnded = false;
  #end: () => void = () => undefined;
  readonly #words: readonly string[];
  readonly #sessions = new Map<string, SessionDouble>();
  readonly #ipcMain = new EventEmitter();

  constructor(options: DoubleOptions, words: readonly string[]) {
    this.options = options;
    this.#words = words;
    this.nativeTheme = { themeSource: "system", shouldUseDarkColors: false };
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  get window(): WindowDouble | undefined {
    return this.windows.find((window) => !window.isDestroyed());
  }

  get tray(): TrayDouble | undefined {
    return this.trays.find((tray) => !tray.destroyed);
  }

  /** As `app.quit()`: a window may keep the app from ending. */
  quit(): void {
    if (this.isEnded) return;
    this.app.emit("before-quit", {});
    for (const window of this.windows) window.close();
    if (this.window !== undefined) return;
    this.isEnded = true;
    if (holders.get(this.options.userData) === this) holders.delete(this.options.userData);
    void this.#closeSessions();
  }

  /** The module that the app imports as `electron`. */
  module() {
    const { options } = this;
    const windows = (created: WindowDouble): void => this.#adopt(created);
    const trays = (created: TrayDouble): void => void this.trays.push(created);
    const shown = (notification: NotificationDouble): void => void this.notifications.push(notification);

    const app = Object.assign(this.app, {
      isPackaged: options.packaged,
      requestSingleInstanceLock: (data) => this.#lock(data),
      quit: () => this.quit(),
      whenReady: () => Promise.resolve(),
      enableSandbox: () => undefined,
      setAppUserModelId: () => undefined,
      setAsDefaultProtocolClient: (scheme) => {
        this.protocols.push(scheme);
        return true;
      },
      setLoginItemSettings: () => undefined,
      getPath: (name) => (name === "userData" ? options.userData : join(options.userData, name)),
      getVersion: () => "0.0.0-test",
      getAppPath: () => process.cwd(),
      getPreferredSystemLanguages: () => [options.language],
    } satisfies Surface<
      Electron.App,
      | "enableSandbox"
      | "getAppPath"
      | "getPath"
      | "getPreferredSystemLanguages"
      | "getVersion"
      | "isPackaged"
      | "quit"
      | "requestSingleInstanceLock"
      | "setAppUserModelId"
      | "setAsDefaultProtocolClient"
      | "setLoginItemSettings"
      | "whenReady"
    >);
    const dialog = {
      // The window comes first, if there is one.
      showOpenDialog: (...given: unknown[]) => {
        this.lastDialog = given.at(-1) as Electron.OpenDialogOptions;
        return Promise.resolve({
          canceled: this.chosenFiles.length === 0,
          filePaths: [...this.chosenFiles],
        });
      },
      showSaveDialog: (...given: unknown[]) => {
        this.lastDialog = given.at(-1) as Electron.SaveDialogOptions;
        return Promise.resolve({ canceled: this.chosenPlace === null, filePath: this.chosenPlace ?? "" });
      },
    } satisfies Surface<Electron.Dialog, "showOpenDialog" | "showSaveDialog">;
    const shell = {
      openExternal: (url) => {
        this.openedOutside.push(url);
        return Promise.resolve();
      },
    } satisfies Surface<Electron.Shell, "openExternal">;
    const screen = {
      getAllDisplays: () => options.displays.map((workArea) => ({ workArea }) as Electron.Display),
    } satisfies Surface<Electron.Screen, "getAllDisplays">;
    const protocol = {
      registerSchemesAsPrivileged: () => undefined,
    } satisfies Surface<Electron.Protocol, "registerSchemesAsPrivileged">;

    return {
      app,
      dialog,
      shell,
      screen,
      protocol,
      powerMonitor: this.powerMonitor,
      nativeTheme: this.nativeTheme,
      ipcMain: this.#ipcMain,
      session: { fromPartition: (partition: string) => this.#session(partition) },
      nativeImage: {
        createEmpty: () => new ImageDouble(),
        createFromBuffer: (buffer: Buffer) => {
          const image = new ImageDouble();
          image.addRepresentation({ buffer });
          return image;
        },
      },
      BrowserWindow: class extends WindowDouble {
        constructor(given: Electron.BrowserWindowConstructorOptions) {
          super(given, windows);
        }
      },
      Tray: class extends TrayDouble {
        constructor(image: ImageDouble) {
          super(image, trays);
        }
      },
      Notification: class extends NotificationDouble {
        static isSupported(): boolean {
          return true;
        }
        constructor(given: Electron.NotificationConstructorOptions) {
          super(given, shown);
        }
      },
      Menu: {
        buildFromTemplate: (template: Template) => new MenuDouble(template),
        setApplicationMenu: () => undefined,
      },
    } satisfies Partial<Record<keyof typeof Electron, unknown>>;
  }

  #session(partition: string): SessionDouble {
    const session =
      this.#sessions.get(partition) ?? new SessionDouble(this.options.browser, this.options.language);
    this.#sessions.set(partition, session);
    return session;
  }

  #adopt(window: WindowDouble): void {
    this.windows.push(window);
    this.app.emit("web-contents-created", {}, window.webContents);
    window.once("closed", () => {
      if (this.window === undefined) this.app.emit("window-all-closed");
    });
  }

  #lock(data: unknown): boolean {
    const holder = holders.get(this.options.userData);
    if (holder === undefined) {
      holders.set(this.options.userData, this);
      return true;
    }
    holder.app.emit("second-instance", {}, [...this.#words], process.cwd(), structuredClone(data));
    return false;
  }

  async #closeSessions(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session.context).close();
    this.#end();
  }
}
