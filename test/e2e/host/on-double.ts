/** The app on the double of Electron's API. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MenuItemConstructorOptions } from "electron";
import type { Browser, Page } from "playwright";
import { expect } from "vitest";
import type { AppUnderTest, StartOptions, TrayEntry } from "./app-under-test.ts";
import type { ElectronDouble, DoubleOptions } from "./double/electron-double.ts";
import { startOnDouble } from "./double/load.ts";
import { failOnComplaints } from "../app/complaints.ts";

const SCREEN = { x: 0, y: 0, width: 1920, height: 1080 } as const;

export interface DoubleStartOptions extends StartOptions {
  readonly packaged?: boolean;
  readonly language?: string;
  readonly displays?: DoubleOptions["displays"];
}

export class AppOnDouble implements AppUnderTest {
  readonly double: ElectronDouble;
  readonly userData: string;
  readonly #options: DoubleOptions;
  readonly #hostile: boolean;
  readonly #restore: () => Promise<void>;

  private constructor(
    double: ElectronDouble,
    options: DoubleOptions,
    hostile: boolean,
    restore: () => Promise<void>,
  ) {
    this.double = double;
    this.userData = options.userData;
    this.#options = options;
    this.#hostile = hostile;
    this.#restore = restore;
  }

  static async start(browser: Browser, options: DoubleStartOptions): Promise<AppOnDouble> {
    const fresh = options.userData === undefined ? await mkdtemp(join(tmpdir(), "nanami-app-")) : undefined;
    const own: DoubleOptions = {
      browser,
      userData: options.userData ?? fresh ?? "",
      packaged: options.packaged ?? false,
      language: options.language ?? "en-GB",
      displays: options.displays ?? [SCREEN],
    };
    const { NANAMI_SOCKET, DBUS_SESSION_BUS_ADDRESS, XDG_CONFIG_HOME } = process.env;
    setEnvironment({
      NANAMI_SOCKET: options.socket,
      DBUS_SESSION_BUS_ADDRESS: options.bus,
      XDG_CONFIG_HOME: join(own.userData, "config"),
    });
    const double = await startOnDouble(own, options.words ?? []);
    return new AppOnDouble(double, own, options.hostile ?? false, async () => {
      setEnvironment({ NANAMI_SOCKET, DBUS_SESSION_BUS_ADDRESS, XDG_CONFIG_HOME });
      if (fresh !== undefined) await rm(fresh, { recursive: true, force: true });
    });
  }

  async page(): Promise<Page> {
    await expect
      .poll(() => this.double.window?.state, { timeout: 30_000 })
      .not.toBeOneOf([undefined, "hidden"]);
    const page = await this.double.window?.webContents.page;
    if (page === undefined) throw new Error("the window went away");
    await page.waitForSelector("#root > *");
    return page;
  }

  windowState(): ReturnType<AppUnderTest["windowState"]> {
    return Promise.resolve(this.double.window?.state ?? "none");
  }

  closeWindow(): Promise<void> {
    this.double.window?.close();
    return Promise.resolve();
  }

  lookAway(): Promise<void> {
    this.double.window?.blur();
    return Promise.resolve();
  }

  tray(): ReturnType<AppUnderTest["tray"]> {
    const { tray } = this.double;
    return Promise.resolve(
      tray === undefined ? null : { toolTip: tray.toolTip, entries: entriesOf(tray.menu?.template ?? []) },
    );
  }

  async choose(...labels: readonly string[]): Promise<void> {
    const find = (): MenuItemConstructorOptions | undefined => {
      let items = this.double.tray?.menu?.template ?? [];
      let item: MenuItemConstructorOptions | undefined;
      for (const label of labels) {
        item = items.find((one) => one.label?.startsWith(label));
        items = Array.isArray(item?.submenu) ? item.submenu : [];
      }
      return item;
    };
    await expect.poll(find, { message: labels.join(" → ") }).toBeDefined();
    const click = find()?.click as (() => void) | undefined;
    click?.();
  }

  notices(): ReturnType<AppUnderTest["notices"]> {
    return Promise.resolve(
      this.double.notifications.map(({ options: { title = "", body = "" } }) => ({ title, body })),
    );
  }

  clickNotice(title: string): Promise<void> {
    this.double.notifications.find(({ options }) => options.title === title)?.emit("click");
    return Promise.resolve();
  }

  pressNotice(title: string): Promise<void> {
    const notice = this.double.notifications.findLast(({ options }) => options.title === title);
    expect(notice?.options.actions).toHaveLength(1);
    notice?.emit("action", {}, 0);
    return Promise.resolve();
  }

  async startAgain(words: readonly string[]): Promise<void> {
    const second = await startOnDouble(this.#options, words);
    await second.ended;
  }

  handOver(data: unknown): Promise<void> {
    this.double.app.emit("second-instance", {}, ["/opt/nanami/nanami", "--", "x"], "/", data);
    return Promise.resolve();
  }

  open(what: "open-url" | "open-file", item: string): Promise<void> {
    this.double.app.emit(what, { preventDefault: () => undefined }, item);
    return Promise.resolve();
  }

  power(event: "suspend" | "resume" | "unlock-screen"): Promise<void> {
    this.double.powerMonitor.emit(event);
    return Promise.resolve();
  }

  answerDialogs({ open, save }: Parameters<AppUnderTest["answerDialogs"]>[0]): Promise<void> {
    if (open !== undefined) this.double.chosenFiles = open;
    if (save !== undefined) this.double.chosenPlace = save;
    return Promise.resolve();
  }

  openedOutside(): Promise<readonly string[]> {
    return Promise.resolve(this.double.openedOutside);
  }

  quit(): Promise<void> {
    this.double.quit();
    return this.double.ended;
  }

  hasEnded(): Promise<boolean> {
    return Promise.resolve(this.double.isEnded);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.double.quit();
    await this.double.ended;
    await this.#restore();
    if (!this.#hostile)
      failOnComplaints(this.double.windows.flatMap(({ webContents }) => webContents.problems));
  }
}

function entriesOf(template: readonly MenuItemConstructorOptions[]): TrayEntry[] {
  return template
    .filter(({ type }) => type !== "separator")
    .map(({ label = "", checked = false, enabled = true, submenu }) => ({
      label,
      checked,
      enabled,
      entries: Array.isArray(submenu) ? entriesOf(submenu) : [],
    }));
}

function setEnvironment(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values))
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
}
