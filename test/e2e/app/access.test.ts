/** Everybody: in both languages and themes, with a screen reader, in a narrow window and a wide one. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Page } from "playwright";
import type { AppWindow, WindowOptions } from "./app-window.ts";
import { connect, enrol } from "./demo.ts";
import { demoForAll, windowsForAll } from "./for-all-tests.ts";
import { brokenInBothThemes, DIALOG, goTo, leaveDialog, SCREENS, type ScreenName } from "./pages/screen.ts";
import { sideways } from "./pages/sideways.ts";
import { fillHealth, tourOfConfiguration, tryForbiddenPin } from "./tours.ts";

const HEADINGS: Readonly<Record<ScreenName, RegExp>> = {
  Home: /traffic/,
  Path: /Why this path/,
  Preferences: /Preferences/,
  Manual: /Manual configurations/,
  Health: /Health/,
  Settings: /Settings/,
};

const windows = windowsForAll();
const demo = demoForAll();

async function open(options?: WindowOptions): Promise<AppWindow> {
  const app = await windows.open(demo.socket, options);
  await app.page.getByRole("heading", { level: 1 }).waitFor();
  return app;
}

test("axe finds nothing on the first screen of a new device", async () => {
  const { page } = await open();
  expect(await brokenInBothThemes(page)).toEqual([]);
});

test.each([420, 1280])(
  "axe finds nothing on any screen, %i pixels wide, connected, and nothing is cut off",
  async (width) => {
    await enrol(demo.network);
    await connect(demo.network, "full_tunnel");
    const { page } = await open({ width, height: width === 420 ? 680 : 800 });
    const found: string[] = [];
    for (const screen of SCREENS) {
      await goTo(page, screen);
      // A screen's program is fetched when it is first wanted; until then nothing is there to be judged.
      await page.locator("main h1").filter({ hasText: HEADINGS[screen] }).waitFor();
      await page.waitForLoadState("networkidle");
      found.push(...(await brokenInBothThemes(page)).map((rule) => `${screen}, ${rule}`));
      found.push(...(await sideways(page)).map((one) => `${screen}, ${one}`));
    }
    expect(found).toEqual([]);
  },
);

describe("axe finds nothing in what opens on a screen", () => {
  let page: Page;
  let found: string[];
  beforeEach(async () => {
    ({ page } = await open());
    found = [];
  });
  afterEach(() => expect(found).toEqual([]));

  async function judge(what: string, within?: string): Promise<void> {
    found.push(...(await brokenInBothThemes(page, within)).map((rule) => `${what}, ${rule}`));
  }

  test("on the way: More, a change that is tried, a pin that is not allowed, a question", async () => {
    await page.getByRole("button", { name: "More" }).click();
    await judge("More");
    await tryForbiddenPin(page);
    await judge("Try a change", "main");
    await goTo(page, "Settings");
    await page.getByRole("button", { name: "Log out" }).click();
    await judge("Log out", DIALOG);
    await leaveDialog(page);
  });

  test("in Health: the checks, the leak test, where a name goes, the diagnostics", async () => {
    await fillHealth(page);
    await judge("Health", "main");
  });

  test("of a configuration: pasted, reported, kept, changed, let out", async () => {
    await tourOfConfiguration(page, "office", judge);
  });
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

test("a message and its way back stay for ten seconds, and longer while they are pointed at", async () => {
  const { page } = await open();
  await goTo(page, "Settings");
  const theme = page.getByRole("radiogroup", { name: "Colours" });
  await theme.waitFor();
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  const undo = page.getByRole("button", { name: "Undo" });
  await theme.getByText("Dark", { exact: true }).click();
  await undo.waitFor();
  await page.clock.runFor(9_900);
  expect(await undo.count()).toBe(1);
  await undo.hover();
  await page.clock.runFor(30_000);
  expect(await undo.count()).toBe(1);
  await page.mouse.move(0, 0);
  await page.clock.runFor(9_900);
  await undo.click();
  await expect.poll(() => theme.getByRole("radio", { name: "Dark" }).isChecked()).toBe(false);
  await theme.getByText("Light", { exact: true }).click();
  await undo.waitFor();
  await page.clock.runFor(10_000);
  await undo.waitFor({ state: "detached" });
  expect(await theme.getByRole("radio", { name: "Light" }).isChecked()).toBe(true);
});
