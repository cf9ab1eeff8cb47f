/**
 * At 200 % zoom a small window has 210 pixels; at 400 % a wide one has 320. Whatever is opened
 * there, in either language, nobody has to look for anything sideways (WCAG 2.2, 1.4.10).
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Browser, Page } from "playwright";
import { connectIn } from "../../../src/lab/device.ts";
import { CONF } from "../../unit/wireguard/container/given.ts";
import { AppWindow, startBrowser } from "./app-window.ts";
import { raiseDemo, type Demo } from "./demo.ts";
import { says } from "./eventually.ts";
import { FirstRun } from "./pages/first-run.ts";
import { Health } from "./pages/health.ts";
import { Manual } from "./pages/manual.ts";
import { Path } from "./pages/path.ts";
import { goTo, type ScreenName } from "./pages/screen.ts";
import { sideways } from "./pages/sideways.ts";

const SIZES = [
  { width: 210, height: 340 },
  { width: 320, height: 400 },
];
const DIALOG = "[role=dialog], [role=alertdialog]";

let demo: Demo;
let browser: Browser;
let app: AppWindow;
let page: Page;
let found: string[];

beforeAll(async () => {
  [demo, browser] = await Promise.all([raiseDemo(), startBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await demo[Symbol.asyncDispose]();
});
afterEach(async () => {
  await app.close();
  expect(found).toEqual([]);
});

async function open(size: (typeof SIZES)[number], socket = demo.socket): Promise<void> {
  found = [];
  app = await AppWindow.open(browser, socket, size);
  ({ page } = app);
  await page.getByRole("heading", { level: 1 }).waitFor();
}

/** Looks in both languages at what stands there. */
async function look(what: string): Promise<void> {
  // What is fetched when it is first wanted is there.
  await page.waitForLoadState("networkidle");
  for (const language of ["ja", "en"] as const) {
    await app.speak(language);
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    found.push(...(await sideways(page)).map((one) => `${what}, ${language}: ${one}`));
  }
}

async function leave(): Promise<void> {
  await page.keyboard.press("Escape");
  await page.locator(DIALOG).waitFor({ state: "detached" });
}

/** The bar of a narrow window has a way to each; so do the rows of More. */
async function show(screen: ScreenName): Promise<void> {
  await goTo(page, screen);
  await page.locator("main h1").waitFor();
}

test("what is too wide is found", async () => {
  await open({ width: 320, height: 400 });
  await page.evaluate(`
    const wide = document.createElement("p");
    wide.textContent = "planted";
    wide.style.width = "400px";
    document.querySelector("main").append(wide);
  `);
  expect(await sideways(page)).toEqual([
    expect.stringMatching(/^wider than its place: main .*, by p “planted”$/),
  ]);
});

// These come first: the others enrol the device.
test.each(SIZES)("$width pixels wide: without a service, and before a device is enrolled", async (size) => {
  await open(size, `${demo.socket}.none`);
  await look("No service");
  await app.close();
  await open(size);
  await look("First run");
  const link = "nanami://enroll/a-control-plane-with-a-long-name.corp.example#0123456789abcdef0123";
  await new FirstRun(page).read(link);
  await page.getByRole("button", { name: "Enrol this device" }).waitFor();
  await look("Enrolment");
});

describe.each(SIZES)("$width pixels wide nothing is sought sideways", (size) => {
  test("on all screens, and in what opens on the way", async () => {
    const agent = await demo.network.agent();
    if ((await agent.call("status", {})).enrollment === null)
      await agent.call("enroll", { link: await demo.network.deviceLink(), name: "laptop" });
    await connectIn(agent, "full_tunnel");
    agent.close();
    await open(size);
    for (const screen of ["Home", "Path", "Preferences", "Manual", "Settings"] as const) {
      await show(screen);
      await look(screen);
    }
    await page.getByRole("switch", { name: "Stay closed when disconnected" }).locator("..").click();
    await page.locator(DIALOG).waitFor();
    await look("Lockdown");
    await leave();
    await page.getByRole("button", { name: "More" }).click();
    await look("More");
    const path = new Path(page);
    await path.open();
    const change = await path.tryChange();
    await change.gateways("By hand");
    await change.pin("Exit gateway", "Osaka");
    await says(change.within, "osaka is no exit gateway.");
    await look("Try a change");
  });

  test("in Health, with everything that it tells", async () => {
    await open(size);
    await show("Health");
    const health = new Health(page);
    await health.press("Health checks", "Check now");
    await health.card("Health checks").getByRole("list").waitFor();
    await health.press("Leak self-test", "Test now");
    await health.card("Leak self-test").getByRole("button", { name: "Test again" }).waitFor();
    const route = health.card("Where does this go?");
    await route.getByRole("textbox", { name: "Address or name" }).fill("intranet.corp.test");
    await health.press("Where does this go?", "Show");
    await route.getByText("Decided by").waitFor();
    await health.press("Diagnostics", "Preview");
    await says(health.card("Diagnostics"), "Part");
    await look("Health");
  });

  test("of a configuration: pasted, reported, kept, changed, let out", async () => {
    await open(size);
    const manual = new Manual(page);
    await manual.open();
    await page.getByRole("button", { name: "Paste text…" }).click();
    await page.locator(DIALOG).waitFor();
    await look("Paste");
    await leave();
    await manual.paste(CONF.replace("[Peer]", "PostUp = true\n\n[Peer]"));
    await says(manual.report, "some lines are left out");
    await look("Report");
    const name = `office of ${size.width}`;
    await manual.saveAs(name);
    await look("A configuration and a message");
    for (const act of ["Edit…", "Rename…", "Steer less…", "Export…"]) {
      await manual.act(name, act);
      const dialog = page.getByRole("dialog");
      await dialog.waitFor();
      if (act === "Export…") {
        await dialog.getByText("QR code", { exact: true }).click();
        await dialog.getByRole("button", { name: "Show the QR code" }).click();
        await dialog.getByRole("img").waitFor();
      }
      await look(act);
      await leave();
    }
  });
});
