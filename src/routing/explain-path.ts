/** A path in sentences: what it does, who decided it, and what was not taken. */
import { candidateSentence, capital, layerName, modeName, namesIn, selectionText } from "./explain.ts";
import { pinsOf } from "./decide.ts";
import type { Decision, Resolution } from "./types.ts";

/**
 * Where traffic goes by this path, in one sentence. It says what is resolved, not that anything is connected.
 * e.g. `All traffic enters at tokyo and leaves at frankfurt.`
 */
export function headline(path: Resolution): string {
  const { ingress, egress } = path;
  if (path.status === "unavailable" || ingress === undefined) {
    return `There is no path: ${path.reason?.message ?? "the control plane gave no reason."}`;
  }
  if (path.trafficMode.value === "vpn_only") {
    return `The private network is reached through ${ingress.name}. Other traffic goes directly.`;
  }
  if (egress === undefined || egress.deviceId === ingress.deviceId) {
    return `All traffic goes through ${ingress.name}.`;
  }
  return `All traffic enters at ${ingress.name} and leaves at ${egress.name}.`;
}

/**
 * The whole explanation, one sentence a line: the headline, both decisions with what they overrode, and why each
 * gateway that is not eligible is not.
 *
 * @param nameOf names of gateways by id; by default those that the path itself names
 */
export function explainPath(
  path: Resolution,
  nameOf: (deviceId: string) => string = namesIn(path),
): readonly string[] {
  const rejected = path.candidates.flatMap(({ deviceId, end, reasons: [code] }) =>
    code === undefined ? [] : [`Not as ${end}: ${candidateSentence(code, nameOf(deviceId), end)}`],
  );
  return [
    headline(path),
    decisionSentence("Traffic mode", path.trafficMode, modeName),
    decisionSentence("Gateways", path.selection, (value) => selectionText(value, nameOf)),
    ...pinnedButUnused(path, nameOf),
    ...rejected,
  ];
}

/** `Traffic mode: full tunnel, decided by the user preference, over the network policy (private network only).` */
function decisionSentence<T>(what: string, decision: Decision<T>, text: (value: T) => string): string {
  const over = decision.overridden.map(({ layer, value }) => `${layerName(layer)} (${text(value)})`);
  const tail = over.length === 0 ? "" : `, over ${over.join(", ")}`;
  return `${capital(what)}: ${text(decision.value)}, decided by ${layerName(decision.decidedBy)}${tail}.`;
}

/** In `vpn_only` a pinned egress that may not be used does no harm, but it is said. */
function pinnedButUnused(path: Resolution, nameOf: (deviceId: string) => string): readonly string[] {
  const pinned = pinsOf(path.selection.value).egress;
  if (path.status !== "ready" || path.egress !== undefined || pinned === null) return [];
  return [`The pinned egress ${nameOf(pinned)} cannot be used; a full tunnel would be unavailable.`];
}
