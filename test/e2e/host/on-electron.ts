/** The app on Electron itself, wherever its runtime is installed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type * as Electron from "electron";
import { _electron, type ElectronApplication, type Page } from "playwright";
import { expect } from "vitest";
import { failOnComplaints } from "../app/complaints.ts";
import type { AppUnderTest, Starter, StartOptions, TrayEntry } from "./app-under-test.ts";

const RECORDER = resolve("test/e2e/host/recorder.cjs");

/** An entry of a menu, as far as it is looked at. */
interface Item {
  readonly type: string;
  readonly label: string;
  readonly checked: boolean;
  readonly enabled: boolean;
  readonly submenu?: { readonly items: readonly Item[] } | null;
  readonly click: () => void;
}

/** What the recorder keeps inside the app. */
interface Recorded {
  readonly tray: object | null;
  readonly toolTip: string;
  readonly menu: { readonly items: readonly Item[] } | null;
  readonly notices: readonly Electron.Notification[];
  readonly outside: readonly string[];
  open: readonly string[];
  save: string | null;
}
declare global {
  var nanamiRecorded: Recorded;
}

/** Root has no sandbox in Chromium, and a machine without a display has another platform. */
const switches = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  ...(process.env["DISPLAY"] === undefined ? ["--ozone-platform=headless"] : []),
];

class AppOnElectron implements AppUnderTest {
  readonly #app: ElectronApplication;
  readonly #program: string;
  readonly #words: readonly string[];
  readonly #env: Record<string, string>;
  readonly #problems: string[] = [];
  readonly #hostile: boolean;
  readonly #fresh: string | undefined;
  #ended = false;

  private constructor(
    app: ElectronApplication,
    started: {
      program: string;
      words: readonly string[];
      env: Record<string, string>;
      fresh: string | undefined;
      hostile: boolean;
    },
  ) {
    this.#app = app;
    this.#program = started.program;
    this.#words = started.words;
    this.#env = started.env;
    this.#fresh = started.fresh;
    this.#hostile = started.hostile;
    app.on("close", () => (this.#ended = true));
    app.on("window", (page) => {
      page.on("pageerror", (error) => this.#problems.push(`error: ${error.message}`));
      page.on("console", (message) => {
        if (message.type() === "error") this.#problems.push(`console: ${message.text()}`);
      });
    });
  }

  static async start(program: string, options: StartOptions): Promise<AppOnElectron> {
    const fresh = options.userData === undefined ? await mkdtemp(join(tmpdir(), "nanami-app-")) : undefined;
    const userData = options.userData ?? fresh ?? "";
    const env: Record<string, string> = {
      PATH: process.env["PATH"] ?? "",
      HOME: userData,
      NANAMI_SOCKET: options.socket,
      LANG: "en_GB.UTF-8",
      ...(process.env["DISPLAY"] === undefined ? {} : { DISPLAY: process.env["DISPLAY"] }),
      ...(options.bus === undefined ? {} : { DBUS_SESSION_BUS_ADDRESS: options.bus }),
    };
    const words = [...switches, `--user-data-dir=${userData}`, resolve(".")];
    const app = await _electron.launch({
      executablePath: program,
      args: ["--require", RECORDER, ...words, ...(options.words ?? [])],
      env,
    });
    return new AppOnElectron(app, { program, words, env, fresh, hostile: options.hostile ?? false });
  }

  async page(): Promise<Page> {
    await expect.poll(() => this.windowState(), { timeout: 30_000 }).not.toBeOneOf(["none", "hidden"]);
    const page = await this.#app.firstWindow();
    await page.waitForSelector("#root > *");
    return page;
  }

  windowState(): ReturnType<AppUnderTest["windowState"]> {
    return this.#app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      if (window === undefined) return "none";
      if (window.isMinimized()) return "minimised";
      return window.isVisible() ? "shown" : "hidden";
    });
  }

  closeWindow(): Promise<void> {
    return this.#app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  }

  lookAway(): Promise<void> {
    return this.#app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.blur());
  }

  tray(): ReturnType<AppUnderTest["tray"]> {
    return this.#app.evaluate(() => {
      const { tray, toolTip, menu } = globalThis.nanamiRecorded;
      const entriesOf = (items: readonly Item[]): TrayEntry[] =>
        items
          .filter(({ type }) => type !== "separator")
          .map(({ label, checked, enabled, submenu }) => ({
            label,
            checked,
            enabled,
            entries: entriesOf(submenu?.items ?? []),
          }));
      return tray === null ? null : { toolTip, entries: entriesOf(menu?.items ?? []) };
    });
  }

