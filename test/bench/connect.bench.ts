/**
 * How long it takes from the request until a packet came back through the tunnel, against `wg-quick up` and the
 * first ping, on the same laptop, to the same gateway, with the same key, in turn.
 */
import { readdir, readFile } from "node:fs/promises";
import { z } from "zod";
import type { TrafficMode } from "../../src/routing/types.ts";
import { DemoLaptop } from "./demo-laptop.ts";
import { median, type BenchRow } from "./row.ts";

const ROUNDS = 20;
const TARGET = 0.5;
const CONFIG = "/run/wg-bench.conf";

export async function bench(): Promise<BenchRow[]> {
  await using laptop = await DemoLaptop.raise();
  const rows: BenchRow[] = [];
  for (const mode of ["vpn_only", "full_tunnel"] as const) rows.push(await compare(laptop, mode));
  return rows;
}

async function compare(laptop: DemoLaptop, mode: TrafficMode): Promise<BenchRow> {
  await prepare(laptop, mode);
  const ours: number[] = [];
  const theirs: number[] = [];
  // One round of each before any counts.
  for (let round = -1; round < ROUNDS; round++) {
    const mine = await connect(laptop, mode);
    const other = await wgQuick(laptop);
    if (round < 0) continue;
    ours.push(mine);
    theirs.push(other);
  }
  const ratio = median(ours) / median(theirs);
  return {
    what: `connect, ${mode}: request → first packet came back, median of ${ROUNDS}`,
    value: `${median(ours).toFixed(0)} ms`,
    against: `wg-quick up + first ping: ${median(theirs).toFixed(0)} ms`,
    ratio,
    target: `at most ${TARGET}`,
    met: ratio <= TARGET,
  };
}

async function connect(laptop: DemoLaptop, mode: TrafficMode): Promise<number> {
  const start = performance.now();
  await laptop.agent.call("connect", {});
  await laptop.when(
    ({ tunnel }) => tunnel.state === "connected" && tunnel.mode === mode && tunnel.verified === "traffic",
  );
  const took = performance.now() - start;
  await laptop.agent.call("disconnect", {});
  await laptop.when(({ tunnel }) => tunnel.state === "disconnected");
  return took;
}

async function wgQuick(laptop: DemoLaptop): Promise<number> {
  const host = laptop.network.laptop;
  const probe = laptop.snapshot.path?.tunnel.probe ?? "";
  const start = performance.now();
  await host.run("wg-quick", ["up", CONFIG]);
  await host.run("ping", ["-n", "-c1", "-w5", "-i0.002", probe]);
  const took = performance.now() - start;
  await host.run("wg-quick", ["down", CONFIG]);
  return took;
}

/** Puts the mode into the device layer and writes what `wg-quick` needs for the same tunnel. */
async function prepare(laptop: DemoLaptop, mode: TrafficMode): Promise<void> {
  // One pinned gateway, so that no measured round trip moves the laptop between two rounds.
  const { deviceId } = laptop.snapshot.path?.ingress ?? { deviceId: "" };
  const selection = { routingMode: "manual", ingressDeviceId: deviceId, egressDeviceId: deviceId } as const;
  await laptop.agent.call("setPreference", { layer: "device", value: { trafficMode: mode, selection } });
  await laptop.when(
    ({ path }) =>
      path?.trafficMode.value === mode && path.status === "ready" && path.egress?.deviceId === deviceId,
  );
  const path = laptop.snapshot.path;
  if (path?.ingress === undefined) throw new Error("the laptop has no path");
  const allowed =
    mode === "full_tunnel"
      ? ["0.0.0.0/0", "::/0"]
      : [...path.tunnel.privatePrefixes, `${path.tunnel.probe}/32`];
  const config = [
    "[Interface]",
    `PrivateKey = ${await privateKey(laptop)}`,
    `Address = ${path.tunnel.addresses.join(", ")}`,
    "[Peer]",
    `PublicKey = ${path.ingress.publicKey}`,
    `Endpoint = ${path.ingress.endpoint}`,
    `AllowedIPs = ${allowed.join(", ")}`,
    "",
  ].join("\n");
  await laptop.network.laptop.run("/bin/sh", ["-c", `umask 077; cat > ${CONFIG}`], { input: config });
}

/** The laptop's own key, from the agent's folder: the gateway knows no other. */
async function privateKey(laptop: DemoLaptop): Promise<string> {
  const folder = laptop.network.path("laptop");
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith(".json")) continue;
    const parsed = z
      .looseObject({ privateKey: z.string() })
      .safeParse(JSON.parse(await readFile(`${folder}/${name}`, "utf8")));
    if (parsed.success) return parsed.data.privateKey;
  }
  throw new Error("the agent stored no key");
}
