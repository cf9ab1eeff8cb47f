/** What all tests of a file share: there before the first of them, ended after the last. */
import { afterAll, afterEach, beforeAll } from "vitest";
import type { Browser } from "playwright";
import { AppWindow, startBrowser, type WindowOptions } from "./app-window.ts";
import { enrol, raiseDemo, raiseLoopback, type Demo } from "./demo.ts";

export interface Windows {
  /** Opens one for the agent at `socket`. It is closed after the test at the latest. */
  open(socket: string, options?: WindowOptions): Promise<AppWindow>;
}

/** One browser, and windows of it. */
export function windowsForAll(): Windows {
  let browser: Promise<Browser> | undefined;
  const opened: AppWindow[] = [];
  beforeAll(async () => {
    await raiseLoopback();
    // It starts while whatever else the tests need is raised.
    browser = startBrowser();
    browser.catch(() => undefined);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((window) => window.close()));
  });
  afterAll(async () => (await browser)?.close());
  return {
    async open(socket, options) {
      if (browser === undefined) throw new Error("a window is opened by a test, or before each");
      const window = await AppWindow.open(await browser, socket, options);
      opened.push(window);
      return window;
    },
  };
}

/** The demo world; with `enrolled` its laptop is a device already. */
export function demoForAll({ enrolled = false } = {}): Pick<Demo, "network" | "socket"> {
  let demo: Demo | undefined;
  const raised = (): Demo => {
    if (demo === undefined) throw new Error("the demo world is there for tests, and before each");
    return demo;
  };
  beforeAll(async () => {
    demo = await raiseDemo();
    if (enrolled) await enrol(demo.network);
  });
  afterAll(() => demo?.[Symbol.asyncDispose]());
  return {
    get network() {
      return raised().network;
    },
    get socket() {
      return raised().socket;
    },
  };
}
