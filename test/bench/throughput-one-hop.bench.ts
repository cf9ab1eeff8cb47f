/** Throughput and its cost, one gateway. */
import type { BenchRow } from "./row.ts";
import { throughput } from "./throughput.ts";

export async function bench(): Promise<BenchRow[]> {
  return await throughput("one hop");
}
