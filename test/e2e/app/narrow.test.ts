/**
 * At 200 % zoom a small window has 210 pixels; at 400 % a wide one has 320. Whatever is opened
 * there, in either language, nobody has to look for anything sideways (WCAG 2.2, 1.4.10).
 */
import { afterEach, describe, expect, test } from "vitest";
import type { Page } from "playwright";
import type { AppWindow } from "./app-window.ts";
import { connect, enrol } from "./demo.ts";
import { demoForAll, windowsForAll } from "./for-all-tests.ts";
import { FirstRun } from "./pages/first-run.ts";
import { DIALOG, goTo, leaveDialog, type ScreenName } from "./pages/screen.ts";
import { sideways } from "./pages/sideways.ts";
import { fillHealth, tourOfConfiguration, tryForbiddenPin } from "./tours.ts";

const SIZES = [
  { width: 210, height: 340 },
  { width: 320, height: 400 },
];

const windows = windowsForAll();
const demo = demoForAll();
let app: AppWindow;
let page: Page;
let found: string[];

afterEach(() => expect(found).toEqual([]));

async function open(size: (typeof SIZES)[number], socket = demo.socket): Promise<void> {
  found = [];
  app = await windows.open(socket, size);
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
    await enrol(demo.network);
    await connect(demo.network, "full_tunnel");
    await open(size);
    for (const screen of ["Home", "Path", "Preferences", "Manual", "Settings"] as const) {
      await show(screen);
      await look(screen);
    }
    await page.getByRole("switch", { name: "Stay closed when disconnected" }).locator("..").click();
    await page.locator(DIALOG).waitFor();
    await look("Lockdown");
    await leaveDialog(page);
    await page.getByRole("button", { name: "More" }).click();
    await look("More");
    await tryForbiddenPin(page);
    await look("Try a change");
  });

  test("in Health, with everything that it tells", async () => {
    await open(size);
    await fillHealth(page);
    await look("Health");
  });

  test("of a configuration: pasted, reported, kept, changed, let out", async () => {
    await open(size);
    await tourOfConfiguration(page, `office of ${size.width}`, look);
  });
});
