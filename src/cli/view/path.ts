/** `nanami path` for people: the path, who decided it, what was not taken and why. */
import { headline } from "../../routing/explain-path.ts";
import { selectionText } from "../../routing/explain.ts";
import type { CandidateVerdict, Decision, End, ResolvedPath } from "../../routing/types.ts";
import type { Profile } from "../../rpc/profiles.ts";
import { drawing, hopNames } from "./drawing.ts";
import type { Paint } from "./paint.ts";
import { steersText } from "./profiles.ts";
import { facts, table } from "./table.ts";
import { paragraph } from "./width.ts";

function decisionRow<T>(what: string, decision: Decision<T>, text: (value: T) => string): readonly string[] {
  const over = decision.overridden.map(({ layer, value }) => `${layer}: ${text(value)}`);
  return [what, text(decision.value), decision.decidedBy, over.join("; ") || "-"];
}

function verdictText(path: ResolvedPath, verdict: CandidateVerdict | undefined, end: End): string {
  if (verdict === undefined) return "-";
  if (!verdict.eligible) return verdict.reasons.join(", ");
  const score = verdict.score === undefined ? "" : ` (score ${verdict.score.toFixed(0)})`;
  return `${path[end]?.deviceId === verdict.deviceId ? "chosen" : "eligible"}${score}`;
}

function candidatesTable(
  path: ResolvedPath,
  nameOf: (deviceId: string) => string,
  columns: number,
  paint: Paint,
): string {
  const ids = [...new Set(path.candidates.map(({ deviceId }) => deviceId))];
  const find = (id: string, end: End) =>
    path.candidates.find((verdict) => verdict.deviceId === id && verdict.end === end);
  return table(
    ["GATEWAY", "AS INGRESS", "AS EGRESS"],
    ids.map((id) => [
      nameOf(id),
      verdictText(path, find(id, "ingress"), "ingress"),
      verdictText(path, find(id, "egress"), "egress"),
    ]),
    columns,
    paint,
  );
}

function dnsText({ dns }: ResolvedPath["tunnel"], mode: "vpn_only" | "full_tunnel"): string | undefined {
  if (dns.servers.length === 0) return undefined;
  const domains = mode === "full_tunnel" ? "everything" : dns.matchDomains.join(", ");
  return `${dns.servers.join(", ")} for ${domains || "nothing"}`;
}

/** A profile that is connected; `steers` null = it is another user's. */
export interface ConnectedProfile extends Pick<Profile, "id" | "name"> {
  readonly steers: Profile["steers"] | null;
}

/** That a profile is connected and what it steers, said before the path that it stands in for. */
export function profileLine({ name, steers }: ConnectedProfile, managed: boolean, columns: number): string {
  const what = steers === null ? "" : ` and steers ${steersText({ steers })}`;
  const instead = managed ? "; the managed path below is not in use" : "";
  return paragraph(`The manual profile ${name} is connected${what}${instead}.`, columns);
}

/** The whole path. `nameOf` gives names of gateways by device id. */
export function pathView(
  path: ResolvedPath,
  nameOf: (deviceId: string) => string,
  columns: number,
  paint: Paint,
): string {
  const { tunnel, epoch } = path;
  const alternates = path.alternates.map(({ ingress, egress }) => hopNames(ingress, egress)).join(", ");
  const drawn = drawing(path).map((line) => `  ${line}\n`);
  return [
    paint[path.status === "ready" ? "strong" : "bad"](paragraph(headline(path), columns)),
    drawn.length > 0 ? `\n${drawn.join("")}` : "",
    "\n",
    table(
      ["DECISION", "VALUE", "BY LAYER", "OVERRIDES"],
      [
        decisionRow("trafficMode", path.trafficMode, (mode) => mode),
        decisionRow("selection", path.selection, (value) => selectionText(value, nameOf)),
      ],
      columns,
      paint,
    ),
    "\n",
    candidatesTable(path, nameOf, columns, paint),
    "\n",
    facts(
      [
        ["fails over to", alternates === "" ? undefined : alternates],
        ["private network", tunnel.privatePrefixes.join(", ") || undefined],
        ["addresses", tunnel.addresses.join(", ")],
        ["DNS", dnsText(tunnel, path.trafficMode.value)],
        ["seen as", path.egress?.publicAddresses?.join(", ")],
        ["epoch", `${epoch.number}, issued ${path.issuedAt}`],
      ],
      columns,
      paint,
    ),
  ].join("");
}
