/** How long after an operator's PUT the device carries it out, against one round trip of the same connection. */
import { z } from "zod";
import { RoutingPreference } from "../../src/routing/schema.ts";
import type { TrafficMode } from "../../src/routing/types.ts";
import { DemoLaptop } from "./demo-laptop.ts";
import { median, type BenchRow } from "./row.ts";

const ROUNDS = 21;
/** Milliseconds on top of one round trip. */
const TARGET = 150;

export async function bench(): Promise<BenchRow[]> {
  await using laptop = await DemoLaptop.raise();
  const operator = laptop.network.operator;
  const networkId = laptop.network.seed.networks.corp;
  const path = `/networks/${networkId}/routing-policy`;
  await laptop.agent.call("connect", {});
  await laptop.when(({ tunnel }) => tunnel.state === "connected");

  const applied: number[] = [];
  const roundTrips: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const beforeGet = performance.now();
    const stored = await operator.call({ method: "GET", path, answer: RoutingPreference });
    roundTrips.push(performance.now() - beforeGet);
    if (!stored.ok) throw new Error(stored.message);
    const trafficMode: TrafficMode = round % 2 === 0 ? "full_tunnel" : "vpn_only";
    const start = performance.now();
    const put = operator.call({
      method: "PUT",
      path,
      body: { trafficMode },
      ifMatch: stored.etag ?? '"0"',
      answer: z.unknown(),
    });
    await laptop.when(({ tunnel }) => tunnel.state === "connected" && tunnel.mode === trafficMode);
    applied.push(performance.now() - start);
    await put;
  }
  operator.close();
  const [took, roundTrip] = [median(applied), median(roundTrips)];
  return [
    {
      what: `policy PUT → applied and verified on the device, median of ${ROUNDS}`,
      value: `${took.toFixed(0)} ms`,
      against: `one GET on the same connection: ${roundTrip.toFixed(1)} ms`,
      ratio: took / roundTrip,
      target: `under ${TARGET} ms more`,
      met: took - roundTrip < TARGET,
    },
  ];
}
