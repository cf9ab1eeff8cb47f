/** The difference of two paths as values, each with a sentence for a person. */
import { equal } from "./equal.ts";
import { candidateClause, layerName, modeName, namesIn, selectionText } from "./explain.ts";
import { withoutScore } from "./verdict.ts";
import type { CandidateVerdict, Decision, End, Hop, HopPair, ResolvedPath } from "./types.ts";

/** One thing that differs. */
export interface Change<Field extends string, Value> {
  readonly field: Field;
  readonly before: Value;
  readonly after: Value;
  readonly message: string;
}

/** Looks up names of gateways in both paths. */
type NameOf = (deviceId: string) => string;

function field<Field extends string, Value>(
  name: Field,
  read: (path: ResolvedPath) => Value,
  tell: (before: Value, after: Value, nameOf: NameOf, path: ResolvedPath) => string,
): (before: ResolvedPath, after: ResolvedPath, nameOf: NameOf) => Change<Field, Value> | undefined {
  return (pathBefore, pathAfter, nameOf) => {
    const before = read(pathBefore);
    const after = read(pathAfter);
    if (equal(before, after)) return undefined;
    return { field: name, before, after, message: tell(before, after, nameOf, pathAfter) };
  };
}

/** Everything a path holds but its epoch, its time of issue and the scores; a person reads them in this order. */
const FIELDS = [
  field(
    "deviceId",
    (path) => path.deviceId,
    (before, after) => `This is the path of another device: ${after} (was ${before}).`,
  ),
  field(
    "networkId",
    (path) => path.networkId,
    (before, after) => `The device is in another network: ${after} (was ${before}).`,
  ),
  field(
    "status",
    (path) => path.status,
    (_before, after) => (after === "ready" ? "There is a path." : "There is no path."),
  ),
  field(
    "reason",
    (path) => path.reason,
    (before, after) => after?.message ?? `No longer so: ${before?.message ?? ""}`,
  ),
  field(
    "trafficMode",
    (path) => path.trafficMode.value,
    (before, after) => `The traffic mode is ${modeName(after)} (was ${modeName(before)}).`,
  ),
  field(
    "trafficMode.decidedBy",
    (path) => path.trafficMode.decidedBy,
    (before, after) => `The traffic mode is decided by ${layerName(after)} (was ${layerName(before)}).`,
  ),
  field(
    "trafficMode.overridden",
    (path) => path.trafficMode.overridden,
    (before, after) => {
      const list = (values: typeof after): string => overriddenText(values, modeName);
      return `The traffic mode overrides ${list(after)} (was ${list(before)}).`;
    },
  ),
  field(
    "selection",
    (path) => path.selection.value,
    (before, after, nameOf) =>
      `The gateways are chosen: ${selectionText(after, nameOf)} (was ${selectionText(before, nameOf)}).`,
  ),
  field(
    "selection.decidedBy",
    (path) => path.selection.decidedBy,
    (before, after) => `The choice of gateways is decided by ${layerName(after)} (was ${layerName(before)}).`,
  ),
  field(
    "selection.overridden",
    (path) => path.selection.overridden,
    (before, after, nameOf) => {
      const list = (values: typeof after): string =>
        overriddenText(values, (value) => selectionText(value, nameOf));
      return `The choice of gateways overrides ${list(after)} (was ${list(before)}).`;
    },
  ),
  field(
    "ingress",
    (path) => path.ingress,
    (before, after) => hopText("ingress", before, after),
  ),
  field(
    "egress",
    (path) => path.egress,
    (before, after, _nameOf, path) =>
      hopText("egress", before, after) +
      (path.trafficMode.value === "vpn_only"
        ? " It takes no part while only the private network is steered."
        : ""),
  ),
  field(
    "alternates",
    (path) => path.alternates,
    (_before, after) => `To fail over to, in this order: ${after.map(pairText).join(", ") || "nothing"}.`,
  ),
  field(
    "candidates",
    (path) => path.candidates.map(withoutScore),
    (before, after, nameOf) => verdictsText(before, after, nameOf),
  ),
  field(
    "tunnel.addresses",
    (path) => path.tunnel.addresses,
    (before, after) => `The device's overlay addresses are ${after.join(", ")} (were ${before.join(", ")}).`,
  ),
  field(
    "tunnel.privatePrefixes",
    (path) => path.tunnel.privatePrefixes,
    (before, after) => `The private network ${listText(before, after)}.`,
  ),
  field(
    "tunnel.dns",
    (path) => path.tunnel.dns,
    (before, after) =>
      [
        equal(before.servers, after.servers)
          ? ""
          : `DNS servers: ${listText(before.servers, after.servers)}.`,
        equal(before.matchDomains, after.matchDomains)
          ? ""
          : `Private domains: ${listText(before.matchDomains, after.matchDomains)}.`,
      ]
        .filter((text) => text !== "")
        .join(" "),
  ),
  field(
    "tunnel.probe",
    (path) => path.tunnel.probe,
    (before, after) => `The tunnel is probed at ${after} (was ${before}).`,
  ),
  field(
    "tunnel.mtu",
    (path) => path.tunnel.mtu,
    (before, after) => `The tunnel's MTU is ${after ?? "the default"} (was ${before ?? "the default"}).`,
  ),
] as const;

