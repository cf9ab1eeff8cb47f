/** All of it by keyboard alone: no test here uses a pointer, and none says where anything is. */
import { readFile } from "node:fs/promises";
import { beforeEach, expect, test } from "vitest";
import type { Page } from "playwright";
import { proveDirectInternet, provePrivateReach } from "../../../src/lab/proof.ts";
import { holds } from "../../holds.ts";
import { issueConfig } from "./demo.ts";
import { says } from "./eventually.ts";
import { demoForAll, windowsForAll } from "./for-all-tests.ts";
import { Keyboard } from "./keyboard.ts";
import { Health } from "./pages/health.ts";
import { Home } from "./pages/home.ts";
import { Manual } from "./pages/manual.ts";
import { Path } from "./pages/path.ts";
import { Preferences } from "./pages/preferences.ts";
import { message } from "./pages/screen.ts";

const windows = windowsForAll();
const demo = demoForAll();
let page: Page;
let keys: Keyboard;

beforeEach(async () => {
  ({ page } = await windows.open(demo.socket));
  keys = new Keyboard(page);
  await page.getByRole("heading", { level: 1 }).waitFor();
});

/** What is stored in this device's own layer. */
async function stored() {
  using agent = await demo.network.agent();
  const layers = await agent.call("getPreferences", {});
  const gateways = await agent.call("gateways", {});
  const value = layers.find(({ layer }) => layer === "device")?.value;
  const exit = value?.selection?.routingMode === "manual" ? value.selection.egressDeviceId : null;
  return {
    mode: value?.trafficMode,
    exit: gateways.find(({ deviceId }) => deviceId === exit)?.name,
  };
}

test("enrol, connect, choose the full tunnel, look at the path, undo, disconnect", async () => {
  await keys.tabTo(/Enrolment link/);
  await keys.insert(await demo.network.deviceLink());
  await keys.enter(/Read link/);
  await says(page.getByRole("main"), "asks to steer this device");
  await keys.enter(/Enrol this device/);
  const home = new Home(page);
  await says(home.headline, "Not connected");
  await keys.tabTo(/Connection/);
  await keys.press("Space");
  await says(home.headline, "Private network connected");
  await keys.tabTo(/Private network/);
  await keys.press("ArrowRight");
  await says(home.headline, /All traffic leaves in/);
  await keys.press("Control+2");
  await says(home.headline, "Why this path");
  await keys.press("Control+1");
  await keys.enter(/Undo/);
  await says(home.headline, "Private network connected");
  await keys.tabTo(/Connection/);
  await keys.press("Space");
  await says(home.headline, "Not connected");
});

test("try a change, apply it, and take it back", async () => {
  await keys.press("Control+2");
  const path = new Path(page);
  await path.layers.waitFor();
  await keys.enter(/Try a change…/);
  await keys.tabTo(/Not set/);
  await keys.press("ArrowRight", "ArrowRight");
  await keys.press("Tab");
  await keys.tabTo(/Not set/);
  await keys.press("ArrowRight", "ArrowRight");
  await keys.choose(/Exit gateway/, "Frankfurt");
  await says(path.try.within, /Then All traffic .*leaves at Frankfurt/);
  await holds(() => proveDirectInternet(demo.network));
  await keys.enter(/^Apply$/);
  await says(message(page, "Applied"), "Applied.");
  expect(await stored()).toEqual({ mode: "full_tunnel", exit: "frankfurt" });
  await keys.enter(/Undo/);
  await expect.poll(stored).toEqual({ mode: undefined, exit: undefined });
});

test("pin a gateway, hear of one that is not allowed, and go back to the default", async () => {
  await keys.press("Control+3");
  const { device } = new Preferences(page);
  await says(device.within, "Nothing is set here.");
  await keys.tabTo(/Not set/);
  await keys.press("Tab");
  await keys.tabTo(/Not set/);
  await keys.press("ArrowRight", "ArrowRight");
  await keys.choose(/Exit gateway/, "Osaka");
  await says(device.within, "osaka is no exit gateway.");
  await keys.choose(/Exit gateway/, "Tokyo");
  await keys.enter(/^Save$/);
  await says(device.within, "This is what is stored.");
  expect(await stored()).toMatchObject({ exit: "tokyo" });
  await keys.enter(/Use my default/);
  await says(device.within, "Nothing is set here.");
  expect(await stored()).toEqual({ mode: undefined, exit: undefined });
});

