/** What a person sees when a part of the window's own program cannot be fetched: the host that serves it was away. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Page } from "playwright";
import { en } from "../../../renderer/texts/en/index.ts";
import { SNAPSHOT } from "../../unit/cli/values.ts";
import { startStandIn, type StandIn } from "../host/stand-in.ts";
import type { AppWindow, WindowOptions } from "./app-window.ts";
import { says } from "./eventually.ts";
import { windowsForAll } from "./for-all-tests.ts";
import { goTo } from "./pages/screen.ts";

const windows = windowsForAll();
let agent: StandIn;
let app: AppWindow;

beforeEach(async () => {
  agent = await startStandIn(SNAPSHOT);
});
afterEach(() => agent[Symbol.asyncDispose]());

/** Lets no file be fetched whose name begins with one of these. */
async function withhold(page: Page, ...names: readonly string[]): Promise<void> {
  for (const name of names) await page.route(`**/${name}-*.js`, (route) => route.abort());
}

async function open(options: WindowOptions): Promise<void> {
  // A browser says itself that a file could not be fetched.
  app = await windows.open(agent.socket, { hostile: true, ...options });
}

test("a screen that could not be fetched says so, and is there when it can be", async () => {
  await open({ prepare: (page) => withhold(page, "Health") });
  await goTo(app.page, "Health");
  const main = app.page.getByRole("main");
  await says(main, en.navigation.broken.title);
  const again = main.getByRole("button", { name: en.navigation.broken.again });
  await again.click();
  await says(main, en.navigation.broken.title);
  await app.page.unrouteAll();
  await again.click();
  await app.page.getByRole("heading", { level: 1, name: en.health.title }).waitFor();
});

test("what stands beside the screens takes nothing with it", async () => {
  let failed: Promise<unknown> | undefined;
  await open({
    prepare: async (page) => {
      failed = page.waitForEvent("requestfailed", (one) => one.url().includes("FilesFromOutside"));
      await withhold(page, "FilesFromOutside");
    },
  });
  await failed;
  await goTo(app.page, "Health");
  await app.page.getByRole("heading", { level: 1, name: en.health.title }).waitFor();
});

test("without the Japanese catalogue a window opens in English", async () => {
  await open({ locale: "ja-JP", prepare: (page) => withhold(page, "ja") });
  await app.page.getByRole("navigation", { name: en.navigation.label }).waitFor();
  expect(await app.page.locator("html").getAttribute("lang")).toBe("en");
});
