/**
 * TCP through our tunnel against the same tunnel raised by hand, in turn, on the same device with the same key. All
 * hosts share the machine's processors, and what a gateway is not given time to take is lost and sent again, so that a
 * single figure says little: hence the pairs, and the processor time beside it, which no other host takes part in.
 */
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { scratch } from "../../src/lab/host.ts";
import {
  counted,
  EngineProcess,
  fullIntent,
  nestedIntent,
  PUBLIC_SERVER,
  raiseLab,
  type Lab,
} from "../integration/tunnel-lab.ts";
import { median, type BenchRow } from "./row.ts";
import { BY_HAND, byHand } from "./tunnel-by-hand.ts";

/** Runs of each side. */
const RUNS = 9;
/** Each in parts, in turn with the other side's: whoever else uses the machine comes and goes meanwhile. */
const PARTS = 2;
const SECONDS = 2;
const SETTLE_MS = 700;
const TARGET = 0.95;

const Report = z.object({
  end: z.object({
    sum_received: z.object({ bits_per_second: z.number() }),
    sum_sent: z.object({ bytes: z.number() }),
  }),
});

interface Run {
  readonly megabits: number;
  /** Milliseconds that the device's `wireguard-go` used for each megabyte; NaN where the kernel does its work. */
  readonly milliseconds: number;
}

/** The rows of one topology: gateway a alone, or b through a. */
export async function throughput(what: "one hop" | "two hops"): Promise<BenchRow[]> {
  await using lab = await raiseLab();
  await using folder = await scratch();
  void lab.internet.spawn("iperf3", ["-s"], { stdio: "ignore" });
  const engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
  const nested = what === "two hops";
  const intent = nested ? nestedIntent(lab.a, lab.b) : fullIntent(lab.a);
  const hand = byHand(lab, nested);
  const ours = new Side("ours", lab, async () => {
    await engine.state("connected", { do: "apply", intent, key: lab.key.reveal() });
    const run = await send(lab, "nanami0");
    await engine.state("disconnected", { do: "disconnect" });
    return run;
  });
  const theirs = new Side("by hand", lab, async () => {
    await hand.up();
    const run = await send(lab, BY_HAND);
    await hand.down();
    return run;
  });
  for (let part = 0; part < RUNS * PARTS; part += 1) {
    // Neither is always the first.
    for (const side of part % 2 === 0 ? [ours, theirs] : [theirs, ours]) await side.measure();
  }
  await engine.kill("SIGKILL");
  return rows(what, ours.runs(), theirs.runs());
}

class Side {
  readonly #name: string;
  readonly #lab: Lab;
  readonly #part: () => Promise<Run>;
  readonly #parts: Run[] = [];

  constructor(name: string, lab: Lab, part: () => Promise<Run>) {
    this.#name = name;
    this.#lab = lab;
    this.#part = part;
  }

  /**
   * Holds that meanwhile the device sent nothing to gateway b itself: a nested tunnel that reaches its far gateway
   * directly carries half the load, and looks like a fast one.
   */
  async measure(): Promise<void> {
    const toB = () => counted(this.#lab.router, "world", "to_b");
    const before = await toB();
    this.#parts.push(await this.#part());
    const direct = (await toB()) - before;
    if (direct > 0) throw new Error(`${this.#name}: ${direct} packets went to gateway b directly`);
  }

  runs(): Run[] {
    return Array.from({ length: RUNS }, (_, run) => {
      const parts = this.#parts.slice(run * PARTS, (run + 1) * PARTS);
      const mean = (of: (part: Run) => number) =>
        parts.reduce((sum, part) => sum + of(part), 0) / parts.length;
      return {
        megabits: mean(({ megabits }) => megabits),
        milliseconds: mean(({ milliseconds }) => milliseconds),
      };
    });
  }
}

function rows(what: string, ours: readonly Run[], theirs: readonly Run[]): BenchRow[] {
  const pairs = (of: (run: Run) => number) => ({
    ours: median(ours.map(of)),
    theirs: median(theirs.map(of)),
    ratio: median(ours.flatMap((mine, run) => theirs.slice(run, run + 1).map((its) => of(mine) / of(its)))),
  });
  const rate = pairs(({ megabits }) => megabits);
  const cost = pairs(({ milliseconds }) => milliseconds);
  const times = `median of ${RUNS} pairs`;
  const speed: BenchRow = {
    what: `throughput, ${what}, ${times}`,
    value: `${rate.ours.toFixed(0)} Mbit/s`,
    against: `raised by hand: ${rate.theirs.toFixed(0)} Mbit/s`,
    ratio: rate.ratio,
    target: `at least ${TARGET}`,
    met: rate.ratio >= TARGET,
  };
  if (Number.isNaN(cost.ratio)) return [speed];
  return [
    speed,
    {
      what: `processor time of the device's wireguard-go with what the kernel does for it, ${what}, ${times}`,
      value: `${cost.ours.toFixed(1)} ms/MB`,
      against: `raised by hand: ${cost.theirs.toFixed(1)} ms/MB`,
      ratio: cost.ratio,
      target: "-",
      met: null,
    },
  ];
}

/** One TCP stream from the device to the public server, through this interface. */
async function send(lab: Lab, interfaceName: string): Promise<Run> {
  // What follows a connect is over, and what follows it by hand too.
  await sleep(SETTLE_MS);
  const args = ["-c", PUBLIC_SERVER, "-t", String(SECONDS), "-O", "0.3", "-J"];
  const before = await processorTime(interfaceName);
  const { sum_received, sum_sent } = Report.parse(JSON.parse(await lab.device.run("iperf3", args))).end;
  const used = (await processorTime(interfaceName)) - before;
  return {
    megabits: sum_received.bits_per_second / 1e6,
    milliseconds: used / (sum_sent.bytes / 1e6),
  };
}

/** Milliseconds of processor time that the `wireguard-go` of an interface has used; NaN where there is none. */
async function processorTime(interfaceName: string): Promise<number> {
  for (const entry of await readdir("/proc")) {
    const words = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    if (!/wireguard-go\0/.test(words) || !words.endsWith(`\0${interfaceName}\0`)) continue;
    const threads = await readdir(`/proc/${entry}/task`);
    const times = threads.map(async (thread) => {
      // Nanoseconds on a processor first (proc(5), schedstat).
      const text = await readFile(`/proc/${entry}/task/${thread}/schedstat`, "utf8").catch(() => "0");
      return Number(text.split(" ")[0]) / 1e6;
    });
    return (await Promise.all(times)).reduce((sum, time) => sum + time, 0);
  }
  return Number.NaN;
}
