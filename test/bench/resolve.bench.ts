/**
 * Resolution: paths per second on one core with four gateways, against `JSON.parse` of the same paths' bytes in
 * the same run, alternating, median of nine. `node test/bench/resolve.bench.ts` prints the rows.
 */
import { resolve } from "../../src/routing/resolve.ts";
import type {
  GatewayCandidate,
  NodeRole,
  PolicyLayers,
  RoutingPreference,
  Selection,
} from "../../src/routing/types.ts";
import { median, type BenchRow } from "./row.ts";

const ROUNDS = 9;
/** Long enough that the clock and a garbage collection are noise. */
const PATHS_A_ROUND = 20_000;
const TARGET = 50_000;

function gateway(name: string, roles: readonly NodeRole[], roundTripMs?: number): GatewayCandidate {
  return {
    hop: {
      deviceId: `gw_${name.padEnd(22, "0")}`,
      name,
      region: "Somewhere",
      publicKey: `${"A".repeat(43)}=`,
      endpoint: "203.0.113.10:51820",
      overlayAddresses: ["100.64.0.1/32", "fd00:64::1/128"],
      publicAddresses: ["203.0.113.10", "2001:db8::10"],
    },
    roles,
    visible: true,
    sameWorkspace: true,
    sameNetwork: true,
    accessGranted: name !== "saopaulo",
    healthy: true,
    load: 0.2,
    roundTripMs,
  };
}

/** The gateways of the demo world. */
const GATEWAYS: readonly GatewayCandidate[] = [
  gateway("tokyo", ["ingress_gateway", "exit_gateway"], 8),
  gateway("frankfurt", ["ingress_gateway", "exit_gateway"], 230),
  gateway("osaka", ["ingress_gateway"], 14),
  gateway("saopaulo", ["exit_gateway"]),
];

/** Every mix of modes and selections in the three written layers: a run never resolves one case only. */
function everyLayers(): readonly PolicyLayers[] {
  const id = (index: number): string => GATEWAYS[index]?.hop.deviceId ?? "";
  const selections: readonly (Selection | undefined)[] = [
    undefined,
    { routingMode: "auto" },
    { routingMode: "manual", ingressDeviceId: null, egressDeviceId: id(1) },
    { routingMode: "manual", ingressDeviceId: id(2), egressDeviceId: id(0) },
  ];
  const preferences: readonly RoutingPreference[] = selections.flatMap((selection) =>
    ([undefined, "vpn_only", "full_tunnel"] as const).map((trafficMode) => ({ trafficMode, selection })),
  );
  return preferences.flatMap((device) =>
    preferences.flatMap((user) => preferences.map((network) => ({ device, user, network }))),
  );
}

/** Calls `work` once for each path of a round; returns paths per second. */
function rate(cases: number, work: (index: number) => number): number {
  let used = 0;
  const start = process.hrtime.bigint();
  for (let i = 0; i < PATHS_A_ROUND; i++) used += work(i % cases);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  // The result is looked at, so that no optimiser may drop the work.
  if (!(used > 0)) throw new Error("resolve.bench: the measured work gave no result");
  return PATHS_A_ROUND / seconds;
}

/** Both ends left to the platform: the dearest case, with the most alternates. */
const AUTOMATIC: readonly PolicyLayers[] = [
  { device: { trafficMode: "full_tunnel" }, user: {}, network: { trafficMode: "vpn_only" } },
];

export async function bench(): Promise<BenchRow[]> {
  return [
    await compare("resolve, four gateways, every mix of layers", everyLayers()),
    await compare("resolve, four gateways, all automatic", AUTOMATIC),
  ];
}

async function compare(what: string, layers: readonly PolicyLayers[]): Promise<BenchRow> {
  const bytes = layers.map((one) => JSON.stringify(resolve(one, GATEWAYS)));
  const resolving = (index: number): number =>
    resolve(layers[index] ?? { device: {}, user: {}, network: {} }, GATEWAYS).candidates.length;
  const parsing = (index: number): number =>
    (JSON.parse(bytes[index] ?? "{}") as ReturnType<typeof resolve>).candidates.length;

  const ours: number[] = [];
  const theirs: number[] = [];
  rate(layers.length, resolving);
  rate(layers.length, parsing);
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(rate(layers.length, resolving));
    theirs.push(rate(layers.length, parsing));
    await new Promise(setImmediate);
  }
  const paths = median(ours);
  const parsed = median(theirs);
  const shown = (figure: number): string => `${Math.round(figure).toLocaleString("en-US")} paths/s`;
  return {
    what,
    value: shown(paths),
    against: `JSON.parse of the same bytes: ${shown(parsed)}`,
    ratio: paths / parsed,
    target: `at least ${shown(TARGET)} on one core`,
    met: paths >= TARGET,
  };
}

if (import.meta.main) console.table(await bench());
