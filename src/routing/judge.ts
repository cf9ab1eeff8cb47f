/** What disqualifies a gateway for one end of a path. */
import type { CandidateCode, End, GatewayCandidate, NodeRole, PinCode } from "./types.ts";

/** The role that each end asks for. */
export const ROLE_OF = {
  ingress: "ingress_gateway",
  egress: "exit_gateway",
} as const satisfies Record<End, NodeRole>;

/**
 * Everything against `candidate` as `end`, in the order of the rules: visibility, workspace, network, access,
 * role, health. What lies behind one of the first three is not looked at: it is nobody's business here.
 * Empty = the automatic choice may take it.
 */
export function judge(candidate: GatewayCandidate, end: End): readonly CandidateCode[] {
  if (!candidate.visible) return ["unknown_device"];
  if (!candidate.sameWorkspace) return ["wrong_workspace"];
  if (!candidate.sameNetwork) return ["wrong_network"];
  const reasons: CandidateCode[] = [];
  if (!candidate.accessGranted) reasons.push("access_denied");
  if (!candidate.roles.includes(ROLE_OF[end])) reasons.push("missing_role");
  if (!candidate.healthy) reasons.push("unhealthy");
  return reasons;
}

/**
 * The first rule that a pin of `candidate` as `end` breaks; undefined = the pin is allowed. No candidate is an
 * unknown device. Health breaks no pin: a pinned gateway fails closed on the device, by the device's own probe.
 */
export function pinProblem(candidate: GatewayCandidate | undefined, end: End): PinCode | undefined {
  if (candidate === undefined) return "unknown_device";
  return judge(candidate, end).find((code) => code !== "unhealthy");
}
