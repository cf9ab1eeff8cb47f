/** Everybody: by keyboard alone, in both languages and themes, with a screen reader, in a narrow window and a wide one. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Browser } from "playwright";
import { connectIn } from "../../../src/lab/device.ts";
import { AppWindow, startBrowser, type WindowOptions } from "./app-window.ts";
import { raiseDemo, type Demo } from "./demo.ts";
import { says } from "./eventually.ts";
import { Home } from "./pages/home.ts";
import { brokenRules, goTo, type ScreenName } from "./pages/screen.ts";

const SCREENS = [
  "Home",
  "Path",
  "Preferences",
  "Manual",
  "Health",
  "Settings",
] as const satisfies readonly ScreenName[];

const HEADINGS: Readonly<Record<ScreenName, RegExp>> = {
  Home: /traffic/,
  Path: /Why this path/,
  Preferences: /Preferences/,
  Manual: /Manual configurations/,
  Health: /Health/,
  Settings: /Settings/,
};

let demo: Demo;
let browser: Browser;
let app: AppWindow | undefined;

beforeAll(async () => {
  [demo, browser] = await Promise.all([raiseDemo(), startBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await demo[Symbol.asyncDispose]();
});
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function open(options?: WindowOptions): Promise<AppWindow> {
  app = await AppWindow.open(browser, demo.socket, options);
  await app.page.getByRole("heading", { level: 1 }).waitFor();
  return app;
}

test.each(["light", "dark"] as const)(
  "axe finds nothing on the first screen of a new device, %s",
  async (colorScheme) => {
    const { page } = await open({ colorScheme });
    expect(await brokenRules(page)).toEqual([]);
  },
);

test("by keyboard alone: enrol, connect, choose the full tunnel, look at the path, disconnect", async () => {
  const { page } = await open();
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  /** Goes on with Tab until something by this name has the focus. */
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let step = 0; step < 60; step += 1) {
      const label = await page.evaluate<string>(`(() => {
        const one = document.activeElement;
        if (one === document.body) return "";
        const by = one?.getAttribute("aria-labelledby")?.split(" ") ?? [];
        return [
          one?.getAttribute("aria-label"),
          ...by.map((id) => document.getElementById(id)?.textContent),
          ...[...(one?.labels ?? [])].map((label) => label.textContent),
          one?.localName === "button" ? one.textContent : undefined,
        ].filter(Boolean).join(" ");
      })()`);
      if (name.test(label)) return;
      await press("Tab");
    }
    throw new Error(`no Tab leads to ${String(name)}`);
  };
  await tabTo(/Enrolment link/);
  await page.keyboard.insertText(await demo.network.deviceLink());
  await tabTo(/Read link/);
  await press("Enter");
  await says(page.getByRole("main"), "asks to steer this device");
  await tabTo(/Enrol this device/);
  await press("Enter");
  const home = new Home(page);
  await says(home.headline, "Not connected");
  await tabTo(/Connection/);
  await press("Space");
  await says(home.headline, "Private network connected");
  await tabTo(/Private network/);
  await press("ArrowRight");
  await says(home.headline, /All traffic leaves in/);
  await press("Control+2");
  await says(home.headline, "Why this path");
  await press("Control+1");
  await tabTo(/Connection/);
  await press("Space");
  await says(home.headline, "Not connected");
});

test.each([
  ["light", 420],
  ["dark", 420],
  ["light", 1280],
  ["dark", 1280],
] as const)("axe finds nothing on any screen, %s, %i pixels wide, connected", async (colorScheme, width) => {
  const agent = await demo.network.agent();
  if ((await agent.call("status", {})).enrollment === null)
    await agent.call("enroll", { link: await demo.network.deviceLink(), name: "laptop" });
  await connectIn(agent, "full_tunnel");
  agent.close();
  const { page } = await open({ colorScheme, width, height: width === 420 ? 680 : 800 });
  const found: string[] = [];
  for (const screen of SCREENS) {
    if (width === 420) await goTo(page, screen);
    else
      await page.getByRole("navigation", { name: "Screens" }).getByRole("button", { name: screen }).click();
    // A screen's program is fetched when it is first wanted; until then nothing is there to be judged.
    await page.locator("main h1").filter({ hasText: HEADINGS[screen] }).waitFor();
    await page.waitForLoadState("networkidle");
    found.push(...(await brokenRules(page)).map((rule) => `${screen}: ${rule}`));
  }
  expect(found).toEqual([]);
});

test("a window in Japanese says so to a screen reader, and every screen has its heading", async () => {
  const { page } = await open({ locale: "ja-JP" });
  await page.locator("html[lang=ja]").waitFor();
  for (const place of ["ホーム", "経路", "手動"]) {
    await page.getByRole("button", { name: place }).first().click();
    const heading = await page.getByRole("heading", { level: 1 }).innerText();
    expect(heading).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
  }
});

test("language and colours are chosen in Settings, at once, and kept for the next window", async () => {
  const { page } = await open();
  await goTo(page, "Settings");
  await page.getByRole("radiogroup", { name: "Colours" }).getByText("Dark", { exact: true }).click();
  await page.locator("html[data-appearance=dark]").waitFor();
  await page.getByRole("button", { name: "Language" }).click();
  await page.getByRole("option", { name: "日本語" }).click();
  await page.locator("html[lang=ja]").waitFor();
  await page.reload();
  await page.locator("html[lang=ja]").waitFor();
  await page.locator("html[data-appearance=dark]").waitFor();
});

test("at 200 % zoom of a small window nothing is cut off sideways", async () => {
  const { page } = await open({ width: 320, height: 400 });
  for (const screen of SCREENS) {
    await goTo(page, screen);
    await page.waitForLoadState("networkidle");
    const overflow = await page.evaluate<number>(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    expect(overflow, screen).toBe(0);
  }
});
