/** Which layer decides: the traffic mode and the selection, each by itself, from the highest layer that sets it. */
import type { Decision, PolicyLayers, RoutingPreference, Selection, TrafficMode } from "./types.ts";

/** The lowest layer: what holds where nobody said anything. */
export const SYSTEM_DEFAULTS = {
  trafficMode: "vpn_only",
  selection: { routingMode: "auto" },
} as const satisfies RoutingPreference;

/** The layers people write, lowest first: each one overrides what the ones before it decided. */
const WRITTEN = ["network", "user", "device"] as const;

function decide<T>(
  byDefault: T,
  layers: PolicyLayers,
  valueOf: (preference: RoutingPreference) => T | undefined,
): Decision<T> {
  let decision: Decision<T> = { value: byDefault, decidedBy: "system", overridden: [] };
  for (const layer of WRITTEN) {
    const value = valueOf(layers[layer]);
    if (value === undefined) continue;
    const beaten = { layer: decision.decidedBy, value: decision.value };
    decision = { value, decidedBy: layer, overridden: [beaten, ...decision.overridden] };
  }
  return decision;
}

/** The traffic mode in force. `overridden` lists the lower layers that set one, highest first. */
export function decideTrafficMode(layers: PolicyLayers): Decision<TrafficMode> {
  return decide<TrafficMode>(SYSTEM_DEFAULTS.trafficMode, layers, (preference) => preference.trafficMode);
}

/** The selection in force, as one unit: pins of two layers never mix. */
export function decideSelection(layers: PolicyLayers): Decision<Selection> {
  return decide<Selection>(SYSTEM_DEFAULTS.selection, layers, (preference) => preference.selection);
}

/** The device id pinned for each end; null where the platform chooses. */
export function pinsOf(selection: Selection): {
  readonly ingress: string | null;
  readonly egress: string | null;
} {
  return selection.routingMode === "auto"
    ? { ingress: null, egress: null }
    : { ingress: selection.ingressDeviceId, egress: selection.egressDeviceId };
}
