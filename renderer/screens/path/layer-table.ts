/** The four layers with what each says, what decides and what is overridden. Pure. */
import type { Layer, ResolvedPath, Selection } from "../../../src/routing/types.ts";

/** What a layer says about one thing. undefined value: nothing. */
export interface Cell<T> {
  readonly value: T | undefined;
  readonly decides: boolean;
}

interface LayerRow {
  readonly layer: Layer;
  readonly mode: Cell<"vpn_only" | "full_tunnel">;
  readonly selection: Cell<Selection>;
}

const LAYERS: readonly Layer[] = ["device", "user", "network", "system"];

/** Rows from the highest layer down; a path's decisions hold all that the layers said. */
export function layerTable(path: Pick<ResolvedPath, "trafficMode" | "selection">): readonly LayerRow[] {
  return LAYERS.map((layer) => ({
    layer,
    mode: cell(path.trafficMode, layer),
    selection: cell(path.selection, layer),
  }));
}

interface Decided<T> {
  readonly value: T;
  readonly decidedBy: Layer;
  readonly overridden: readonly { readonly layer: Layer; readonly value: T }[];
}

function cell<T>(decision: Decided<T>, layer: Layer): Cell<T> {
  if (decision.decidedBy === layer) return { value: decision.value, decides: true };
  return { value: decision.overridden.find((one) => one.layer === layer)?.value, decides: false };
}

/** The gateway that is pinned as one end; null = left to the platform. */
export function pinOf(selection: Selection, end: "ingress" | "egress"): string | null {
  if (selection.routingMode === "auto") return null;
  return end === "ingress" ? selection.ingressDeviceId : selection.egressDeviceId;
}
