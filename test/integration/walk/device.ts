/** The walking device: what the laptop's system has, and what leaves it. */
import { fileURLToPath } from "node:url";
import { Capture } from "../../../src/lab/capture.ts";
import type { Host } from "../../../src/lab/host.ts";
import type { Sent } from "./classify.ts";

export const LINKS = ["eth0", "eth1"] as const;

/** Captures on every physical link, which can be read in pieces without a gap. */
export class Wire {
  readonly #host: Host;
  #captures: readonly Capture[];

  private constructor(host: Host, captures: readonly Capture[]) {
    this.#host = host;
    this.#captures = captures;
  }

  static async start(host: Host): Promise<Wire> {
    return new Wire(host, await startAll(host));
  }

  /** What left since the last time; what left while this ran may be among it and again in the next piece. */
  async take(): Promise<readonly Sent[]> {
    const former = this.#captures;
    this.#captures = await startAll(this.#host);
    return await stopAll(former);
  }

  async stop(): Promise<readonly Sent[]> {
    return await stopAll(this.#captures);
  }
}

function startAll(host: Host): Promise<readonly Capture[]> {
  return Promise.all(LINKS.map((name) => Capture.start(host, name)));
}

async function stopAll(captures: readonly Capture[]): Promise<readonly Sent[]> {
  const pieces = await Promise.all(captures.map((capture) => capture.stop()));
  return pieces.flatMap((packets, index) =>
    packets
      .filter(({ direction }) => direction === "out")
      .map((packet) => ({ ...packet, interface: LINKS[index] ?? "" })),
  );
}

/**
 * Everything of the system's network that a disconnect has to put back, as sorted lines. What has its own life is
 * left out: lifetimes, counters, and the parameters and resolver that the walk itself changes.
 */
export async function networkOf(host: Host): Promise<readonly string[]> {
  const text = await host.run("sh", [
    "-c",
    `ip -o link | sed 's/^[0-9]*: //; s/\\\\.*//'
     for f in -4 -6; do
       ip $f rule | sed "s/^/rule $f /"
       ip $f -o address | sed "s/^[0-9]*: /address $f /; s/\\\\\\\\.*//"
       ip $f route show table all | sed "s/^/route $f /"
     done
     nft --stateless list ruleset | sed 's/^/nft /'
     sysctl -a 2>/dev/null | grep '^net\\.'`,
  ]);
  return text
    .split("\n")
    .map((line) => line.replace(/ expires \S+|\s+$/g, ""))
    .filter((line) => line !== "" && !VOLATILE.test(line))
    .sort();
}

const VOLATILE = /rp_filter|nf_conntrack_(count|buckets)|valid_lft|temp_/;

/** What there is and was not before, and the other way round. */
export function difference(before: readonly string[], after: readonly string[]): readonly string[] {
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
}

const JOIN = fileURLToPath(new URL("../../../src/lab/servers/join-lan.sh", import.meta.url));

/** Pulls one cable and plugs in the other: DHCP and router advertisement there, as any device does it. */
export async function move(host: Host, from: string, to: string): Promise<void> {
  await host.run("ip", ["link", "set", "dev", from, "down"]);
  await host.run("ip", ["-4", "address", "flush", "dev", from]);
  await host.run("sh", [
    "-c",
    // IPv6 is off until there is somebody to solicit.
    `echo 1 > /proc/sys/net/ipv6/conf/${to}/disable_ipv6
     ip link set dev ${to} up
     exec "$0" ${to}`,
    JOIN,
  ]);
}
