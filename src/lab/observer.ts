/**
 * Who talked to whom, as the router in the middle of the Internet counts it: an impartial witness, without a
 * capture and without cost. Packets that a host sends are counted where they are forwarded, so what two hosts say
 * inside a tunnel shows here only as the tunnel's own packets.
 */
import { z } from "zod";
import type { Host } from "./host.ts";

export const OBSERVER_RULES = `table inet observer {
  set flows4 { type ipv4_addr . ipv4_addr . inet_proto; size 65535; flags dynamic; counter; }
  set flows6 { type ipv6_addr . ipv6_addr . inet_proto; size 65535; flags dynamic; counter; }
  chain forward {
    type filter hook forward priority filter;
    update @flows4 { ip saddr . ip daddr . meta l4proto }
    update @flows6 { ip6 saddr . ip6 daddr . meta l4proto }
  }
}`;

/** What went from one address to another over one protocol. `protocol` as nft names it: `tcp`, `udp`, … */
export interface Flow {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly packets: number;
  readonly bytes: number;
}

const Listing = z.object({
  nftables: z.array(
    z.object({
      set: z
        .object({
          elem: z
            .array(
              z.object({
                elem: z.object({
                  val: z.object({ concat: z.array(z.union([z.string(), z.number()])) }),
                  counter: z.object({ packets: z.number(), bytes: z.number() }),
                }),
              }),
            )
            .optional(),
        })
        .optional(),
    }),
  ),
});

/** Everything that crossed this host since its rules were set. */
async function readFlows(host: Host): Promise<readonly Flow[]> {
  const sets = await Promise.all(
    ["flows4", "flows6"].map((set) => host.run("nft", ["--json", "list", "set", "inet", "observer", set])),
  );
  return sets.flatMap((text) =>
    Listing.parse(JSON.parse(text)).nftables.flatMap(({ set }) =>
      (set?.elem ?? []).map(({ elem }) => {
        const [source, destination, protocol] = elem.val.concat.map(String);
        return {
          source: source ?? "",
          destination: destination ?? "",
          protocol: protocol ?? "",
          ...elem.counter,
        };
      }),
    ),
  );
}

/** The flows that grew between two moments, by how much. */
export class Observation {
  readonly flows: readonly Flow[];

  constructor(flows: readonly Flow[]) {
    this.flows = flows;
  }

  /** Bytes from one of these addresses to one of those, over `protocol` where given. */
  bytes(from: readonly string[], to: readonly string[], protocol?: string): number {
    return this.flows
      .filter(
        (flow) =>
          from.includes(flow.source) &&
          to.includes(flow.destination) &&
          (protocol === undefined || flow.protocol === protocol),
      )
      .reduce((sum, flow) => sum + flow.bytes, 0);
  }
}

/** Does something and says what crossed this host meanwhile. */
export async function observe<T>(
  host: Host,
  action: () => Promise<T>,
): Promise<{ result: T; seen: Observation }> {
  const key = (flow: Flow) => `${flow.source} ${flow.destination} ${flow.protocol}`;
  const before = new Map((await readFlows(host)).map((flow) => [key(flow), flow]));
  const result = await action();
  const grown = (await readFlows(host)).map((flow) => ({
    ...flow,
    packets: flow.packets - (before.get(key(flow))?.packets ?? 0),
    bytes: flow.bytes - (before.get(key(flow))?.bytes ?? 0),
  }));
  return { result, seen: new Observation(grown.filter((flow) => flow.packets > 0)) };
}
