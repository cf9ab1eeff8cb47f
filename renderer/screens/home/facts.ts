/** What the home screen's sentences and drawing ask of a snapshot. Pure. */
import { isAtRest } from "../../../src/bridge/at-rest.ts";
import { openBy, type Open } from "../../../src/bridge/not-protected.ts";
import type { Facts } from "../../../src/rpc/said.ts";
import type { Snapshot } from "../../../src/rpc/contract.ts";

type Mode = "vpn_only" | "full_tunnel";

/** The mode in force; at rest, the one that would be. */
export function modeOf({ tunnel, path }: Pick<Snapshot, "tunnel" | "path">): Mode {
  const atRest = isAtRest({ tunnel });
  if ("mode" in tunnel && !atRest) return tunnel.mode;
  return path?.trafficMode.value ?? "vpn_only";
}

/** Gateways by their place on the way: those in force, else those of the path. The egress only where it is used. */
export function gatewaysOf(
  snapshot: Pick<Snapshot, "tunnel" | "path" | "inForce">,
): readonly { readonly deviceId: string; readonly name: string; readonly region: string }[] {
  const ingress = snapshot.inForce?.ingress ?? snapshot.path?.ingress;
  const egress =
    modeOf(snapshot) === "full_tunnel"
      ? snapshot.inForce === null
        ? snapshot.path?.egress
        : (snapshot.inForce.egress ?? undefined)
      : undefined;
  const ends = [ingress, egress].filter((end) => end !== undefined);
  return ends.filter((end, at) => ends.findIndex(({ deviceId }) => deviceId === end.deviceId) === at);
}

/** The gateways that somebody chose for an end, by their place on the way, where the platform could choose the other. */
export function pinnedGateways({
  tunnel,
  path,
}: Pick<Snapshot, "tunnel" | "path">): readonly { readonly name: string; readonly region: string }[] {
  if (path === null || path.selection.value.routingMode === "auto" || path.alternates.length === 0) return [];
  const { ingressDeviceId, egressDeviceId } = path.selection.value;
  const full = modeOf({ tunnel, path }) === "full_tunnel";
  const ends = [
    ingressDeviceId === null ? undefined : path.ingress,
    egressDeviceId === null || !full ? undefined : path.egress,
  ];
  return ends.filter((end) => end !== undefined);
}

/** What holds up the tunnel, where something does. */
export function holdUp({
  tunnel,
}: Pick<Snapshot, "tunnel">):
  { readonly code: string; readonly message: string; readonly facts?: Facts | undefined } | undefined {
  return "reason" in tunnel ? tunnel.reason : undefined;
}

/** What is open though it should be closed; null = nothing is. */
export function openNow(snapshot: Pick<Snapshot, "tunnel">): Open | null {
  return openBy(holdUp(snapshot));
}
