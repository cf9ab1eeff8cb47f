/**
 * What a change costs whoever uses the tunnel: 1,000 packets a second and a TCP connection to the private network
 * while the mode is switched, and 1,000 packets a second to the Internet while the gateway is. The engine alone, in
 * the tunnel's own lab.
 */
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { scratch, type Host } from "../../src/lab/host.ts";
import type { Intent } from "../../src/tunnel/types.ts";
import { desiredState } from "../../src/tunnel/desired-state.ts";
import { firewallText } from "../../src/tunnel/linux/firewall.ts";
import {
  EngineProcess,
  fullIntent,
  nestedIntent,
  PRIVATE_SERVER,
  privateIntent,
  PUBLIC_SERVER,
  raiseLab,
  type Gateway,
} from "../integration/tunnel-lab.ts";
import { median, type BenchRow } from "./row.ts";

const SWITCHES = 20;
const MODE_MS = 30;
const REST_MS = 700;
const PORT = "7007";
const program = fileURLToPath(new URL("../integration/connections-program.ts", import.meta.url));

export async function bench(): Promise<BenchRow[]> {
  await using lab = await raiseLab();
  await using folder = await scratch();
  const engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
  void lab.privateHost.spawn(process.execPath, [program, "serve", PORT], { stdio: "ignore" });
  const key = lab.key.reveal();

  // A switch to what is there is none.
  let now: Intent | undefined;
  const become = async (intent: Intent | undefined): Promise<void> => {
    if (intent !== now) await engine.state("connected", { do: "apply", intent, key });
    now = intent;
  };
  /** Applies each in turn under 1 kHz; answers the packets lost, how long each switch took, and the round trip. */
  const under = async (
    target: string,
    intents: readonly Intent[],
    beside: (intent: Intent | undefined) => Promise<void> = () => Promise.resolve(),
  ) => {
    await become(intents.at(-1));
    const traffic = await startTraffic(lab.device, target);
    const took: number[] = [];
    for (let turn = 0; turn < SWITCHES; turn += 1) {
      const from = engine.lines.length;
      await become(intents[turn % intents.length]);
      const asked = await engine.until((event, value) => event === "command" && value === "apply", from);
      const done = await engine.until(
        (event, value) => event === "log" && (value as { message: string }).message === "network reconciled",
        from,
      );
      took.push(done.at - asked.at);
      // Nobody switches again before the first switch was looked at.
      await sleep(REST_MS);
      await beside(intents[turn % intents.length]);
    }
    return { ...(await traffic.end()), took };
  };

  const [closed, full] = [privateIntent(lab.a), fullIntent(lab.a)];
  await become(full);
  await using connection = await hold(lab.device, PRIVATE_SERVER);
  const byHand: number[] = [];
  const mode = await under(PRIVATE_SERVER, [closed, full], async (intent) => {
    byHand.push(await switchByHand(lab.b, intent));
  });
  const kept = connection.kept();
  const gateway = await under(PUBLIC_SERVER, [fullIntent(lab.b), full]);
  const egress = await under(PUBLIC_SERVER, [nestedIntent(lab.a, lab.b), full]);
  await engine.kill("SIGKILL");

  const slowest = Math.max(...mode.took);
  // In one round trip, at a packet a millisecond; a packet that is under way counts whole.
  const allowed = ({ roundTripMs }: typeof mode) => Math.ceil(roundTripMs);
  return [
    {
      what: `mode switch, packets to the private network lost in ${SWITCHES}`,
      value: `${mode.lost} of ${mode.sent}`,
      against: `none is asked for; ${mode.rate.toFixed(0)} packets/s were sent`,
      ratio: null,
      target: "0",
      met: mode.lost === 0,
    },
    {
      what: `mode switch, TCP connection to the private network over ${SWITCHES}`,
      value: kept ? "kept" : "lost",
      against: "one byte each 100 ms and its echo",
      ratio: null,
      target: "kept",
      met: kept,
    },
    {
      what: `mode switch, request → in force, median of ${SWITCHES}`,
      value: `${median(mode.took).toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms`,
      against: `nft, ip, ip -6 and wg with the same texts by hand: ${median(byHand).toFixed(0)} ms`,
      ratio: median(mode.took) / median(byHand),
      target: `at most ${MODE_MS} ms`,
      met: median(mode.took) <= MODE_MS,
    },
    ...(
      [
        ["gateway switch", gateway],
        ["egress switch, one hop ↔ two", egress],
      ] as const
    ).map(([what, { lost, sent, roundTripMs, ...rest }]) => ({
      what: `${what}, packets to the Internet lost in ${SWITCHES}`,
      value: `${lost} of ${sent}, ${(lost / SWITCHES).toFixed(2)} a switch`,
      against: `one round trip: ${roundTripMs.toFixed(2)} ms`,
      ratio: null,
      target: "at most one round trip's a switch",
      met: lost <= SWITCHES * allowed({ lost, sent, roundTripMs, ...rest }),
    })),
  ];
}

