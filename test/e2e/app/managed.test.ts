/** A person and a managed network: from the enrolment link to the exit that the Internet sees. */
import { beforeEach, expect, test } from "vitest";
import { en } from "../../../renderer/texts/en/index.ts";
import { CreatedEnrollmentKey, Enrolled } from "../../../src/api/http.ts";
import { request } from "../../../src/lab/seed.ts";
import { derivePublicKey, generatePrivateKey } from "../../../src/wireguard/keys.ts";
import { proveDirectInternet, proveFullTunnel } from "../../../src/lab/proof.ts";
import { holds } from "../../holds.ts";
import type { AppWindow } from "./app-window.ts";
import { says } from "./eventually.ts";
import { demoForAll, windowsForAll } from "./for-all-tests.ts";
import { FirstRun } from "./pages/first-run.ts";
import { Home } from "./pages/home.ts";
import { Path } from "./pages/path.ts";
import { Preferences } from "./pages/preferences.ts";
import { message } from "./pages/screen.ts";

const windows = windowsForAll();
const demo = demoForAll();
let app: AppWindow;

beforeEach(async () => {
  app = await windows.open(demo.socket);
});

/** Everything leaves at this gateway, as the Internet sees it. */
const leavesAt = (ingress: string, egress: string) =>
  holds(() => proveFullTunnel(demo.network, ingress, egress));

test("a link that was used, and one that has expired, enrol nothing and say why", async () => {
  const { operator, seed } = demo.network;
  const used = await demo.network.deviceLink();
  await request(demo.network.client(), "POST", "/enrollments", Enrolled, {
    key: used.split("#")[1],
    publicKey: derivePublicKey(generatePrivateKey()),
    name: "another-laptop",
  });
  const expired = await request(
    operator,
    "POST",
    `/networks/${seed.networks.corp}/enrollment-keys`,
    CreatedEnrollmentKey,
    { for: "device", userId: seed.member.id, lifetime: 1 },
  );
  await expect.poll(() => Date.now() > Date.parse(expired.expiresAt)).toBe(true);
  const start = new FirstRun(app.page);
  const main = app.page.getByRole("main");
  for (const [link, why] of [
    [used, ["This link was used already", "このリンクはすでに使われています"]],
    [expired.link, ["This link was good until", "このリンクの有効期限（"]],
  ] as const) {
    await start.read(link);
    await start.enroll("laptop");
    await says(main, "It was not enrolled");
    await says(main, why[0]);
    await says(main, "Ask your operator for a new enrolment link.");
    expect((await main.innerText()).match(/new enrolment link/g)).toHaveLength(1);
    await app.speak("ja");
    await says(main, why[1]);
    await says(main, "新しい登録リンクを管理者に依頼してください。");
    // Nothing of the control plane's own English sentence.
    await expect.poll(() => main.innerText()).not.toContain("enrolment");
    await app.speak("en");
    await main.getByRole("button", { name: "Back" }).click();
  }
  using agent = await demo.network.agent();
  expect(await agent.call("status", {})).toMatchObject({ enrollment: null, path: null });
});

test("a broken link says what a link looks like; a good one says who asks and for what, and enrols", async () => {
  const start = new FirstRun(app.page);
  await start.read("https://control.example/enroll");
  await says(app.page.getByRole("main"), en.said.refusals.link_malformed.message);
  await start.read(await demo.network.deviceLink());
  await says(app.page.getByRole("main"), "control.example asks to steer this device");
  await says(app.page.getByRole("main"), "The link names the certificate that has to answer there.");
  await start.enroll("laptop");
  await says(new Home(app.page).headline, "Not connected");
  await says(app.page.getByRole("main"), "acme · corp");
});

test("the switch connects the private network; full tunnel makes the Internet see the gateway; undo takes it back", async () => {
  const home = new Home(app.page);
  await home.turn();
  await says(home.headline, "Private network connected. Other traffic goes directly");
  await holds(() => proveDirectInternet(demo.network));
  expect((await home.path()).join(" ")).toMatch(
    /This device.*Enters here.*Private network.*Internet.*Directly/s,
  );
  await home.chooseMode("Full tunnel");
  await says(home.headline, /All traffic leaves in \w+/);
  await message(app.page, "traffic mode").getByRole("button", { name: "Undo" }).click();
  await says(home.headline, "Private network connected");
  await holds(() => proveDirectInternet(demo.network));
});

test("a pin is previewed before it is applied, holds, and is undone", async () => {
  const home = new Home(app.page);
  const path = new Path(app.page);
  await path.open();
  const change = await path.tryChange();
  await change.mode("Full tunnel");
  await change.gateways("By hand");
  await change.pin("Entry gateway", "Osaka");
  await change.pin("Exit gateway", "Frankfurt");
  await says(change.within, "All traffic enters at osaka and leaves at frankfurt.");
  await holds(() => proveDirectInternet(demo.network));
  await change.press("Apply");
  await home.open();
  await says(message(app.page, "Applied"), "Applied.");
  // Undo stays while the pointer is on it.
  await message(app.page, "Applied").hover();
  await says(home.headline, "All traffic leaves in Frankfurt");
  await leavesAt("osaka", "frankfurt");
  await message(app.page, "Applied").getByRole("button", { name: "Undo" }).click();
  await says(home.headline, "Private network connected");
});

test("this device's own choice is given up for the default by one button, and undone", async () => {
  const preferences = new Preferences(app.page);
  await preferences.open();
  const { device, user } = preferences;
  await user.gateways("By hand");
  await user.pin("Entry gateway", "Tokyo");
  await user.press("Save");
  await says(user.within, "This is what is stored.");
  await device.gateways("By hand");
  await device.pin("Entry gateway", "Osaka");
  await device.press("Save");
  await says(device.within, "This is what is stored.");
  await device.press("Use my default");
  await says(message(app.page, "your default"), "This device uses your default.");
  await says(device.within, "Nothing is set here.");
  await message(app.page, "your default").getByRole("button", { name: "Undo" }).click();
  await says(device.within, "osaka");
  await device.press("Use my default");
  await says(device.within, "Nothing is set here.");
  await user.press("Set nothing");
  await says(user.within, "Nothing is set here.");
});
