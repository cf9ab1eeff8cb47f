/**
 * What the app's window costs: its bytes, the time until it can be used against a bare React page in the same
 * browser, how soon a change in the agent is seen, and what it does while nobody sees it. The agent is a fake behind
 * the real RPC server, so that it can be told what to say and when.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright";
import { readPageFiles } from "../../src/face/page-files.ts";
import { startBridgeHost, type BridgeHost } from "../../src/bridge-host/server.ts";
import { connectAgent } from "../../src/rpc/client.ts";
import { startBrowser } from "../e2e/app/app-window.ts";
import { startStandIn, type StandIn } from "../e2e/host/stand-in.ts";
import { deskAt } from "../unit/face/fixtures.ts";
import { build, BUILT, CONNECTED, ENROLLED, openPage, traffic } from "./app-page.ts";
import { median, type BenchRow } from "./row.ts";

/** The quartiles of either page lie a sixth apart on two busy cores: fewer rounds let chance move the median by a tenth. */
const ROUNDS = 25;
const CHANGES = 20;
const HIDDEN_SECONDS = 5;
const KB = 1000;

async function bytes(folder: string, wanted: (path: string) => boolean): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  let sum = 0;
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && wanted(path)) sum += gzipSync(await readFile(path)).length;
  }
  return sum;
}

async function size(loaded: readonly string[]): Promise<BenchRow[]> {
  const all = await bytes(BUILT, () => true);
  const first = await bytes(BUILT, (path) =>
    [...loaded, "/index.html"].some((name) => path.endsWith(name.slice(1))),
  );
  const row = (what: string, figure: number, most: number): BenchRow => ({
    what,
    value: `${(figure / KB).toFixed(0)} KB gzip`,
    against: "-",
    ratio: null,
    target: `at most ${most} KB`,
    met: figure <= most * KB,
  });
  return [
    row("the interface, all of it", all, 300),
    row("the interface before it is first used", first, 200),
  ];
}

async function firstScreen(browser: Browser, ours: BridgeHost[], bare: BridgeHost[]): Promise<BenchRow> {
  const times = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const both = [["ours", ours] as const, ["bare", bare] as const];
    // In turn the first: whatever the one before leaves to be done weighs on both alike.
    for (const [kind, hosts] of round % 2 === 0 ? both : both.reverse()) {
      const host = hosts[round];
      if (host === undefined) throw new Error("one host for each round");
      const { page, usableAfter } = await openPage(browser, host);
      times[kind].push(usableAfter);
      await page.context().close();
    }
  }
  const [mine, theirs] = [median(times.ours), median(times.bare)];
  return {
    what: `the window can be used, median of ${ROUNDS}`,
    value: `${mine.toFixed(0)} ms`,
    against: `a bare React page: ${theirs.toFixed(0)} ms`,
    ratio: mine / theirs,
    target: "at most 1.50 times",
    met: mine <= 1.5 * theirs,
  };
}

/** Throws unless the page does what is pressed at the moment from which it counts as usable. */
async function actsWhenUsable(browser: Browser, host: BridgeHost, agent: StandIn): Promise<void> {
  const { page } = await openPage(browser, host, { press: true });
  for (let tries = 0; !agent.asked.some(({ method }) => method === "connect"); tries += 1) {
    if (tries === 100) throw new Error("what was pressed when the page counted as usable did nothing");
    await new Promise((done) => setTimeout(done, 50));
  }
  await page.context().close();
}

