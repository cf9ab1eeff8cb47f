/** The policy layers behind a path: its decisions hold all of them. */
import type { Decision, Layer, PolicyLayers, ResolvedPath, RoutingPreference } from "./types.ts";

/**
 * What each layer said when `path` was resolved: the deciding value and those it overrode. The inverse of the
 * decisions that `resolve` takes.
 */
export function layersOfPath(path: Pick<ResolvedPath, "trafficMode" | "selection">): PolicyLayers {
  const preference = (layer: Layer): RoutingPreference => {
    const trafficMode = said(path.trafficMode, layer);
    const selection = said(path.selection, layer);
    return { ...(trafficMode && { trafficMode }), ...(selection && { selection }) };
  };
  return { device: preference("device"), user: preference("user"), network: preference("network") };
}

function said<T>(decision: Decision<T>, layer: Layer): T | undefined {
  if (decision.decidedBy === layer) return decision.value;
  return decision.overridden.find((one) => one.layer === layer)?.value;
}
