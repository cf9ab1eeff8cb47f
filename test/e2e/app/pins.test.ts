/** Gateways chosen by hand that are not allowed: the window says which rule is broken before anything is saved. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { GatewayRow } from "../../../renderer/gateway-row.ts";
import { en } from "../../../renderer/texts/en/index.ts";
import { ja } from "../../../renderer/texts/ja/index.ts";
import { allow, bodyOf, createLink, gatewaysOf, overwrite, request } from "../../../src/lab/seed.ts";
import { Network } from "../../../src/api/http.ts";
import type { AppWindow, WindowOptions } from "./app-window.ts";
import { says } from "./eventually.ts";
import { demoForAll, windowsForAll } from "./for-all-tests.ts";
import { forgeAnswers } from "./forged-answers.ts";
import { Home } from "./pages/home.ts";
import { Path } from "./pages/path.ts";
import { Preferences, type Choices, type End } from "./pages/preferences.ts";
import { brokenRules } from "./pages/screen.ts";

type Rule = keyof typeof en.preferences.problem;

const windows = windowsForAll();
const demo = demoForAll({ enrolled: true });
let app: AppWindow;

beforeEach(() => open());
afterEach(async () => {
  expect(await storedOnDevice()).toEqual({});
});

async function open(options?: WindowOptions): Promise<void> {
  app = await windows.open(demo.socket, options);
}

/** What the control plane holds of this device's own layer. */
async function storedOnDevice(): Promise<unknown> {
  using agent = await demo.network.agent();
  const layers = await agent.call("getPreferences", {});
  return layers.find(({ layer }) => layer === "device")?.value;
}

async function idOf(name: string): Promise<string> {
  const { operator, seed } = demo.network;
  const gateway = (await gatewaysOf(operator, seed.networks.corp)).get(name);
  if (gateway === undefined) throw new Error(`the world has no ${name}`);
  return gateway.deviceId;
}

/** Opens the preferences with a gateway chosen by hand for one end of this device. */
async function pinning(end: End, gateway: string): Promise<Choices> {
  const preferences = new Preferences(app.page);
  await preferences.open();
  await preferences.device.gateways("By hand");
  await preferences.device.pin(end, gateway);
  return preferences.device;
}

/**
 * The window may have learnt by itself that it is not allowed, even between looking and pressing: then the button is
 * there and cannot be pressed. That there is none, or that it can be pressed and is not, is a failure.
 */
async function saveWhereOffered({ within }: Choices): Promise<void> {
  const save = within.getByRole("button", { name: "Save", exact: true });
  await save.waitFor();
  if (await save.isDisabled()) return;
  try {
    await save.click({ timeout: 2000 });
  } catch (error) {
    if (!(await save.isDisabled())) throw error;
  }
}

const sentence = (words: string, name: string): string => words.replaceAll("{{name}}", name);

/** The rule is told in both languages; the same choice stands all the while. */
async function tellsTheRule(rule: Rule, name: string): Promise<void> {
  const main = app.page.getByRole("main");
  await says(main, sentence(en.preferences.problem[rule], name));
  await app.speakJapanese();
  await says(main, sentence(ja.preferences.problem[rule], name));
}

