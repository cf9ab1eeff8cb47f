/**
 * Whether the window stays smooth while much comes: a log of a thousand lines a second, and a hundred gateways whose
 * figures change while somebody scrolls. Frames are counted in the page itself, and in turn in a page that does
 * nothing, in the same browser: what that one drops is the machine's.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright";
import { startBridgeHost } from "../../src/bridge-host/server.ts";
import { readPageFiles } from "../../src/face/page-files.ts";
import type { Result, Snapshot } from "../../src/rpc/contract.ts";
import { startBrowser } from "../e2e/app/app-window.ts";
import { startStandIn } from "../e2e/host/stand-in.ts";
import { PATH, TOKYO } from "../unit/cli/values.ts";
import { deskAt } from "../unit/face/fixtures.ts";
import { build, BUILT, CONNECTED, ENROLLED, openPage, traffic } from "./app-page.ts";
import { median, type BenchRow } from "./row.ts";

const GATEWAYS = 100;
const LINES_A_SECOND = 1000;
const ROUNDS = 5;
const SECONDS = 3;
const TICK_MS = 100;
/** The gateway whose figure is the number of the look. */
const GROWING = 1;
const LOG_BEGAN = Date.UTC(2026, 10, 23);

type GatewayRow = Result<"gateways">[number];
type LogLine = Result<"readLog">["lines"][number];

const deviceId = (index: number): string => `dev_gateway${String(index).padStart(8, "0")}`;

/** A hundred gateways, each a little further away at every look. */
function gateways(look: number): GatewayRow[] {
  return Array.from({ length: GATEWAYS }, (_, index) => ({
    deviceId: deviceId(index),
    name: `gateway-${index}`,
    region: `Region ${index % 12}`,
    healthy: index % 9 !== 0,
    // The one that is looked up to see whether what came was drawn only grows.
    roundTripMs: index === GROWING ? look : 5 + ((index + look) % 40),
    ends: [
      { end: "ingress", eligible: index % 4 !== 0, chosen: index === 1, reasons: [] },
      { end: "egress", eligible: true, chosen: index === 2, reasons: [] },
    ],
  }));
}

function pathOf(number: number): NonNullable<Snapshot["path"]> {
  return {
    ...PATH,
    epoch: { lineage: "bench", number },
    ingress: { ...TOKYO, deviceId: deviceId(1) },
    egress: { ...TOKYO, deviceId: deviceId(2) },
    candidates: gateways(number).flatMap(({ deviceId: id, ends, roundTripMs }) =>
      ends.map(({ end, eligible }) => ({
        deviceId: id,
        end,
        eligible,
        reasons: eligible ? [] : ["missing_role" as const],
        ...(eligible && roundTripMs !== null ? { score: roundTripMs } : {}),
      })),
    ),
  };
}

/** The log of an agent that began to talk when this was made. */
function talkative() {
  const began = performance.now();
  return ({ after, limit }: { after: number; limit: number }): Promise<Result<"readLog">> => {
    const last = Math.floor(((performance.now() - began) / 1000) * LINES_A_SECOND);
    const count = Math.max(0, Math.min(limit, last - after));
    const lines = Array.from({ length: count }, (_, index): LogLine => {
      const sequence = after + index + 1;
      return {
        sequence,
        at: new Date(LOG_BEGAN + sequence).toISOString(),
        level: sequence % 50 === 0 ? "warning" : "info",
        message: `peer ${sequence % 7} answered`,
        facts: { peer: `gateway-${sequence % 100}`, roundTripMs: sequence % 40 },
      };
    });
    return Promise.resolve({ lines, next: after + count });
  };
}

/** Counts, over some seconds, the frames of a page that took longer than two. */
function dropped(page: Page): Promise<{ frames: number; dropped: number }> {
  return page.evaluate(`new Promise((done) => {
    const FRAME_MS = 1000 / 60;
    const end = performance.now() + ${SECONDS * 1000};
    let [before, frames, dropped] = [undefined, 0, 0];
    requestAnimationFrame(function next(now) {
      if (before !== undefined) {
        frames += 1;
        if (now - before > 2 * FRAME_MS) dropped += 1;
      }
      before = now;
      if (now < end) requestAnimationFrame(next);
      else done({ frames, dropped });
    });
  })`);
}