test("import by text and by file, connect, export, remove, and bring back", async () => {
  const file = await issueConfig(demo.network);
  await keys.open("Control+4", /Paste text…/);
  const manual = new Manual(page);
  await keys.enter(/Paste text…/);
  // The place for the text has the focus by itself.
  await page.getByRole("dialog", { name: "Paste a configuration" }).waitFor();
  await keys.tabTo(/Text of the configuration/);
  await keys.insert(file);
  await keys.enter(/Check it/);
  await says(manual.report, "It can be used as it is.");
  await keys.tabTo(/Save as/);
  await keys.press("Control+a");
  await keys.insert("office");
  await keys.enter(/^Save$/);
  await says(page.getByRole("heading", { level: 1 }), "office");

  await keys.enter(/^Connect$/);
  await says(page.getByRole("main"), "Connected");
  await holds(() => provePrivateReach(demo.network));
  await keys.enter(/^Disconnect$/);
  await page.getByRole("button", { name: "Connect", exact: true }).waitFor();

  await keys.choose(/Actions for office/, "Export");
  await says(page.getByRole("dialog"), "It contains the private key");
  const download = page.waitForEvent("download");
  await keys.enter(/^Save…$/);
  expect(await readFile(await (await download).path(), "utf8")).toContain("PrivateKey");

  await keys.choose(/Actions for office/, "Remove");
  await message(page, "office is removed").waitFor();
  await keys.enter(/Undo/);
  await says(page.getByRole("main"), "office");

  const chooser = page.waitForEvent("filechooser");
  await keys.open("Control+4", /Add files…/);
  await keys.enter(/Add files…/);
  const buffer = Buffer.from(file.replace("[Peer]", "PostUp = true\n\n[Peer]"));
  await (await chooser).setFiles([{ name: "office.conf", mimeType: "text/plain", buffer }]);
  await says(manual.report, "some lines are left out");
  await keys.press("Escape");
  await manual.report.waitFor({ state: "detached" });
});

test("the leak test, where an address goes, and the diagnostics", async () => {
  await keys.open("Control+5", /Test now/);
  const health = new Health(page);
  await keys.enter(/Test now/);
  await says(health.card("Leak self-test"), "Not connected: nothing is promised");
  await keys.tabTo(/Address or name/);
  await keys.insert("203.0.113.10");
  await keys.press("Enter");
  await says(health.card("Where does this go?"), "The kernel does just that.");
  await keys.enter(/^Preview$/);
  await says(health.card("Diagnostics"), "Part");
  await keys.choose(/Part/, "Versions");
  await says(health.card("Diagnostics"), /Part Versions/);
  const download = page.waitForEvent("download");
  await keys.enter(/^Save…$/);
  expect((await readFile(await (await download).path(), "utf8")).length).toBeGreaterThan(1000);
});

test("the settings, the colours and the language, and back", async () => {
  await keys.open("Control+6", /Stay closed when disconnected/);
  await keys.tabTo(/Stay closed when disconnected/);
  await keys.press("Space");
  await says(page.getByRole("alertdialog"), "Stay closed when disconnected?");
  await keys.press("Escape");
  await page.getByRole("alertdialog").waitFor({ state: "detached" });
  await keys.tabTo(/^System/);
  await keys.press("ArrowRight", "ArrowRight");
  await page.locator("html[data-appearance=dark]").waitFor();
  await keys.chooseLast(/Language/);
  await page.locator("html[lang=ja]").waitFor();
  await keys.choose(/言語/, "English");
  await page.locator("html[lang=en]").waitFor();
});
