/**
 * Pictures of every screen of the app before the real demo world: both themes, both sizes, both languages, into the
 * folder that the first argument names. Runs inside the sandbox; `npm run screenshots` starts it.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright";
import { connectIn } from "../../../src/lab/device.ts";
import { LAPTOP } from "../../../src/lab/demo-places.ts";
import { withoutFirewall } from "../../../src/lab/no-firewall.ts";
import { silence } from "../../../src/lab/silence.ts";
import { AppWindow, startBrowser, type WindowOptions } from "./app-window.ts";
import { enrol, issueConfig, raiseDemo, type Demo } from "./demo.ts";
import { FirstRun } from "./pages/first-run.ts";
import { Health } from "./pages/health.ts";
import { Manual } from "./pages/manual.ts";
import { goTo, SCREENS } from "./pages/screen.ts";

const FOLDER = process.argv[2] ?? ".nanami/screenshots";
const SIZES = [
  { width: 420, height: 680 },
  { width: 1280, height: 800 },
] as const;

/** Every combination of size and theme, with what a file's name says of it. */
function* kinds(): Generator<{ readonly look: string; readonly options: WindowOptions }> {
  for (const size of SIZES)
    for (const colorScheme of ["light", "dark"] as const)
      yield { look: `${size.width}-${colorScheme}`, options: { ...size, colorScheme } };
}

async function settled(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
  await page.waitForTimeout(300);
}

/** The last minute's line, where this screen has one: it is drawn from the third measurement on. */
async function drawn(page: Page): Promise<void> {
  const chart = page.getByRole("img", { name: /^(Throughput of the last minute|直近 1 分間の通信量)$/ });
  if ((await chart.count()) > 0) await chart.locator("canvas").waitFor();
}

/** What a window shows now, in every kind and both languages; `prepare` leads there, in English. */
async function shoot(
  browser: Browser,
  socket: string,
  name: string,
  prepare: (page: Page) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const { look, options } of kinds()) {
    await using app = await AppWindow.open(browser, socket, options);
    await app.page.getByRole("heading", { level: 1 }).waitFor();
    await prepare(app.page);
    for (const language of ["en", "ja"] as const) {
      if (language === "ja") await app.speakJapanese();
      await settled(app.page);
      await drawn(app.page);
      await app.page.screenshot({ path: join(FOLDER, `${name}-${look}-${language}.png`) });
    }
  }
  process.stdout.write(`${name}\n`);
}

/** Traffic in waves, so that there is something to see of the throughput. */
function keepBusy({ network }: Demo): void {
  const wave =
    "for size in 400 900 1400 1100 600; do ping -q -c 60 -i 0.02 -s $size intranet.corp.test; done";
  void network.laptop.spawn("/bin/sh", ["-c", `while :; do ${wave}; done`], { stdio: "ignore" });
}

await mkdir(FOLDER, { recursive: true });
await using demo = await raiseDemo();
await using browser = await startBrowser();
const { network, socket } = demo;

await shoot(browser, join(FOLDER, "no-agent-is-here.sock"), "service-away");
await shoot(browser, socket, "first-run");
const link = await network.deviceLink();
await shoot(browser, socket, "enrolment", async (page) => {
  await new FirstRun(page).read(link);
  await page.getByRole("button", { name: "Enrol this device" }).waitFor();
});
await enrol(network);
await shoot(browser, socket, "home-disconnected");
const agent = await network.agent();
await connectIn(agent, "vpn_only");
await shoot(browser, socket, "home-private");
await connectIn(agent, "full_tunnel");
keepBusy(demo);
for (const screen of SCREENS)
  await shoot(browser, socket, screen.toLowerCase(), (page) => goTo(page, screen));
await shoot(browser, socket, "try-a-change", async (page) => {
  await goTo(page, "Path");
  await page.getByRole("button", { name: "Try a change…" }).click();
  await page.getByRole("radiogroup", { name: "Traffic mode" }).last().getByText("Private network").click();
});
const file = await issueConfig(network);
await shoot(browser, socket, "import-report", async (page) => {
  const manual = new Manual(page);
  await goTo(page, "Manual");
  await manual.paste(file.replace("[Peer]", "PostUp = iptables -A FORWARD -j ACCEPT\n\n[Peer]"));
  await manual.report
    .getByRole("heading", { name: /noticed/ })
    .first()
    .waitFor();
});
await shoot(browser, socket, "more", async (page) => {
  const more = page.getByRole("navigation", { name: "Screens" }).getByRole("button", { name: "More" });
  // Where there is room, nothing is behind it.
  if (await more.isVisible()) await more.click();
});
await shoot(browser, socket, "route", async (page) => {
  await goTo(page, "Health");
  const card = new Health(page).card("Where does this go?");
  await card.getByRole("textbox", { name: "Address or name" }).fill("intranet.corp.test");
  await card.getByRole("button", { name: "Show" }).click();
  await card.getByText("Decided by").waitFor();
  await card.scrollIntoViewIfNeeded();
});
await shoot(browser, socket, "health-checks", async (page) => {
  await goTo(page, "Health");
  const card = new Health(page).card("Health checks");
  await card.getByRole("button", { name: "Check now" }).click();
  await card.getByRole("list").waitFor();
  await card.scrollIntoViewIfNeeded();
});
await shoot(browser, socket, "leak-test", async (page) => {
  await goTo(page, "Health");
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
await agent.call("disconnect", {});
agent.close();
await network.stop("agent");
await withoutFirewall(network.world.host(LAPTOP.host));
await network.startAgent();
const powerless = await network.agent();
await powerless.call("setSettings", { lockdown: "on" }).catch(() => undefined);
powerless.close();
await shoot(browser, socket, "home-lockdown-open", async (page) => {
  await page.getByRole("main").getByRole("alert").first().waitFor();
});
process.stdout.write(`in ${FOLDER}\n`);
