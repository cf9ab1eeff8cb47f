/**
 * What this device knows of its own routing: the path that the control plane served last, the one that is in force,
 * and the change that was made while the control plane was away. Stored whole with every change.
 */
import { z } from "zod";
import { resolveAway } from "../routing/resolve-away.ts";
import { ResolvedPath, RoutingPreference } from "../routing/schema.ts";

export type Path = z.infer<typeof ResolvedPath>;
export type Preference = z.infer<typeof RoutingPreference>;

const Unsaved = z.strictObject({
  layer: z.enum(["device", "user"]),
  value: RoutingPreference,
  /** What the layer held when the change was made. */
  base: RoutingPreference,
  /** Values that were sent, earlier ones too, and may have got through without our hearing of it. */
  tried: z.array(RoutingPreference).default([]),
  /** Why the stored value won over the change; null = the change waits to be saved. */
  conflict: z.string().nullable(),
});
export type Unsaved = z.infer<typeof Unsaved>;

export const StoredRouting = z.strictObject({
  version: z.literal(1),
  served: z.nullable(ResolvedPath),
  inForce: z.nullable(ResolvedPath),
  /**
   * The person chose the mode in force, here or in a layer of theirs. Kept apart from the path: a control plane that
   * said first that an operator decides, and then loosened, would otherwise need nobody's consent.
   */
  chosen: z.boolean().default(false),
  unsaved: Unsaved.nullable(),
});
export type StoredRouting = z.infer<typeof StoredRouting>;

export const NO_ROUTING: StoredRouting = {
  version: 1,
  served: null,
  inForce: null,
  chosen: false,
  unsaved: null,
};

/** Whether a layer of the person's decides the mode. */
export function isChosen({ trafficMode: { decidedBy } }: Path): boolean {
  return decidedBy === "device" || decidedBy === "user";
}

/**
 * What a path from the control plane means here. `foreign`: not this device's. `older`: a number below the one we
 * have, of the same lineage. Numbers of different lineages are not compared: a restored store begins a new one.
 */
export function judgePath(
  served: Path | null,
  next: Path,
  device: { readonly deviceId: string; readonly networkId: string },
): "foreign" | "older" | "news" {
  if (next.deviceId !== device.deviceId || next.networkId !== device.networkId) return "foreign";
  if (served === null || served.epoch.lineage !== next.epoch.lineage) return "news";
  return next.epoch.number < served.epoch.number ? "older" : "news";
}

/** The path that should be in force: the served one, with the change that waits to be saved. */
export function effectivePath({ served, unsaved }: StoredRouting): Path | null {
  if (served === null || unsaved === null || unsaved.conflict !== null) return served;
  return pathAfter(served, unsaved.layer, unsaved.value);
}

/** The path after one layer changed, as well as it can be known without the control plane. */
export function pathAfter(path: Path, layer: "device" | "user", value: Preference): Path {
  // The model's types are read-only and the schema's are not; parsing makes the one out of the other.
  return ResolvedPath.parse(resolveAway(path, { layer, value }));
}

/** Whether two preferences say the same. */
export function samePreference(a: Preference, b: Preference): boolean {
  return canonical(a) === canonical(b);
}

function canonical({ trafficMode, selection }: Preference): string {
  const pins =
    selection?.routingMode === "manual" ? [selection.ingressDeviceId, selection.egressDeviceId] : [];
  return JSON.stringify([trafficMode, selection?.routingMode, ...pins]);
}