  async choose(...labels: readonly string[]): Promise<void> {
    await expect
      .poll(() =>
        this.#app.evaluate((_electronModule, wanted) => {
          let items = globalThis.nanamiRecorded.menu?.items ?? [];
          let item: Item | undefined;
          for (const label of wanted) {
            item = items.find((one) => one.label.startsWith(label));
            items = item?.submenu?.items ?? [];
          }
          item?.click();
          return item !== undefined;
        }, labels),
      )
      .toBe(true);
  }

  notices(): ReturnType<AppUnderTest["notices"]> {
    return this.#app.evaluate(() =>
      globalThis.nanamiRecorded.notices.map(({ title, body }) => ({ title, body })),
    );
  }

  clickNotice(title: string): Promise<void> {
    return this.#app.evaluate((_electronModule, wanted) => {
      globalThis.nanamiRecorded.notices.find((one) => one.title === wanted)?.emit("click");
    }, title);
  }

  async pressNotice(title: string): Promise<void> {
    const pressed = await this.#app.evaluate((_electronModule, wanted) => {
      const notice = globalThis.nanamiRecorded.notices.findLast((one) => one.title === wanted);
      notice?.emit("action", {}, 0);
      return notice?.actions.length;
    }, title);
    expect(pressed).toBe(1);
  }

  async startAgain(words: readonly string[]): Promise<void> {
    const second = spawn(this.#program, [...this.#words, ...words], { env: this.#env, stdio: "ignore" });
    await once(second, "exit");
  }

  handOver(data: unknown): Promise<void> {
    return this.#app.evaluate(({ app }, given) => {
      app.emit("second-instance", {}, ["nanami"], "/", given);
    }, data);
  }

  open(what: "open-url" | "open-file", item: string): Promise<void> {
    return this.#app.evaluate(
      ({ app }, [name, given]) => {
        app.emit(name, { preventDefault: () => undefined }, given);
      },
      [what, item] as const,
    );
  }

  power(event: "suspend" | "resume" | "unlock-screen"): Promise<void> {
    return this.#app.evaluate(({ powerMonitor }, name) => {
      powerMonitor.emit(name);
    }, event);
  }

  answerDialogs(answers: Parameters<AppUnderTest["answerDialogs"]>[0]): Promise<void> {
    return this.#app.evaluate((_electronModule, { open, save }) => {
      if (open !== undefined) globalThis.nanamiRecorded.open = open;
      if (save !== undefined) globalThis.nanamiRecorded.save = save;
    }, answers);
  }

  openedOutside(): Promise<readonly string[]> {
    return this.#app.evaluate(() => globalThis.nanamiRecorded.outside);
  }

  async quit(): Promise<void> {
    const closed = this.#app.waitForEvent("close");
    await this.#app.evaluate(({ app }) => app.quit()).catch(() => undefined);
    await closed;
  }

  hasEnded(): Promise<boolean> {
    return Promise.resolve(this.#ended);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) await this.#app.close();
    if (this.#fresh !== undefined) await rm(this.#fresh, { recursive: true, force: true });
    if (!this.#hostile) failOnComplaints(this.#problems);
  }
}

/** Starts apps with Electron's program. */
export function electronStarter(program: string): Starter {
  return { name: `on Electron (${program})`, start: (options) => AppOnElectron.start(program, options) };
}
