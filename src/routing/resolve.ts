/**
 * Resolution: policy layers and gateways in, a path with its reasons out. The same function decides in the control
 * plane, in previews, on a device whose control plane is away, and in tests.
 */
import { alternatesFor } from "./alternates.ts";
import { decideSelection, decideTrafficMode, pinsOf } from "./decide.ts";
import { nobodySentence, pinSentence } from "./explain.ts";
import { judge, pinProblem } from "./judge.ts";
import { clearlyBetter, compareText, cost, secondHop } from "./score.ts";
import type {
  CandidateVerdict,
  End,
  GatewayCandidate,
  Hop,
  HopPair,
  Layer,
  PolicyLayers,
  Reason,
  Resolution,
  UnavailableCode,
} from "./types.ts";

/** The ends a device uses now. */
export interface CurrentEnds {
  readonly ingressDeviceId?: string | undefined;
  readonly egressDeviceId?: string | undefined;
}

/** A pin as resolution met it: which device, for which end, by which layer. */
export interface Pin {
  readonly deviceId: string;
  readonly end: End;
  readonly layer: Layer;
}

/** What to say, and which code to give, where there is no gateway for an end. */
export interface Gaps {
  /** A pinned device is not among the candidates; `verdict` = what is known against it, where anything is. */
  readonly unknownPin: (pin: Pin) => {
    readonly reason: Reason<UnavailableCode>;
    readonly verdict: CandidateVerdict | undefined;
  };
  /** No candidate may be chosen; `rejected` are their verdicts for this end. */
  readonly nobody: (
    end: End,
    rejected: readonly CandidateVerdict[],
    nameOf: (deviceId: string) => string,
  ) => Reason<UnavailableCode>;
}

/**
 * Resolves one device's path.
 *
 * - The traffic mode and the selection come each from the highest layer that sets it.
 * - A pin is checked, never replaced: one that breaks a rule makes the path `unavailable`. Health does not matter to
 *   a pin.
 * - An end that the platform chooses goes to the eligible gateway with the lowest score (`score.ts`): the egress first,
 *   then the ingress. The choice does not depend on the traffic mode, so that switching it moves no connection.
 * - In `vpn_only` the egress takes no part: without a usable one the path is ready and has no egress.
 * - An invisible candidate is treated exactly as one that does not exist.
 *
 * @param candidates in any order, ids unique, judged from the point of view of the device's owner
 * @param current what the device uses now. A healthy gateway is kept until another is clearly better (by more than
 *   20 ms and 20 % of its score); one that is no longer eligible is left at once
 */
export function resolve(
  layers: PolicyLayers,
  candidates: readonly GatewayCandidate[],
  current: CurrentEnds = {},
): Resolution {
  return resolveWith(layers, candidates, current, GAPS);
}

/** `resolve` for a caller that knows more about what is missing (a device without its control plane). */
export function resolveWith(
  layers: PolicyLayers,
  candidates: readonly GatewayCandidate[],
  current: CurrentEnds,
  gaps: Gaps,
): Resolution {
  const trafficMode = decideTrafficMode(layers);
  const selection = decideSelection(layers);
  const pins = pinsOf(selection.value);
  const known = candidates
    .filter((candidate) => candidate.visible)
    .map((candidate) => ({ candidate, hop: candidate.hop, cost: cost(candidate) }))
    .sort((a, b) => compareText(a.hop.deviceId, b.hop.deviceId));

  const pinOf = (end: End): Pin | undefined => {
    const deviceId = pins[end];
    return deviceId === null ? undefined : { deviceId, end, layer: selection.decidedBy };
  };
  const egress = chooseEnd("egress", known, pinOf("egress"), current.egressDeviceId, () => 0, gaps);
  const egressId = egress.chosen?.deviceId;
  const ingress = chooseEnd(
    "ingress",
    known,
    pinOf("ingress"),
    current.ingressDeviceId,
    (deviceId) => secondHop(deviceId, egressId),
    gaps,
  );

  const decisions = { trafficMode, selection, candidates: [...ingress.verdicts, ...egress.verdicts] };
  const egressProblem = trafficMode.value === "full_tunnel" ? egress.problem : undefined;
  if (ingress.problem !== undefined || egressProblem !== undefined) {
    const reason = together(ingress.problem, egressProblem);
    return { status: "unavailable", reason, ...decisions, alternates: [] };
  }
  const chosen: HopPair =
    egress.chosen === undefined
      ? { ingress: ingress.chosen }
      : { ingress: ingress.chosen, egress: egress.chosen };
  return {
    status: "ready",
    ...decisions,
    ...chosen,
    alternates: alternatesFor(chosen, ingress.options, egress.options),
  };
}

