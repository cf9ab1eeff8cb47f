/**
 * How long traffic stands still when the gateway in use falls silent, in the demo world: from that moment until the
 * first answer through the next gateway, under steady traffic, twenty times.
 */
import { createInterface } from "node:readline";
import { INTRANET } from "../../src/lab/demo-places.ts";
import { DemoLaptop } from "./demo-laptop.ts";
import { median, type BenchRow } from "./row.ts";

const SAMPLES = 20;
const TARGET_S = { median: 3, worst: 5 } as const;

export async function bench(): Promise<BenchRow[]> {
  await using laptop = await DemoLaptop.raise();
  await laptop.agent.call("connect", {});
  await laptop.when(({ tunnel }) => tunnel.state === "connected");
  await using traffic = startTraffic(laptop);
  const seconds: number[] = [];
  const roundTrips: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    await traffic.flows();
    roundTrips.push(laptop.snapshot.traffic?.roundTripMs ?? Number.NaN);
    const used = laptop.snapshot.inForce?.ingress.name ?? "";
    const killed = performance.now();
    await silence(laptop, used);
    seconds.push((await traffic.firstAnswerSince(killed)) / 1000);
    await laptop.when(
      ({ tunnel, inForce }) => tunnel.state === "connected" && inForce?.ingress.name !== used,
    );
  }
  await silence(laptop);
  const worst = Math.max(...seconds);
  return [
    {
      what: `failover under traffic, gateway silent → first answer through the next, median of ${SAMPLES}`,
      value: `${median(seconds).toFixed(1)} s`,
      against: "WireGuard alone: until somebody changes the configuration",
      ratio: null,
      target: `at most ${TARGET_S.median} s`,
      met: median(seconds) <= TARGET_S.median,
    },
    {
      what: `failover under traffic, worst of ${SAMPLES}`,
      value: `${worst.toFixed(1)} s`,
      against: "the same",
      ratio: null,
      target: `at most ${TARGET_S.worst} s`,
      met: worst <= TARGET_S.worst,
    },
  ];
}

/** Whatever goes to or comes from this gateway alone is lost in the middle of the Internet, from now on. */
async function silence(laptop: DemoLaptop, gateway?: string): Promise<void> {
  const drops = gateway === undefined ? "" : `iifname "${gateway}" drop; oifname "${gateway}" drop`;
  await laptop.network.world.host("internet").run("nft", ["-f", "-"], {
    input: `table inet dead {
      }
      delete table inet dead
      table inet dead {
        chain forward {
          type filter hook forward priority -300
          ${drops}
        }
      }
    `,
  });
}

/** Fifty echo requests a second to the private network. */
function startTraffic(laptop: DemoLaptop) {
  const child = laptop.network.laptop.spawn("ping", ["-n", "-i", "0.02", INTRANET.v4], {
    stdin: "ignore",
    stdout: "pipe",
    buffer: false,
  });
  let last = 0;
  let waiting: { since: number; resolve: (milliseconds: number) => void } | null = null;
  if (child.stdout === null) throw new Error("ping has no output");
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (!line.includes("bytes from")) return;
    last = performance.now();
    // What was under way when the gateway fell silent still arrives.
    if (waiting === null || last - waiting.since < 200) return;
    waiting.resolve(last - waiting.since);
    waiting = null;
  });
  return {
    /** Resolves when answers have come without a break for two seconds. */
    async flows(): Promise<void> {
      let since = performance.now();
      while (performance.now() - since < 2000) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (performance.now() - last > 200) since = performance.now();
      }
    },
    firstAnswerSince: (since: number) =>
      new Promise<number>((resolve) => {
        waiting = { since, resolve };
      }),
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.catch(() => undefined);
    },
  };
}
