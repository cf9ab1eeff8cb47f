/**
 * TCP through our tunnel against the same tunnel raised by hand: the same interface, peers, routes and MTU, and no
 * firewall. One hop and two, in turn, on the same device with the same key. All hosts share the machine's processors,
 * and what a gateway is not given time to take is lost and sent again, so that a single figure says little: hence the
 * pairs, and the processor time beside it, which no other host takes part in.
 */
import { readdir, readFile } from "node:fs/promises";
import { z } from "zod";
import { scratch } from "../../src/lab/host.ts";
import type { Intent } from "../../src/tunnel/types.ts";
import {
  counted,
  DEVICE_ADDRESS,
  EngineProcess,
  fullIntent,
  nestedIntent,
  PUBLIC_SERVER,
  raiseLab,
  type Lab,
} from "../integration/tunnel-lab.ts";
import { median, type BenchRow } from "./row.ts";

const ROUNDS = 9;
const SECONDS = 2;
const SETTLE_MS = 1500;
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

export async function bench(): Promise<BenchRow[]> {
  await using lab = await raiseLab();
  await using folder = await scratch();
  void lab.internet.spawn("iperf3", ["-s"], { stdio: "ignore" });
  const engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
  const rows = [
    ...(await compare(lab, engine, "one hop", fullIntent(lab.a), byHand(lab, false))),
    ...(await compare(lab, engine, "two hops", nestedIntent(lab.a, lab.b), byHand(lab, true))),
  ];
  await engine.kill("SIGKILL");
  return rows;
}

/**
 * Holds that meanwhile the device sent nothing to gateway b itself: a nested tunnel that reaches its far gateway
 * directly carries half the load, and looks like a fast one.
 */
async function enteringAtA({ router }: Lab, whose: string, measure: () => Promise<void>): Promise<void> {
  const before = await counted(router, "world", "to_b");
  await measure();
  const direct = (await counted(router, "world", "to_b")) - before;
  if (direct > 0) throw new Error(`${whose}: ${direct} packets went to gateway b directly`);
}

async function compare(
  lab: Lab,
  engine: EngineProcess,
  what: string,
  intent: Intent,
  hand: ReturnType<typeof byHand>,
): Promise<BenchRow[]> {
  const ours: Run[] = [];
  const theirs: Run[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const measureOurs = async () => {
      await engine.state("connected", { do: "apply", intent, key: lab.key.reveal() });
      ours.push(await send(lab, "nanami0"));
      await engine.state("disconnected", { do: "disconnect" });
    };
    const measureTheirs = async () => {
      await hand.up();
      theirs.push(await send(lab, "hand0"));
      await hand.down();
    };
    // Whoever else uses the machine comes and goes: neither is always the first.
    const sides = [
      ["ours", measureOurs],
      ["by hand", measureTheirs],
    ] as const;
    for (const [whose, measure] of round % 2 === 0 ? sides : sides.toReversed())
      await enteringAtA(lab, whose, measure);
  }
  const pairs = (of: (run: Run) => number) => ({
    ours: median(ours.map(of)),
    theirs: median(theirs.map(of)),
    ratio: median(
      ours.flatMap((mine, round) => theirs.slice(round, round + 1).map((its) => of(mine) / of(its))),
    ),
  });
  const rate = pairs(({ megabits }) => megabits);
  const cost = pairs(({ milliseconds }) => milliseconds);
  const times = `median of ${ROUNDS} pairs`;
  const throughput: BenchRow = {
    what: `throughput, ${what}, ${times}`,
    value: `${rate.ours.toFixed(0)} Mbit/s`,
    against: `raised by hand: ${rate.theirs.toFixed(0)} Mbit/s`,
    ratio: rate.ratio,
    target: `at least ${TARGET}`,
    met: rate.ratio >= TARGET,
  };
  if (Number.isNaN(cost.ratio)) return [throughput];
  return [
    throughput,
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

const TABLE = "4242";
const MARK = "1";
/** Seconds: that of the lab's intents. */
const KEEPALIVE = 25;
/** On the device's own /run. */
const KEY = "/run/hand.key";

/**
 * What somebody types who has only `wg` and `ip`. A nested peer comes last: WireGuard goes on sending by the interface
 * that it heard a peer on, so that one that could speak before its rule and its route were there is never nested.
 */
function byHand({ device, a, b, key }: Lab, nested: boolean) {
  // With the keepalive that ours have: WireGuard in user space sets a timer for it at every packet.
  const endpoint = (gateway: typeof a) => [
    "endpoint",
    `${gateway.address}:51820`,
    ...["persistent-keepalive", String(KEEPALIVE)],
  ];
  const everything = ["allowed-ips", "0.0.0.0/0"];
  const first = [
    ...["wg", "set", "hand0", "private-key", KEY, "fwmark", MARK, "peer", a.publicKey, ...endpoint(a)],
    ...(nested ? ["allowed-ips", `${b.address}/32,${a.overlay}/32`] : everything),
  ];
  const mtu = nested ? "mtu 1340" : "";
  return {
    async up(): Promise<void> {
      // In a session of its own, as ours is: the scheduler shares the processor out among sessions.
      void device.spawn("wireguard-go", ["--foreground", "hand0"], { stdio: "ignore" });
      // By name: before the socket is there, `wg` finds the interface and takes it for the kernel's.
      while ((await device.exec("test", ["-S", "/run/wireguard/hand0.sock"])).exitCode !== 0) await sleep(20);
      await device.run("sh", ["-c", `umask 077; cat > ${KEY}; exec ${first.join(" ")}`], {
        input: `${key.reveal()}\n`,
      });
      const lines = [
        `address add ${DEVICE_ADDRESS}/32 dev hand0`,
        "link set hand0 mtu 1420 up",
        `route add default dev hand0 ${mtu} table ${TABLE}`,
        ...(nested
          ? [
              `route add ${b.address}/32 dev hand0 table ${TABLE}`,
              `rule add pref 90 fwmark ${MARK} to ${b.address} ipproto udp lookup ${TABLE}`,
            ]
          : []),
        `rule add pref 100 not fwmark ${MARK} lookup ${TABLE}`,
      ];
      await device.run("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n` });
      if (nested)
        await device.run("wg", ["set", "hand0", "peer", b.publicKey, ...endpoint(b), ...everything]);
      await device.run("ping", ["-n", "-c1", "-w5", PUBLIC_SERVER]);
    },
    async down(): Promise<void> {
      await device.run("ip", ["-batch", "-"], {
        input: `link del hand0\nrule del pref 100\n${nested ? "rule del pref 90\n" : ""}`,
      });
    },
  };
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