/** A visible candidate with its cost by itself. */
interface Known {
  readonly candidate: GatewayCandidate;
  readonly hop: Hop;
  readonly cost: number;
}

type EndChoice = {
  readonly verdicts: readonly CandidateVerdict[];
  /** What the end may be, by rising cost; the pinned gateway alone where there is a pin. */
  readonly options: readonly Known[];
} & (
  | { readonly chosen: Hop; readonly problem?: undefined }
  | { readonly chosen?: undefined; readonly problem: Reason<UnavailableCode> }
);

function chooseEnd(
  end: End,
  known: readonly Known[],
  pin: Pin | undefined,
  currentId: string | undefined,
  surcharge: (deviceId: string) => number,
  gaps: Gaps,
): EndChoice {
  const verdicts: CandidateVerdict[] = [];
  const options: Known[] = [];
  for (const one of known) {
    const { deviceId } = one.hop;
    const reasons = judge(one.candidate, end);
    if (reasons.length > 0) {
      verdicts.push({ deviceId, end, eligible: false, reasons });
      continue;
    }
    verdicts.push({ deviceId, end, eligible: true, reasons, score: one.cost + surcharge(deviceId) });
    options.push(one);
  }
  if (pin !== undefined) return applyPin(pin, known, verdicts, gaps);

  const score = (one: Known): number => one.cost + surcharge(one.hop.deviceId);
  const [first, ...rest] = options;
  if (first === undefined) return { verdicts, options, problem: gaps.nobody(end, verdicts, nameIn(known)) };
  let best = first;
  // `known` is sorted by id, so that keeping the first of equals is the tie-break.
  for (const one of rest) if (score(one) < score(best)) best = one;
  const held = options.find((one) => one.hop.deviceId === currentId);
  const chosen = held !== undefined && !clearlyBetter(score(best), score(held)) ? held : best;
  return { verdicts, options: options.sort((a, b) => a.cost - b.cost), chosen: chosen.hop };
}

function applyPin(pin: Pin, known: readonly Known[], verdicts: CandidateVerdict[], gaps: Gaps): EndChoice {
  const pinned = known.find((one) => one.hop.deviceId === pin.deviceId);
  if (pinned === undefined) {
    const { reason, verdict } = gaps.unknownPin(pin);
    if (verdict !== undefined) verdicts.push(verdict);
    verdicts.sort((a, b) => compareText(a.deviceId, b.deviceId));
    return { verdicts, options: [], problem: reason };
  }
  const code = pinProblem(pinned.candidate, pin.end);
  if (code === undefined) return { verdicts, options: [pinned], chosen: pinned.hop };
  const message = pinSentence(code, pinned.hop.name, pin.end, pin.layer);
  return { verdicts, options: [], problem: { code, message } };
}

/** One reason out of those of both ends: the code of the first, the sentences of all. */
function together(...problems: (Reason<UnavailableCode> | undefined)[]): Reason<UnavailableCode> | undefined {
  const [first, ...others] = problems.filter((problem) => problem !== undefined);
  if (first === undefined) return undefined;
  return { code: first.code, message: [first, ...others].map(({ message }) => message).join(" ") };
}

function nameIn(known: readonly Known[]): (deviceId: string) => string {
  return (deviceId) => known.find(({ hop }) => hop.deviceId === deviceId)?.hop.name ?? deviceId;
}

const GAPS: Gaps = {
  unknownPin: ({ deviceId, end, layer }) => ({
    reason: { code: "unknown_device", message: pinSentence("unknown_device", deviceId, end, layer) },
    verdict: { deviceId, end, eligible: false, reasons: ["unknown_device"] },
  }),
  nobody: (end, rejected, nameOf) => ({
    code: "no_eligible_gateway",
    message: nobodySentence(end, rejected, nameOf),
  }),
};
