/** A path drawn in one or two lines. */
import type { Hop, ResolvedPath } from "../../routing/types.ts";

const DEVICE = "this device";

function place(hop: Hop): string {
  return hop.region.toLowerCase() === hop.name.toLowerCase() ? hop.name : `${hop.name} (${hop.region})`;
}

/** The gateways' names as they follow each other: `osaka → frankfurt`, or one where both ends are the same. */
export function hopNames(ingress: Hop, egress: Hop | undefined): string {
  return egress === undefined || egress.deviceId === ingress.deviceId
    ? ingress.name
    : `${ingress.name} → ${egress.name}`;
}

/** Where traffic goes, one line per kind of traffic. Empty when there is no path. */
export function drawing(path: ResolvedPath): readonly string[] {
  const { ingress, egress } = path;
  if (path.status === "unavailable" || ingress === undefined) return [];
  switch (path.trafficMode.value) {
    case "vpn_only":
      return [`${DEVICE} → ${place(ingress)} → private network`, `${DEVICE} → Internet (directly)`];
    case "full_tunnel": {
      const hops =
        egress === undefined || egress.deviceId === ingress.deviceId ? [ingress] : [ingress, egress];
      return [[DEVICE, ...hops.map(place), "Internet and private network"].join(" → ")];
    }
  }
}