/**
 * The same work on another host, one program after the other: a firewall of the same size, the routes, the peer.
 * Answers the milliseconds that it took.
 */
async function switchByHand(gateway: Gateway, intent: Intent | undefined): Promise<number> {
  if (intent === undefined) throw new Error("there is no switch to make by hand");
  const state = desiredState(intent, { interface: "wg0", onLink: [], tracks: false, closed: false });
  const rules = firewallText(state.firewall)
    .replaceAll("inet nanami", "inet by_hand")
    // It is compared, and must not change what it stands beside.
    .replaceAll("policy drop", "policy accept")
    .replaceAll(/(goto refuse|counter drop)$/gm, "counter");
  const routes = (family: 4 | 6): string =>
    state.routes
      .filter((route) => route.family === family)
      .map(({ to, metric, via }) =>
        via.kind === "unreachable"
          ? `route replace unreachable ${to} metric ${metric} table 777`
          : `route replace ${to} dev wg0 metric ${metric} table 777`,
      )
      .join("\n");
  const script = [
    `nft -f - <<'END'\n${rules}\nEND`,
    `ip -4 -batch - <<'END'\n${routes(4)}\nEND`,
    `ip -6 -batch - <<'END'\n${routes(6)}\nEND`,
    `wg set wg0 fwmark ${intent.mode === "full_tunnel" ? 1 : 2}`,
  ].join("\n");
  const start = performance.now();
  await gateway.host.run("sh", ["-ec", script]);
  return performance.now() - start;
}

/**
 * Echo requests, a thousand a second. `end` answers how many were sent and how many never came back. Those that were
 * still under way at the end are not among them: `ping` counts them as sent, and stops to listen.
 */
async function startTraffic(host: Host, target: string) {
  const started = performance.now();
  const child = host.spawn("ping", ["-n", "-i", "0.001", target], { stdin: "ignore" });
  await sleep(500);
  return {
    async end() {
      await sleep(200);
      const seconds = (performance.now() - started) / 1000;
      child.kill("SIGINT");
      const text = String((await child).stdout);
      const answered = [...text.matchAll(/ icmp_seq=(\d+) .* time=([\d.]+) ms$/gm)];
      const numbers = new Set(answered.map(([, number]) => Number(number)));
      const sent = Math.max(0, ...numbers);
      const roundTripMs = answered.reduce((sum, [, , time]) => sum + Number(time), 0) / answered.length;
      return { sent, lost: sent - numbers.size, rate: sent / seconds, roundTripMs };
    },
  };
}

/** A connection that is spoken on. */
async function hold(host: Host, target: string) {
  const child = host.spawn(process.execPath, [program, "hold", PORT, `private!=${target}`], {
    stdin: "ignore",
    buffer: false,
  });
  const events: string[] = [];
  if (child.stdout === null) throw new Error("the connection's program has no output");
  createInterface({ input: child.stdout }).on("line", (line) =>
    events.push((JSON.parse(line) as { event: string }).event),
  );
  for (const end = performance.now() + 10_000; !events.includes("answer"); await sleep(50))
    if (performance.now() > end) throw new Error(`no connection: ${events.join()}`);
  return {
    kept: () => !events.includes("closed"),
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.catch(() => undefined);
    },
  };
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
