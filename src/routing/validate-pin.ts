/** Pin validation as the control plane answers it: on PUT with 422, on preview, before anything is stored. */
import { pinsOf } from "./decide.ts";
import { pinSentence } from "./explain.ts";
import { pinProblem } from "./judge.ts";
import type { GatewayCandidate, PinCode, Selection } from "./types.ts";

/** One pin that breaks a rule; `pointer` is a JSON pointer (RFC 6901) into the preference. */
export interface PinError {
  readonly pointer: "/selection/ingressDeviceId" | "/selection/egressDeviceId";
  readonly code: PinCode;
  readonly message: string;
}

/**
 * Every pin of `selection` that is not allowed, each with the first rule it breaks; empty = allowed. An invisible
 * candidate and one that is missing give the same answer, to the letter.
 *
 * @param candidatesById what is known of the pinned devices, judged from the point of view of the acting user
 */
export function validateSelection(
  selection: Selection,
  candidatesById: ReadonlyMap<string, GatewayCandidate>,
): readonly PinError[] {
  const pins = pinsOf(selection);
  const errors: PinError[] = [];
  for (const end of ["ingress", "egress"] as const) {
    const deviceId = pins[end];
    if (deviceId === null) continue;
    const candidate = candidatesById.get(deviceId);
    const code = pinProblem(candidate, end);
    if (code === undefined) continue;
    const name = code === "unknown_device" ? deviceId : (candidate?.hop.name ?? deviceId);
    errors.push({ pointer: `/selection/${end}DeviceId`, code, message: pinSentence(code, name, end) });
  }
  return errors;
}