/** One thing in which two paths differ: which field, both values, a sentence. */
export type PathChange = NonNullable<ReturnType<(typeof FIELDS)[number]>>;

/**
 * Everything in which `after` differs from `before`; empty for equal paths, whatever their epoch and scores.
 *
 * @param nameOf names of gateways by id, for the sentences; by default those that the paths themselves name
 */
export function differenceOf(
  before: ResolvedPath,
  after: ResolvedPath,
  nameOf: NameOf = namesIn(after, before),
): readonly PathChange[] {
  return FIELDS.map((compare) => compare(before, after, nameOf)).filter((change) => change !== undefined);
}

/**
 * True when nothing but `issuedAt`, the epoch and the scores differs: such a path needs no new epoch number and is
 * not pushed.
 */
export function sameButForScores(before: ResolvedPath, after: ResolvedPath): boolean {
  // Stops at the first difference; the names in its sentence are not read.
  return FIELDS.every((compare) => compare(before, after, (deviceId) => deviceId) === undefined);
}

function overriddenText<T>(values: Decision<T>["overridden"], text: (value: T) => string): string {
  return values.map(({ layer, value }) => `${layerName(layer)} (${text(value)})`).join(", ") || "nothing";
}

function hopText(end: End, before: Hop | undefined, after: Hop | undefined): string {
  if (after === undefined) return `There is no ${end} (was ${before?.name ?? "none"}).`;
  if (before?.deviceId !== after.deviceId)
    return `The ${end} is ${after.name} (was ${before?.name ?? "none"}).`;
  const changed = Object.entries({
    name: "name",
    region: "region",
    publicKey: "public key",
    endpoint: "endpoint",
    overlayAddresses: "overlay addresses",
    publicAddresses: "public addresses",
  } satisfies Record<keyof Omit<Hop, "deviceId">, string>)
    .filter(([key]) => !equal(before[key as keyof Hop], after[key as keyof Hop]))
    .map(([, words]) => words);
  return `The ${end} ${after.name} has a new ${changed.join(", ")}.`;
}

function pairText({ ingress, egress }: HopPair): string {
  return egress === undefined || egress.deviceId === ingress.deviceId
    ? ingress.name
    : `${ingress.name} → ${egress.name}`;
}

/** Most verdicts that a sentence names; the values hold all of them. */
const NAMED = 4;

function verdictsText(
  before: readonly CandidateVerdict[],
  after: readonly CandidateVerdict[],
  nameOf: NameOf,
): string {
  const key = ({ deviceId, end }: CandidateVerdict): string => `${end} ${deviceId}`;
  const old = new Map(before.map((verdict) => [key(verdict), verdict]));
  const still = new Set(after.map(key));
  const clauses = [
    ...after
      .filter((verdict) => !equal(old.get(key(verdict)), verdict))
      .map(({ deviceId, end, reasons: [code] }) =>
        code === undefined
          ? `${nameOf(deviceId)} can be the ${end}`
          : `${nameOf(deviceId)} cannot be the ${end} (${candidateClause(code, nameOf(deviceId), end)})`,
      ),
    ...before
      .filter((verdict) => !still.has(key(verdict)))
      .map(({ deviceId, end }) => `${nameOf(deviceId)} is no longer considered as ${end}`),
  ];
  const more = clauses.length > NAMED ? `; and ${clauses.length - NAMED} more` : "";
  return `Gateways: ${clauses.slice(0, NAMED).join("; ")}${more}.`;
}

function listText(before: readonly string[], after: readonly string[]): string {
  const gained = after.filter((one) => !before.includes(one));
  const gone = before.filter((one) => !after.includes(one));
  const parts = [
    gained.length > 0 ? `gains ${gained.join(", ")}` : "",
    gone.length > 0 ? `loses ${gone.join(", ")}` : "",
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join(" and ") : `is in the order ${after.join(", ")}`;
}
