/** Everybody: in both languages and themes, with a screen reader, in a narrow window and a wide one. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Browser, Page } from "playwright";
import { connectIn } from "../../../src/lab/device.ts";
import { CONF } from "../../unit/wireguard/container/given.ts";
import { AppWindow, startBrowser, type WindowOptions } from "./app-window.ts";
import { raiseDemo, type Demo } from "./demo.ts";
import { says } from "./eventually.ts";
import { Health } from "./pages/health.ts";
import { Manual } from "./pages/manual.ts";
import { Path } from "./pages/path.ts";
import { brokenInBothThemes, goTo, type ScreenName } from "./pages/screen.ts";
import { sideways } from "./pages/sideways.ts";

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

test("axe finds nothing on the first screen of a new device", async () => {
  const { page } = await open();
  expect(await brokenInBothThemes(page)).toEqual([]);
});

test.each([420, 1280])(
  "axe finds nothing on any screen, %i pixels wide, connected, and nothing is cut off",
  async (width) => {
    const agent = await demo.network.agent();
    if ((await agent.call("status", {})).enrollment === null)
      await agent.call("enroll", { link: await demo.network.deviceLink(), name: "laptop" });
    await connectIn(agent, "full_tunnel");
    agent.close();
    const { page } = await open({ width, height: width === 420 ? 680 : 800 });
    const found: string[] = [];
    for (const screen of SCREENS) {
      if (width === 420) await goTo(page, screen);
      else
        await page.getByRole("navigation", { name: "Screens" }).getByRole("button", { name: screen }).click();
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
  const DIALOG = "[role=dialog], [role=alertdialog]";
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

  async function leave(): Promise<void> {
    await page.keyboard.press("Escape");
    await page.locator(DIALOG).waitFor({ state: "detached" });
  }

  test("on the way: More, a change that is tried, a pin that is not allowed, a question", async () => {
    await page.getByRole("button", { name: "More" }).click();
    await judge("More");
    const path = new Path(page);
    await path.open();
    const change = await path.tryChange();
    await change.gateways("By hand");
    await change.pin("Exit gateway", "Osaka");
    await says(change.within, "osaka is no exit gateway.");
    await judge("Try a change", "main");
    await goTo(page, "Settings");
    await page.getByRole("button", { name: "Log out" }).click();
    await judge("Log out", DIALOG);
    await leave();
  });

  test("in Health: the checks, the leak test, where a name goes, the diagnostics", async () => {
    const health = new Health(page);
    await health.open();
    await health.press("Health checks", "Check now");
    await health.card("Health checks").getByRole("list").waitFor();
    await health.press("Leak self-test", "Test now");
    await health.card("Leak self-test").getByRole("button", { name: "Test again" }).waitFor();
    await health.ask("intranet.corp.test");
    await health.card("Where does this go?").getByText("Decided by").waitFor();
    await health.press("Diagnostics", "Preview");
    await says(health.card("Diagnostics"), "Part");
    await judge("Health", "main");
  });

  test("of a configuration: pasted, reported, kept, changed, let out", async () => {
    const manual = new Manual(page);
    await manual.open();
    await page.getByRole("button", { name: "Paste text…" }).click();
    await judge("Paste", DIALOG);
    await leave();
    await manual.paste(CONF.replace("[Peer]", "PostUp = true\n\n[Peer]"));
    await says(manual.report, "some lines are left out");
    await judge("Report", DIALOG);
    await manual.saveAs("office");
    await judge("A configuration and a message");
    for (const act of ["Edit…", "Rename…", "Steer less…", "Export…"]) {
      await manual.act("office", act);
      const dialog = page.getByRole("dialog");
      await dialog.waitFor();
      if (act === "Export…") {
        await dialog.getByText("QR code", { exact: true }).click();
        await dialog.getByRole("button", { name: "Show the QR code" }).click();
        await dialog.getByRole("img").waitFor();
      }
      await judge(act, DIALOG);
      await leave();
    }
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
