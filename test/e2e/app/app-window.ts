/** The app as people use it: the built interface in Chromium, served by the real bridge host for a real agent. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright";
import { failOnComplaints, noteComplaints } from "./complaints.ts";

const HOST = resolve("src/bridge-host/main.ts");
/** The distribution's Chromium, which runs as root only without its own sandbox. */
const CHROMIUM = {
  executablePath: "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

export interface WindowOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  /** The language that the browser says to prefer. */
  readonly locale?: "en-GB" | "ja-JP";
  /** Done to the page before anything is loaded. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** The test itself does what no page should, so that the browser complains. */
  readonly hostile?: boolean;
}

/** Starts Chromium. One serves many windows. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch(CHROMIUM);
}

/**
 * One window over a bridge host of its own. Whatever a browser's console should never say (an uncaught error, a breach
 * of the content policy) fails the test that closes it.
 */
export class AppWindow implements AsyncDisposable {
  readonly page: Page;
  readonly #problems: readonly string[];
  readonly #context: BrowserContext;
  readonly #host: ChildProcess;
  readonly #folder: string;
  #ending: Promise<void> | undefined;

  private constructor(parts: {
    page: Page;
    problems: readonly string[];
    context: BrowserContext;
    host: ChildProcess;
    folder: string;
  }) {
    this.page = parts.page;
    this.#problems = parts.problems;
    this.#context = parts.context;
    this.#host = parts.host;
    this.#folder = parts.folder;
  }

  /** Opens a window for the agent at `socket`. */
  static async open(browser: Browser, socket: string, options: WindowOptions = {}): Promise<AppWindow> {
    const folder = await mkdtemp(join(tmpdir(), "nanami-window-"));
    const words = [HOST, "--socket", socket, "--presentation", join(folder, "presentation.json")];
    const host = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "inherit"] });
    const address = await addressOf(host);
    const context = await browser.newContext({
      viewport: { width: options.width ?? 420, height: options.height ?? 680 },
      colorScheme: options.colorScheme ?? "light",
      locale: options.locale ?? "en-GB",
      acceptDownloads: true,
      // Without a graphics card every frame of a motion is drawn by the processor that the tests need.
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    const problems: string[] = [];
    noteComplaints(page, problems);
    await options.prepare?.(page);
    await page.goto(address);
    return new AppWindow({ page, problems: options.hostile === true ? [] : problems, context, host, folder });
  }

  /** Lets the system's language become Japanese while the window is open. */
  speakJapanese(): Promise<void> {
    return this.speak("ja");
  }

  /** Lets the system's language become another while the window is open. */
  async speak(language: "en" | "ja"): Promise<void> {
    await this.page.evaluate(`
      Object.defineProperty(navigator, "languages", { get: () => ["${language}"], configurable: true });
      window.dispatchEvent(new Event("languagechange"));
    `);
    await this.page.locator(`html[lang=${language}]`).waitFor();
  }

  /** To close it again does nothing. */
  close(): Promise<void> {
    return (this.#ending ??= this.#end());
  }

  async #end(): Promise<void> {
    await this.#context.close();
    this.#host.kill("SIGTERM");
    if (this.#host.exitCode === null) await once(this.#host, "exit");
    await rm(this.#folder, { recursive: true, force: true });
    failOnComplaints(this.#problems);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function addressOf(host: ChildProcess): Promise<string> {
  if (host.stdout === null) throw new Error("the bridge host has no output");
  for await (const line of createInterface({ input: host.stdout })) {
    const address = /^window at (http:\/\/127\.0\.0\.1:\S+)$/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error("the bridge host ended before it served");
}