test.each<[Rule, End, string]>([
  ["access_denied", "Exit gateway", "São Paulo"],
  ["missing_role_ingress", "Entry gateway", "São Paulo"],
  ["missing_role_egress", "Exit gateway", "Osaka"],
])("what the list offers and does not allow is refused as it is chosen: %s", async (rule, end, gateway) => {
  const { operator, seed } = demo.network;
  // Who may use it is still told that it is no entry.
  const access = rule === "missing_role_ingress" ? "everyone" : [];
  await allow(operator, seed.networks.corp, await idOf("saopaulo"), access);
  try {
    await app.page.reload();
    const device = await pinning(end, gateway);
    await says(device.within, sentence(en.preferences.problem[rule], gateway));
    expect(await device.within.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    await tellsTheRule(rule, gateway);
  } finally {
    await allow(operator, seed.networks.corp, await idOf("saopaulo"), []);
  }
});

test("access that is taken away while a pin is being chosen refuses it with the rule", async () => {
  const { operator, seed } = demo.network;
  const device = await pinning("Exit gateway", "Frankfurt");
  await allow(operator, seed.networks.corp, await idOf("frankfurt"), []);
  try {
    await saveWhereOffered(device);
    await tellsTheRule("access_denied", "frankfurt");
  } finally {
    await allow(operator, seed.networks.corp, await idOf("frankfurt"), "everyone");
  }
});

test("a role that is taken away while a pin is being chosen refuses it with the rule", async () => {
  const { operator } = demo.network;
  const frankfurt = await idOf("frankfurt");
  const roles = (left: readonly string[]) =>
    overwrite(operator, `/devices/${frankfurt}/roles`, { roles: left }, `/devices/${frankfurt}`);
  const device = await pinning("Exit gateway", "Frankfurt");
  await roles(["ingress_gateway"]);
  try {
    await saveWhereOffered(device);
    await tellsTheRule("missing_role_egress", "frankfurt");
  } finally {
    await roles(["exit_gateway", "ingress_gateway"]);
  }
});

/** A gateway that may be used for everything, as a list that is stale or forged would have it. */
function offered(deviceId: string, name: string): GatewayRow {
  const ends = (["ingress", "egress"] as const).map((end) => ({
    ...{ end, eligible: true, chosen: false, reasons: [] },
  }));
  return { deviceId, name, region: name, healthy: true, roundTripMs: 1, ends };
}

/** The id of a gateway that is none of this device's network. */
async function strangerId(name: "oslo" | "lima" | "atlantis"): Promise<string> {
  const { operator, seed } = demo.network;
  if (name === "atlantis") return "dev_atlantis0000";
  const gateways =
    name === "oslo"
      ? await gatewaysOf(operator, seed.networks.lab)
      : await gatewaysOf(demo.network.client(seed.operators.globex), seed.networks.globex);
  return gateways.get(name)?.deviceId ?? "";
}

/** A window whose list of gateways has `row` besides. */
async function openWith(row: GatewayRow): Promise<void> {
  await app.close();
  await open({ prepare: forgeAnswers("gateways", (rows) => [...rows, row]) });
}

test.each([
  ["of another network", "oslo", "wrong_network"],
  // Who may not see a workspace is not told that it is one: the words are those of a gateway that is not there.
  ["of another workspace", "lima", "unknown_device"],
  ["that was never there", "atlantis", "unknown_device"],
] as const)("a gateway %s is refused in the preview and on saving", async (_, name, rule) => {
  await openWith(offered(await strangerId(name), name));
  const path = new Path(app.page);
  await path.open();
  const change = await path.tryChange();
  await change.gateways("By hand");
  await change.pin("Exit gateway", name);
  await says(change.within, sentence(en.preferences.problem[rule], name));
  await change.mode("Full tunnel");
  await says(change.within, `There is no path: ${en.reasons[rule].clause}`);
  expect(await change.within.getByRole("button", { name: "Apply" }).isDisabled()).toBe(true);
  await change.press("Discard");
  const device = await pinning("Entry gateway", name);
  await device.press("Save");
  await tellsTheRule(rule, name);
  await says(app.page.getByRole("main").getByRole("alert"), sentence(ja.preferences.problem[rule], name));
});

test("a gateway that is removed while it is being chosen is told to be gone", async () => {
  const { operator } = demo.network;
  const device = await pinning("Entry gateway", "Osaka");
  bodyOf(await operator.call({ method: "DELETE", path: `/devices/${await idOf("osaka")}`, answer: null }));
  await saveWhereOffered(device);
  // Its name may be forgotten already: it is nobody's any more.
  await says(device.within, /(osaka|a gateway you cannot see) does not exist or is not visible to you/i);
  await app.speakJapanese();
  const [, words = ""] = ja.preferences.problem.unknown_device.split("{{name}}");
  await says(app.page.getByRole("main"), words);
});

test("what an operator pins and this device's owner may not use leaves no path, and says who decided it", async () => {
  const { operator, seed } = demo.network;
  const policy = `/networks/${seed.networks.corp}/routing-policy`;
  const selection = {
    routingMode: "manual",
    ingressDeviceId: null,
    egressDeviceId: await idOf("saopaulo"),
  };
  await overwrite(operator, policy, { trafficMode: "full_tunnel", selection });
  try {
    const home = new Home(app.page);
    await says(home.card, `There is no path: ${en.reasons.access_denied.clause}`);
    await says(app.page.getByRole("main"), "Gateways: set by your operator");
    const path = new Path(app.page);
    await path.open();
    await says(path.layers.getByRole("row", { name: /^Network corp/ }), /São Paulo.*decides/);
  } finally {
    await overwrite(operator, policy, {});
  }
});

test("in a network whose preferences are the operator's, the window says so when somebody sets one", async () => {
  const { operator, seed } = demo.network;
  const { id } = await request(operator, "POST", "/networks", Network, {
    name: "strict",
    overlayPrefixes: ["100.70.0.0/16"],
    privatePrefixes: ["10.70.0.0/16"],
    preferencesWritableBy: "operators",
  });
  using agent = await demo.network.agent();
  await agent.call("logout", {});
  const link = await createLink(operator, id, { for: "device", userId: seed.member.id });
  await agent.call("enroll", { link, name: "laptop" });
  const preferences = new Preferences(app.page);
  await preferences.open();
  for (const layer of [preferences.device, preferences.user]) {
    await layer.mode("Full tunnel");
    await layer.press("Save");
    await says(layer.within, "This is set by your operator");
    await says(layer.within, en.preferences.operatorText);
    expect(await brokenRules(app.page)).toEqual([]);
  }
});
