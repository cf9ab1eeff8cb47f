/** Which pair of gateways comes next when the one in use is silent, and the path through it. Pure. */
import { probeAlong } from "../routing/probe.ts";
import type { HopPair } from "../routing/types.ts";
import type { Path } from "./routing-state.ts";

type TrafficMode = Path["trafficMode"]["value"];

/** Says which gateways a pair really uses: the egress takes no part in `vpn_only`. */
export function pairKey({ ingress, egress }: HopPair, mode: TrafficMode): string {
  return mode === "vpn_only" ? ingress.deviceId : `${ingress.deviceId} ${egress?.deviceId ?? ""}`;
}

/** The pairs that a path allows, its own first, each once. Empty for a path that is not ready. */
export function pairsOf(path: Path): readonly HopPair[] {
  if (path.status !== "ready" || path.ingress === undefined) return [];
  const mode = path.trafficMode.value;
  const own: HopPair = { ingress: path.ingress, egress: path.egress };
  const usable = [own, ...path.alternates].filter(
    ({ egress }) => mode === "vpn_only" || egress !== undefined,
  );
  const keys = usable.map((pair) => pairKey(pair, mode));
  return usable.filter((_, index) => keys.indexOf(keys[index] ?? "") === index);
}

/**
 * The best pair that was not tried yet. Which end of a silent pair is at fault is not known, so pairs with fewer of the
 * `failed` gateways (by id) come first; among those the path's own order decides.
 */
export function nextPair(
  path: Path,
  tried: ReadonlySet<string>,
  failed: ReadonlySet<string>,
): HopPair | null {
  const mode = path.trafficMode.value;
  const doubtful = (pair: HopPair): number =>
    [...gatewaysOf(pair, mode)].filter((id) => failed.has(id)).length;
  const open = pairsOf(path).filter((pair) => !tried.has(pairKey(pair, mode)));
  // The sort is stable.
  return open.sort((a, b) => doubtful(a) - doubtful(b))[0] ?? null;
}

/** The gateways that a pair uses, by id. */
export function gatewaysOf({ ingress, egress }: HopPair, mode: TrafficMode): ReadonlySet<string> {
  const far = mode === "vpn_only" || egress === undefined ? [] : [egress.deviceId];
  return new Set([ingress.deviceId, ...far]);
}

/** The path through one of its pairs. */
export function throughPair(path: Path, pair: HopPair): Path {
  return {
    ...path,
    ingress: copy(pair.ingress),
    egress: pair.egress === undefined ? undefined : copy(pair.egress),
    tunnel: { ...path.tunnel, probe: probeAlong(path, path.trafficMode.value, pair) },
  };
}

/** The model's types are read-only and the schema's are not. */
function copy(hop: HopPair["ingress"]): NonNullable<Path["ingress"]> {
  const { overlayAddresses, publicAddresses, ...rest } = hop;
  return {
    ...rest,
    overlayAddresses: [...overlayAddresses],
    ...(publicAddresses === undefined ? {} : { publicAddresses: [...publicAddresses] }),
  };
}
