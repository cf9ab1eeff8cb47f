/** Which gateway answers the probe through a tunnel, and at which address. Pure. */
import type { Hop, ResolvedPath, TrafficMode } from "./types.ts";

/** The ends of a way, as far as there are any. */
interface Ends {
  readonly ingress?: Hop | undefined;
  readonly egress?: Hop | undefined;
}

/** What a path says of its probe. */
type Probed = Ends & {
  readonly trafficMode: Pick<ResolvedPath["trafficMode"], "value">;
  readonly tunnel: Pick<ResolvedPath["tunnel"], "probe">;
};

/**
 * The gateway where the way through the tunnel ends: its answer proves the whole way and not only the first hop.
 * undefined = there is none.
 */
export function probedHop(mode: TrafficMode, { ingress, egress }: Ends): Hop | undefined {
  return mode === "full_tunnel" ? egress : ingress;
}

/** An overlay address of a gateway without its length; IPv4 first, because every path can carry it. */
export function probeAddress({ overlayAddresses }: Pick<Hop, "overlayAddresses">): string {
  const preferred = overlayAddresses.find((address) => !address.includes(":")) ?? overlayAddresses[0] ?? "";
  return bare(preferred);
}

/** A path's probe once its way is this: it moves along with the gateway that answers; one that is nobody's stays. */
export function probeAlong(path: Probed, mode: TrafficMode, pair: Ends): string {
  const { probe } = path.tunnel;
  const former = probedHop(path.trafficMode.value, path);
  const next = probedHop(mode, pair);
  const isAnswered = former?.overlayAddresses.some((address) => bare(address) === probe) ?? false;
  return isAnswered && next !== undefined ? probeAddress(next) : probe;
}

function bare(prefix: string): string {
  return prefix.slice(0, prefix.lastIndexOf("/"));
}