/** What goes on in our page while its frames are counted. */
interface Load {
  readonly what: string;
  /** Begins it; what it returns ends it. */
  readonly begin: () => () => void;
  /** How far the page shows it to be. */
  readonly shown: () => Promise<number>;
  /** What `shown` has to grow by in each round: a page that draws nothing drops nothing either. */
  readonly least: number;
}

/** The row: in turn what the idle page drops and what ours does under the load; medians of the rounds. */
async function smooth(idle: Page, ours: Page, { what, begin, shown, least }: Load): Promise<BenchRow> {
  const counts = { idle: [] as number[], ours: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    counts.idle.push((await dropped(idle)).dropped);
    const before = await shown();
    const stop = begin();
    counts.ours.push((await dropped(ours)).dropped);
    stop();
    const grown = (await shown()) - before;
    if (!(grown >= least)) throw new Error(`${what}: the page went on by ${grown}, not by ${least}`);
  }
  const [mine, theirs] = [median(counts.ours), median(counts.idle)];
  return {
    what: `${what}: frames dropped in ${SECONDS} s, median of ${ROUNDS}`,
    value: String(mine),
    against: `a page that does nothing: ${theirs}`,
    ratio: null,
    target: "none that the other does not",
    met: mine <= theirs,
  };
}

export async function bench(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "nanami-bare-"));
  await build(folder);
  let look = 0;
  await using agent = await startStandIn(
    { ...ENROLLED, tunnel: CONNECTED, path: pathOf(1), traffic: traffic(0) },
    { gateways: () => Promise.resolve(gateways((look += 1))), readLog: talkative() },
  );
  using face = deskAt(agent.socket);
  const hosts = await Promise.all(
    [BUILT, folder].map(async (page) =>
      startBridgeHost({ desk: face.desk, files: await readPageFiles(page), port: 0 }),
    ),
  );
  await using browser = await startBrowser();
  const [ours, idle] = await Promise.all(hosts.map(async (host) => (await openPage(browser, host)).page));
  if (ours === undefined || idle === undefined) throw new Error("two hosts, two pages");

  let tick = 0;
  const every = (ms: number, tell: () => void): (() => void) => {
    const timer = setInterval(tell, ms);
    return () => clearInterval(timer);
  };
  await ours.keyboard.press("Control+5");
  await ours.getByRole("log").getByText("answered").first().waitFor();
  const lastLine = ours.getByRole("log").locator("time").last();
  const log = await smooth(idle, ours, {
    what: `a log of ${LINES_A_SECOND} lines a second`,
    begin: () => every(TICK_MS, () => agent.say({ traffic: traffic((tick += 1)) })),
    // The number of the last line in sight, which its time tells.
    shown: async () => Date.parse((await lastLine.getAttribute("datetime")) ?? "") - LOG_BEGAN,
    // It is looked at four times a second: one look may fall on either side of the end.
    least: (SECONDS - 0.5) * LINES_A_SECOND,
  });

  await ours.keyboard.press("Control+2");
  await ours
    .getByText(`gateway-${GATEWAYS - 1}`)
    .first()
    .waitFor({ state: "attached" });
  await ours.mouse.move(200, 400);
  const growing = ours
    .getByRole("listitem")
    .filter({ has: ours.getByText(`gateway-${GROWING}`, { exact: true }) });
  const list = await smooth(idle, ours, {
    what: `${GATEWAYS} gateways that change and are scrolled`,
    begin: () => {
      const stops = [
        every(TICK_MS, () => agent.say({ traffic: traffic((tick += 1)) })),
        // Each new path has the window ask for the gateways anew.
        every(1000, () => agent.say({ path: pathOf((tick += 1)) })),
        every(TICK_MS, () => void ours.mouse.wheel(0, tick % 60 < 30 ? 300 : -300).catch(() => undefined)),
      ];
      return () => stops.forEach((stop) => stop());
    },
    shown: async () => Number(/(\d+) ms/.exec((await growing.textContent()) ?? "")?.[1]),
    // The last path of a round may not have been asked for yet.
    least: SECONDS - 2,
  });
  await rm(folder, { recursive: true, force: true });
  return [log, list];
}

if (import.meta.main) console.table(await bench());
