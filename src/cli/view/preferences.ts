/** `nanami prefs get` for people. */
import { selectionText } from "../../routing/explain.ts";
import type { Layer, ResolvedPath, RoutingPreference } from "../../routing/types.ts";
import type { Paint } from "./paint.ts";
import { table } from "./table.ts";

/** A layer as it is stored. */
export interface LayerRow {
  readonly layer: Layer;
  readonly value: RoutingPreference;
}

/** The layers, highest first; what decides is marked when the path in force is known. */
export function preferencesView(
  rows: readonly LayerRow[],
  path: Pick<ResolvedPath, "trafficMode" | "selection"> | null,
  nameOf: (deviceId: string) => string,
  columns: number,
  paint: Paint,
): string {
  const cell = (text: string | undefined, decides: boolean) =>
    text === undefined ? "-" : decides ? `${text} *` : text;
  const body = table(
    ["LAYER", "TRAFFIC MODE", "GATEWAYS"],
    rows.map(({ layer, value }) => [
      layer,
      cell(value.trafficMode, path?.trafficMode.decidedBy === layer),
      cell(
        value.selection === undefined ? undefined : selectionText(value.selection, nameOf),
        path?.selection.decidedBy === layer,
      ),
    ]),
    columns,
    paint,
  );
  return path === null ? body : `${body}\n* decides; the highest layer that says something wins\n`;
}
