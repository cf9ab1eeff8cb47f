/**
 * Resolution on a device whose control plane is away, from the last path it has. It knows the layers (all of them),
 * the verdicts (all of them) and only some gateways: those that the path names. Where another would be needed it says
 * so instead of guessing.
 */
import { capital, layerName, namesIn, nobodySentence, pinSentence } from "./explain.ts";
import { ROLE_OF } from "./judge.ts";
import { layersOfPath } from "./layers-of-path.ts";
import { probeAlong } from "./probe.ts";
import { resolveWith, type Gaps, type Pin } from "./resolve.ts";
import { MAX_CANDIDATES } from "./schema.ts";
import { compareText, secondHop } from "./score.ts";
import { withoutScore } from "./verdict.ts";
import type {
  CandidateVerdict,
  End,
  GatewayCandidate,
  Hop,
  PolicyLayers,
  Reason,
  ResolvedPath,
  RoutingPreference,
  UnavailableCode,
} from "./types.ts";

/** One layer as it is to be, whole; an empty preference unsets it. */
export interface ChangedLayer {
  readonly layer: keyof PolicyLayers;
  readonly value: RoutingPreference;
}

const ENDS = ["ingress", "egress"] as const satisfies readonly End[];

/**
 * The path after changing one layer, as well as it can be known here. Epoch, time of issue and tunnel parameters stay
 * those of `path`, but for the probe: it is answered where the way ends. A revoked device stays revoked.
 *
 * Unavailable with `control_plane_unreachable` when the change needs a gateway whose key and address only the control
 * plane knows; with the pin's own code when the last path already said that the pin is not allowed.
 */
export function resolveAway(path: ResolvedPath, changed: ChangedLayer): ResolvedPath {
  const layers = { ...layersOfPath(path), [changed.layer]: changed.value };
  const known = knownCandidates(path);
  const current = { ingressDeviceId: path.ingress?.deviceId, egressDeviceId: path.egress?.deviceId };
  const resolution = resolveWith(layers, known, current, gapsOf(path, known));

  const listed = new Set(resolution.candidates.map(verdictKey));
  // A path may name gateways that it has no verdict on: with theirs there could be more than a path may carry.
  const unlisted = path.candidates
    .filter((verdict) => !listed.has(verdictKey(verdict)))
    .slice(0, MAX_CANDIDATES - resolution.candidates.length)
    .map(withoutScore);
  const { epoch, deviceId, networkId, issuedAt } = path;
  const tunnel = { ...path.tunnel, probe: probeAlong(path, resolution.trafficMode.value, resolution) };
  const envelope = { epoch, deviceId, networkId, issuedAt, tunnel };
  const candidates = [...resolution.candidates, ...unlisted].sort(byEndAndId);
  if (path.reason?.code === "revoked") {
    const { trafficMode, selection } = resolution;
    const refusal = { status: path.status, reason: path.reason, alternates: [] };
    return { ...envelope, ...refusal, trafficMode, selection, candidates };
  }
  return { ...envelope, ...resolution, candidates };
}

/** The gateways that a path names, as candidates: facts from its verdicts, costs from its scores. */
function knownCandidates(path: ResolvedPath): readonly GatewayCandidate[] {
  const hops = new Map<string, Hop>();
  for (const pair of [path, ...path.alternates]) {
    for (const end of ENDS) {
      const hop = pair[end];
      if (hop !== undefined) hops.set(hop.deviceId, hop);
    }
  }
  return [...hops.values()].map((hop) => {
    const verdicts = path.candidates.filter((verdict) => verdict.deviceId === hop.deviceId);
    const free = (code: string): boolean =>
      verdicts.every(({ reasons }) => !reasons.some((one) => one === code));
    const score = (end: End): number | undefined => verdicts.find((verdict) => verdict.end === end)?.score;
    const asIngress = score("ingress");
    const costAlone =
      score("egress") ??
      (asIngress === undefined ? undefined : asIngress - secondHop(hop.deviceId, path.egress?.deviceId));
    return {
      hop,
      roles: ENDS.filter((end) =>
        verdicts.some((verdict) => verdict.end === end && !verdict.reasons.includes("missing_role")),
      ).map((end) => ROLE_OF[end]),
      visible: free("unknown_device"),
      sameWorkspace: free("wrong_workspace"),
      sameNetwork: free("wrong_network"),
      accessGranted: free("access_denied"),
      healthy: free("unhealthy"),
      load: 0,
      roundTripMs: costAlone,
    };
  });
}

/** What is missing here, told with what the last path knew. */
function gapsOf(path: ResolvedPath, known: readonly GatewayCandidate[]): Gaps {
  const isKnown = ({ deviceId }: CandidateVerdict): boolean =>
    known.some(({ hop }) => hop.deviceId === deviceId);
  return {
    unknownPin: (pin) => unknownPin(pin, path.candidates),
    nobody: (end) => {
      const verdicts = path.candidates.filter((verdict) => verdict.end === end);
      return verdicts.some((verdict) => verdict.eligible && !isKnown(verdict))
        ? askControlPlane(`Another gateway may be the ${end}, but this device was not told how to reach it.`)
        : { code: "no_eligible_gateway", message: nobodySentence(end, verdicts, namesIn(path)) };
    },
  };
}

function unknownPin(
  { deviceId, end, layer }: Pin,
  verdicts: readonly CandidateVerdict[],
): ReturnType<Gaps["unknownPin"]> {
  const found = verdicts.find((verdict) => verdict.deviceId === deviceId && verdict.end === end);
  const verdict = found && withoutScore(found);
  const code = found?.reasons.find((one) => one !== "unhealthy");
  if (code !== undefined) {
    return { reason: { code, message: pinSentence(code, deviceId, end, layer) }, verdict };
  }
  const what = `${capital(layerName(layer))} pins ${deviceId} as the ${end}, but this device was not told how to reach it.`;
  return { reason: askControlPlane(what), verdict };
}

function askControlPlane(what: string): Reason<UnavailableCode> {
  return {
    code: "control_plane_unreachable",
    message: `${what} Only the control plane knows its key and address, and it cannot be reached: undo the change, or wait.`,
  };
}

const verdictKey = ({ deviceId, end }: CandidateVerdict): string => `${deviceId} ${end}`;

/** Ingress before egress, then by device id: the order of `resolve`. */
function byEndAndId(a: CandidateVerdict, b: CandidateVerdict): number {
  return compareText(b.end, a.end) || compareText(a.deviceId, b.deviceId);
}