/** How much later than a program on the same RPC a person sees a change of state. */
async function changeSeen(page: Page, agent: StandIn): Promise<BenchRow> {
  const client = await connectAgent(agent.socket);
  await client.call("subscribe", {});
  const [rpc, seen]: [number[], number[]] = [[], []];
  for (let index = 0; index < CHANGES; index += 1) {
    const on = index % 2 === 0;
    const told = new Promise<number>((done) => {
      const stop = client.onChanged(() => {
        stop();
        done(now());
      });
    });
    const painted = page.evaluate<number>(`new Promise((done) => {
      const before = document.querySelector("h1").textContent;
      const observer = new MutationObserver(() => {
        if (document.querySelector("h1").textContent === before) return;
        observer.disconnect();
        requestAnimationFrame(() => done(performance.timeOrigin + performance.now()));
      });
      observer.observe(document, { childList: true, subtree: true, characterData: true });
    })`);
    // The page has begun to look before anything changes.
    await page.evaluate("0");
    const at = now();
    agent.say({ tunnel: on ? CONNECTED : { state: "disconnected" } });
    rpc.push((await told) - at);
    seen.push((await painted) - at);
  }
  client.close();
  const more = median(seen) - median(rpc);
  return {
    what: `a change in the agent is seen, median of ${CHANGES}`,
    value: `${median(seen).toFixed(0)} ms`,
    against: `the RPC alone: ${median(rpc).toFixed(1)} ms`,
    ratio: null,
    target: "at most 50 ms more",
    met: more <= 50,
  };
}

const now = (): number => performance.timeOrigin + performance.now();

/** Script time of the page over some seconds in which the agent tells of traffic every tenth of a second. */
async function scriptTime(page: Page, agent: StandIn): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const read = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
  };
  const before = await read();
  for (let tick = 0; tick < HIDDEN_SECONDS * 10; tick += 1) {
    agent.say({ traffic: traffic(tick) });
    await new Promise((done) => setTimeout(done, 100));
  }
  const used = (await read()) - before;
  await session.detach();
  return (used / HIDDEN_SECONDS) * 1000;
}

async function hidden(page: Page, agent: StandIn): Promise<BenchRow> {
  agent.say({ tunnel: CONNECTED });
  // A browser draws no frame of a page that nobody sees. This one can only be told that it is hidden, so nothing moves
  // by itself in either half: what differs is what the page does.
  await page.emulateMedia({ reducedMotion: "reduce" });
  const visible = await scriptTime(page, agent);
  await page.evaluate(`
    Object.defineProperty(document, "visibilityState", { get: () => "hidden", configurable: true });
    Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  `);
  const used = await scriptTime(page, agent);
  return {
    what: "the window while it is hidden and the agent tells of traffic ten times a second",
    value: `${used.toFixed(1)} ms/s`,
    against: `while it is seen: ${visible.toFixed(1)} ms/s`,
    ratio: used / visible,
    target: "at most 0.02 times",
    met: used <= 0.02 * visible,
  };
}

export async function bench(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "nanami-bare-"));
  await build(folder);
  await using agent = await startStandIn(ENROLLED, { gateways: () => Promise.resolve([]) });
  using face = deskAt(agent.socket);
  const files = { ours: await readPageFiles(BUILT), bare: await readPageFiles(folder) };
  const hosts = (kind: keyof typeof files, count: number): Promise<BridgeHost[]> =>
    Promise.all(
      Array.from({ length: count }, () => startBridgeHost({ desk: face.desk, files: files[kind], port: 0 })),
    );
  const [ours, bare] = [await hosts("ours", ROUNDS + 3), await hosts("bare", ROUNDS + 1)];
  await using browser = await startBrowser();
  // The first of each kind starts the browser's own processes.
  for (const host of [ours.pop(), bare.pop()])
    if (host !== undefined) await (await openPage(browser, host)).page.context().close();
  const speed = await firstScreen(browser, ours, bare);
  const [one, other] = [ours.pop(), ours.pop()];
  if (one === undefined || other === undefined) throw new Error("two hosts more than rounds");
  await actsWhenUsable(browser, one, agent);
  const { page, loaded } = await openPage(browser, other);
  const rows = [...(await size(loaded)), speed, await changeSeen(page, agent), await hidden(page, agent)];
  await rm(folder, { recursive: true, force: true });
  return rows;
}

if (import.meta.main) console.table(await bench());
