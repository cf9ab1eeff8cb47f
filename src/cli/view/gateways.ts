/** `nanami gateways` for people. */
import type { Result } from "../../rpc/contract.ts";
import type { Paint } from "./paint.ts";
import { table } from "./table.ts";
import { milliseconds } from "./units.ts";
import { paragraph } from "./width.ts";

type GatewayRow = Result<"gateways">[number];

function endText(row: GatewayRow, end: "ingress" | "egress"): string {
  const found = row.ends.find((one) => one.end === end);
  if (found === undefined) return "-";
  if (found.chosen) return "chosen";
  return found.eligible ? "yes" : "no";
}

/** The candidates, and below them why some may not be used. */
export function gatewaysView(rows: readonly GatewayRow[], columns: number, paint: Paint): string {
  if (rows.length === 0) return "This network has no gateway that you can see.\n";
  const reasons = rows.flatMap(({ ends }) =>
    ends.flatMap((end) => end.reasons.map(({ message }) => message)),
  );
  return [
    table(
      ["GATEWAY", "REGION", "HEALTH", "ROUND TRIP", "INGRESS", "EGRESS"],
      rows.map((row) => [
        row.name,
        row.region,
        row.healthy ? "good" : "not healthy",
        row.roundTripMs === null ? "-" : milliseconds(row.roundTripMs),
        endText(row, "ingress"),
        endText(row, "egress"),
      ]),
      columns,
      paint,
    ),
    ...(reasons.length > 0 ? ["\n"] : []),
    ...[...new Set(reasons)].map((reason) => paragraph(reason, columns, "", "  ")),
  ].join("");
}
