/** The routing model in sentences for a person: the same words on the command line, in the app and in answers. */
import type {
  CandidateCode,
  CandidateVerdict,
  End,
  Layer,
  PinCode,
  Resolution,
  Selection,
  TrafficMode,
} from "./types.ts";

const LAYER_NAMES = {
  device: "the device preference",
  user: "the user preference",
  network: "the network policy",
  system: "the system default",
} as const satisfies Record<Layer, string>;

/** `the device preference`, `the network policy`, … */
export function layerName(layer: Layer): string {
  return LAYER_NAMES[layer];
}

/** `private network only` or `full tunnel`. */
export function modeName(mode: TrafficMode): string {
  return mode === "vpn_only" ? "private network only" : "full tunnel";
}

/**
 * A selection in words, e.g. `automatic` or `ingress tokyo, egress automatic`.
 *
 * @param nameOf the name of a gateway by device id; the id itself where there is none
 */
export function selectionText(selection: Selection, nameOf: (deviceId: string) => string): string {
  if (selection.routingMode === "auto") return "automatic";
  const end = (deviceId: string | null): string => (deviceId === null ? "automatic" : nameOf(deviceId));
  return `ingress ${end(selection.ingressDeviceId)}, egress ${end(selection.egressDeviceId)}`;
}

/** Why the gateway called `name` is not taken as `end`, as a clause: `tokyo is not healthy right now`. */
export function candidateClause(code: CandidateCode, name: string, end: End): string {
  switch (code) {
    case "unknown_device":
      return `${name} does not exist or is not visible to you`;
    case "wrong_workspace":
      return `${name} belongs to another workspace`;
    case "wrong_network":
      return `${name} belongs to another network`;
    case "access_denied":
      return `${name} does not grant access`;
    case "missing_role":
      return `${name} does not have the role of an ${end === "ingress" ? "ingress gateway" : "exit gateway"}`;
    case "unhealthy":
      return `${name} is not healthy right now`;
  }
}

/** The same as a sentence of its own; it starts with the name as it is written: `tokyo does not grant access.` */
export function candidateSentence(code: CandidateCode, name: string, end: End): string {
  return `${candidateClause(code, name, end)}.`;
}

/** What would end each broken rule. */
const PIN_REMEDIES = {
  unknown_device: "Choose another gateway, or let the platform choose.",
  wrong_workspace: "Choose a gateway of this network, or let the platform choose.",
  wrong_network: "Choose a gateway of this network, or let the platform choose.",
  access_denied: "Ask an operator for access, or choose another gateway.",
  missing_role: "Choose another gateway, or ask an operator to give it the role.",
} as const satisfies Record<PinCode, string>;

/**
 * Why a pin is not allowed and what to do.
 *
 * @param name the gateway's name, or its id where it is unknown (then nothing but the id may be told)
 * @param layer the layer that pinned it; absent while a selection is only being written
 */
export function pinSentence(code: PinCode, name: string, end: End, layer?: Layer): string {
  const by = layer === undefined ? "" : `${capital(layerName(layer))} pins the ${end}, but `;
  return `${by}${candidateSentence(code, name, end)} ${PIN_REMEDIES[code]}`;
}

/** Most gateways that a sentence names; the rest is counted. */
const NAMED = 2;

/**
 * Why the automatic choice found nobody.
 *
 * @param rejected what was said against each gateway
 * @param nameOf the name of a gateway by device id
 */
export function nobodySentence(
  end: End,
  rejected: readonly CandidateVerdict[],
  nameOf: (deviceId: string) => string,
): string {
  if (rejected.length === 0)
    return `This network has no gateway that could be the ${end}. Ask an operator to add one.`;
  const clauses = rejected
    .flatMap(({ deviceId, reasons: [code] }) =>
      code === undefined ? [] : [candidateClause(code, nameOf(deviceId), end)],
    )
    .slice(0, NAMED);
  const more = rejected.length - clauses.length;
  const rest = more > 0 ? `; and ${more} more` : "";
  return `No gateway can be the ${end} right now: ${clauses.join("; ")}${rest}.`;
}

/**
 * Names of gateways by device id, from the hops of one or several paths; an id that none of them names stays an id.
 */
export function namesIn(...paths: readonly Resolution[]): (deviceId: string) => string {
  const names = new Map<string, string>();
  for (const pair of paths.flatMap((path) => [path, ...path.alternates])) {
    for (const hop of [pair.ingress, pair.egress]) {
      if (hop !== undefined && !names.has(hop.deviceId)) names.set(hop.deviceId, hop.name);
    }
  }
  return (deviceId) => names.get(deviceId) ?? deviceId;
}

/** The text with its first letter as a capital. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
