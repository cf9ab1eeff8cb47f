/**
 * Pictures of every screen of the app before the real demo world: both themes, both sizes, both languages, into the
 * folder that the first argument names. Runs inside the sandbox; `npm run screenshots` starts it.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright";
import { CreatedManualConfig } from "../../../src/api/http.ts";
import { connectIn } from "../../../src/lab/device.ts";
import { request } from "../../../src/lab/seed.ts";
import { silence } from "../../../src/lab/silence.ts";
import { AppWindow, startBrowser, type WindowOptions } from "./app-window.ts";
import { raiseDemo, type Demo } from "./demo.ts";
import { Health } from "./pages/health.ts";
import { Manual } from "./pages/manual.ts";
import { goTo, type ScreenName } from "./pages/screen.ts";

const FOLDER = process.argv[2] ?? ".nanami/screenshots";
const SIZES = [
  { width: 420, height: 680 },
  { width: 1280, height: 800 },
] as const;
const SCREENS = [
  "Home",
  "Path",
  "Preferences",
  "Manual",
  "Health",
  "Settings",
] as const satisfies readonly ScreenName[];

/** Every combination of size, theme and language, with the end of a file's name. */
function* kinds(): Generator<{ readonly suffix: string; readonly options: WindowOptions }> {
  for (const size of SIZES)
    for (const colorScheme of ["light", "dark"] as const)
      for (const locale of ["en-GB", "ja-JP"] as const)
        yield {
          suffix: `${size.width}-${colorScheme}-${locale.slice(0, 2)}`,
          options: { ...size, colorScheme, locale },
        };
}

async function settled(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
  await page.waitForTimeout(300);
}

/** What a window shows now, in every kind; `prepare` leads there. */
async function shoot(
  browser: Browser,
  socket: string,
  name: string,
  prepare: (page: Page) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const { suffix, options } of kinds()) {
    // Led there in English, then told the other language: the way is the same.
    await using app = await AppWindow.open(browser, socket, { ...options, locale: "en-GB" });
    await app.page.getByRole("heading", { level: 1 }).waitFor();
    await prepare(app.page);
    if (options.locale === "ja-JP") await app.speakJapanese();
    await settled(app.page);
    await app.page.screenshot({ path: join(FOLDER, `${name}-${suffix}.png`) });
  }
  process.stdout.write(`${name}\n`);
}

async function goToAnywhere(page: Page, screen: ScreenName): Promise<void> {
  const width = page.viewportSize()?.width ?? 0;
  if (width < 700) await goTo(page, screen);
  else await page.getByRole("navigation", { name: "Screens" }).getByRole("button", { name: screen }).click();
}

async function enrol({ network }: Demo): Promise<void> {
  const agent = await network.agent();
  await agent.call("enroll", { link: await network.deviceLink(), name: "laptop" });
  agent.close();
}

async function issued({ network: { operator, seed } }: Demo): Promise<string> {
  const path = `/networks/${seed.networks.corp}/manual-configs`;
  const body = { name: "plain", userId: seed.member.id };
  return (await request(operator, "POST", path, CreatedManualConfig, body)).file;
}

await mkdir(FOLDER, { recursive: true });
await using demo = await raiseDemo();
await using browser = await startBrowser();
const { network, socket } = demo;

await shoot(browser, socket, "first-run");
await enrol(demo);
await shoot(browser, socket, "home-disconnected");
const agent = await network.agent();
await connectIn(agent, "vpn_only");
await shoot(browser, socket, "home-private");
await connectIn(agent, "full_tunnel");
for (const screen of SCREENS)
  await shoot(browser, socket, screen.toLowerCase(), (page) => goToAnywhere(page, screen));
await shoot(browser, socket, "try-a-change", async (page) => {
  await goToAnywhere(page, "Path");
  await page.getByRole("button", { name: "Try a change…" }).click();
  await page.getByRole("radiogroup", { name: "Traffic mode" }).last().getByText("Private network").click();
});
const file = await issued(demo);
await shoot(browser, socket, "import-report", async (page) => {
  const manual = new Manual(page);
  await goToAnywhere(page, "Manual");
  await manual.paste(file.replace("[Peer]", "PostUp = iptables -A FORWARD -j ACCEPT\n\n[Peer]"));
  await manual.report.getByText("What was noticed").first().waitFor();
});
await shoot(browser, socket, "leak-test", async (page) => {
  await goToAnywhere(page, "Health");
  const health = new Health(page);
  await health.press("Leak self-test", "Test now");
  await health.card("Leak self-test").getByRole("button", { name: "Test again" }).waitFor();
});
const gateways = await agent.call("gateways", {});
const frankfurt = gateways.find(({ name }) => name === "frankfurt");
await agent.call("setPreference", {
  layer: "device",
  value: {
    trafficMode: "full_tunnel",
    selection: {
      routingMode: "manual",
      ingressDeviceId: gateways.find(({ name }) => name === "tokyo")?.deviceId ?? null,
      egressDeviceId: frankfurt?.deviceId ?? null,
    },
  },
});
await connectIn(agent, "full_tunnel");
await shoot(browser, socket, "home-two-hops");
await silence(network, "frankfurt");
await shoot(browser, socket, "home-blocked", async (page) => {
  await page.getByRole("main").getByRole("alert").first().waitFor();
});
await silence(network);
agent.close();
process.stdout.write(`in ${FOLDER}\n`);
