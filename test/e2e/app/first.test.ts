import { expect, test } from "vitest";
import { AppWindow, startBrowser } from "./app-window.ts";
import { raiseDemo } from "./demo.ts";

test("a window opens on the agent", async () => {
  await using demo = await raiseDemo();
  await using browser = await startBrowser();
  await using app = await AppWindow.open(browser, demo.socket);
  await app.page.waitForSelector("#root > *");
  expect(app.problems).toEqual([]);
});
