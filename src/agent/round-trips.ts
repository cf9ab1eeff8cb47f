/**
 * Round-trip times to gateways: from the probe through the tunnel for the gateway in use, and by ICMP echo to the
 * endpoints of the path's other gateways, but never in `full_tunnel`, where nothing probes a gateway that was not
 * chosen.
 */
import { isIP } from "node:net";
import { execa } from "execa";
import type { ResolvedPath } from "../routing/types.ts";
import { parseEndpoint } from "../wireguard/endpoint.ts";

const PING = "/usr/bin/ping";
/** Most gateways that are measured in one round. */
const MAX_TARGETS = 16;

export interface PingTarget {
  readonly deviceId: string;
  readonly address: string;
}

/**
 * The gateways to measure: those the path names, by address (names are not looked up for this). In `vpn_only` with
 * the tunnel up, those alone that are not in use; nothing in `full_tunnel`.
 */
export function pingTargets(path: ResolvedPath, tunnelUp: boolean): readonly PingTarget[] {
  if (tunnelUp && path.trafficMode.value === "full_tunnel") return [];
  const hops = [path, ...path.alternates].flatMap(({ ingress, egress }) => [ingress, egress]);
  const byId = new Map<string, PingTarget>();
  for (const hop of hops) {
    if (hop === undefined || (tunnelUp && hop.deviceId === path.ingress?.deviceId)) continue;
    const endpoint = parseEndpoint(hop.endpoint);
    if (endpoint.ok && endpoint.value.kind === "address")
      byId.set(hop.deviceId, { deviceId: hop.deviceId, address: endpoint.value.address });
  }
  return [...byId.values()].slice(0, MAX_TARGETS);
}

/** The gateway that the probe through the tunnel measures: only where one gateway is the whole way. */
export function probedGateway(path: ResolvedPath): string | undefined {
  if (path.ingress === undefined) return undefined;
  const oneHop = path.trafficMode.value === "vpn_only" || path.ingress.deviceId === path.egress?.deviceId;
  return oneHop ? path.ingress.deviceId : undefined;
}

/** The shortest round trip in what `ping -q` prints, milliseconds; undefined when nothing came back. */
export function readPing(output: string): number | undefined {
  const shortest = Number(/^(?:rtt|round-trip) min\/avg\/max\S* = ([0-9.]+)\//m.exec(output)?.[1]);
  return Number.isFinite(shortest) ? shortest : undefined;
}

/** Pings one address three times; undefined when nothing came back or ping is not there. */
export async function ping(address: string): Promise<number | undefined> {
  if (isIP(address) === 0) return undefined;
  const result = await execa(PING, ["-n", "-q", "-c", "3", "-i", "0.2", "-W", "1", address], {
    env: { LC_ALL: "C" },
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    timeout: 5_000,
    maxBuffer: 4096,
  });
  return readPing(result.stdout);
}
