import { useTranslation } from "../../texts/speech.ts";
import type { ReactNode } from "react";
import Check from "lucide-react/icons/check";
import type { ResolvedPath } from "../../../src/routing/types.ts";
import { Card } from "../../parts/Card.tsx";
import { Table } from "../../parts/Table.tsx";
import { placeName } from "../../texts/place-name.ts";
import { layerTable, pinOf, type Cell } from "./layer-table.ts";
import type { NameOf } from "./names.ts";
import styles from "./LayerTable.module.css";

interface LayerTableProps {
  readonly path: ResolvedPath;
  readonly network: string;
  readonly nameOf: NameOf;
}

/** The four layers: what decides is marked, what is overridden is struck through; each is also said in words. */
export function LayerTable({ path, network, nameOf }: LayerTableProps) {
  const { t } = useTranslation();
  const end = (id: string | null): string => (id === null ? t("path.automatic") : nameOf(id));
  return (
    <Card flush title={t("path.layers")} lead={t("path.layersLead")}>
      <Table label={t("path.layers")}>
        <thead role="rowgroup">
          <tr role="row">
            {(["layer", "mode", "ingress", "egress"] as const).map((column) => (
              <th key={column} scope="col" role="columnheader">
                {t(`path.columns.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {layerTable(path).map(({ layer, mode, selection }) => (
            <tr key={layer} role="row">
              <th scope="row" role="rowheader" className={styles.layer}>
                {t(`path.layer.${layer}`, { name: network })}
              </th>
              <Value column="mode" cell={mode}>
                {mode.value === undefined ? "" : t(`path.modes.${mode.value}`)}
              </Value>
              {(["ingress", "egress"] as const).map((side) => (
                <Value key={side} column={side} cell={selection}>
                  {selection.value === undefined ? "" : end(pinOf(selection.value, side))}
                </Value>
              ))}
            </tr>
          ))}
          <tr className={styles.result} role="row">
            <th scope="row" role="rowheader">
              {t("path.result")}
            </th>
            <td role="cell" data-column={t("path.columns.mode")}>
              {t(`path.modes.${path.trafficMode.value}`)}
            </td>
            {(["ingress", "egress"] as const).map((side) => (
              <td key={side} role="cell" data-column={t(`path.columns.${side}`)}>
                {path[side] === undefined ? t("path.none") : placeName(path[side])}
              </td>
            ))}
          </tr>
        </tbody>
      </Table>
    </Card>
  );
}

interface ValueProps<T> {
  readonly column: "mode" | "ingress" | "egress";
  readonly cell: Cell<T>;
  readonly children: ReactNode;
}

function Value<T>({ column, cell, children }: ValueProps<T>) {
  const { t } = useTranslation();
  const place = { role: "cell", "data-column": t(`path.columns.${column}`) } as const;
  if (cell.value === undefined)
    return (
      <td {...place} className={styles.unset}>
        {t("path.unset")}
      </td>
    );
  if (cell.decides)
    return (
      <td {...place} className={styles.decides}>
        <span className={styles.marked}>
          <Check size={14} strokeWidth={3} />
          {children}
        </span>
        <span className="visually-hidden"> ({t("path.decides")})</span>
      </td>
    );
  return (
    <td {...place} className={styles.overridden}>
      <s>{children}</s>
      <span className="visually-hidden"> ({t("path.overridden")})</span>
    </td>
  );
}
