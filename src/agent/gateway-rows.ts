/** The control plane's view of the gateways, joined with what this device uses and measured. Pure. */
import type { Gateways } from "../api/http.ts";
import type { Result } from "../rpc/contract.ts";
import type { z } from "zod";
import type { Path } from "./routing-state.ts";

/** One row per gateway; `roundTrips` are this device's own measurements, milliseconds by gateway id. */
export function gatewayRows(
  gateways: z.infer<typeof Gateways>["gateways"],
  path: Path | null,
  roundTrips: ReadonlyMap<string, number>,
): Result<"gateways"> {
  const chosen = { ingress: path?.ingress?.deviceId, egress: path?.egress?.deviceId };
  return gateways.map(({ deviceId, name, region, healthy, roundTripMs, ends }) => ({
    deviceId,
    name,
    region,
    healthy,
    roundTripMs: roundTrips.get(deviceId) ?? roundTripMs ?? null,
    ends: ends.map((end) => ({ ...end, chosen: chosen[end.end] === deviceId })),
  }));
}
