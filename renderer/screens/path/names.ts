/** Names of gateways by id: from the gateways that are known, and from the paths themselves. */
import type { ResolvedPath } from "../../../src/routing/types.ts";
import { placeName } from "../../texts/place-name.ts";
import type { GatewayRow } from "../../gateway-row.ts";

export type NameOf = (deviceId: string) => string;

/** `unknown`: what is said of an id that nobody names. */
export function namesFrom(
  rows: readonly GatewayRow[],
  paths: readonly Pick<ResolvedPath, "ingress" | "egress" | "alternates">[],
  unknown: string,
): NameOf {
  const names = new Map<string, string>();
  for (const pair of paths.flatMap((path) => [path, ...path.alternates]))
    for (const hop of [pair.ingress, pair.egress])
      if (hop !== undefined) names.set(hop.deviceId, placeName(hop));
  for (const row of rows) names.set(row.deviceId, placeName(row));
  return (deviceId) => names.get(deviceId) ?? unknown;
}
