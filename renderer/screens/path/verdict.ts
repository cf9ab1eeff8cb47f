/** What speaks for or against a gateway, in words. Pure. */
import type { TFunction } from "../../texts/translate.ts";
import type { GatewayRow } from "../../gateway-row.ts";

type End = "ingress" | "egress";

const CODES = ["unknown_device", "wrong_workspace", "wrong_network", "access_denied", "unhealthy"] as const;

/** The verdict on a gateway for one end: why it cannot be used, or that it can. */
export function verdictWords(row: GatewayRow, end: End, t: TFunction): string {
  const verdict = row.ends.find((one) => one.end === end);
  if (verdict === undefined) return t(`path.verdict.missing_role_${end}`);
  if (verdict.chosen) return t("path.verdict.chosen");
  const [reason] = verdict.reasons;
  if (reason === undefined) return t("path.verdict.eligible");
  if (reason.code === "missing_role") return t(`path.verdict.missing_role_${end}`);
  const code = CODES.find((known) => known === reason.code);
  return code === undefined ? reason.message : t(`path.verdict.${code}`);
}

/** The part that a gateway has on the path; undefined = none. */
export function partOf(row: GatewayRow): "ingress" | "egress" | "both" | undefined {
  const chosen = row.ends.filter(({ chosen: isChosen }) => isChosen).map(({ end }) => end);
  return chosen.length > 1 ? "both" : chosen[0];
}
