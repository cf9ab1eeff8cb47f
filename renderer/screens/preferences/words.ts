/** Sentences about a layer that is edited. Pure. */
import type { TFunction } from "../../texts/translate.ts";
import type { BridgeProblem } from "../../../src/bridge/contract.ts";
import type { Preference } from "../../preference.ts";
import { selectionWords } from "../path/difference.ts";
import type { NameOf } from "../path/names.ts";
import { isPinProblem, type Draft, type PinProblem } from "./draft.ts";

export function pinProblemWords(
  code: PinProblem,
  name: string,
  end: "ingress" | "egress",
  t: TFunction,
): string {
  return code === "missing_role"
    ? t(`preferences.problem.missing_role_${end}`, { name })
    : t(`preferences.problem.${code}`, { name });
}

/** What the control plane says of one end's pin when it refuses to store it (422); undefined = nothing. */
export function refusedPin(
  problem: BridgeProblem | undefined,
  end: "ingress" | "egress",
  name: string,
  t: TFunction,
): string | undefined {
  const error = problem?.errors?.find(({ pointer }) => pointer === `/selection/${end}DeviceId`);
  if (error === undefined) return undefined;
  return isPinProblem(error.code) ? pinProblemWords(error.code, name, end, t) : error.message;
}

/** Whether all that the control plane says against a layer stands beside its pins: then it is said nowhere else. */
export function saidAtPins(
  problem: BridgeProblem | undefined,
  { gateways, ...pins }: Pick<Draft, "gateways" | "ingress" | "egress">,
): boolean {
  const errors = problem?.errors ?? [];
  const shown = (["ingress", "egress"] as const)
    .filter((end) => gateways === "manual" && pins[end] !== null)
    .map((end) => `/selection/${end}DeviceId`);
  return errors.length > 0 && errors.every(({ pointer }) => shown.includes(pointer));
}

/** What a layer says, in a line. */
export function preferenceWords(
  { trafficMode, selection }: Preference,
  nameOf: NameOf,
  t: TFunction,
): string {
  const parts = [
    trafficMode === undefined ? undefined : t(`home.modes.${trafficMode}`),
    selection === undefined
      ? undefined
      : t("preferences.value.gateways", { selection: selectionWords(selection, nameOf, t) }),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? t("preferences.value.nothing") : parts.join(" · ");
}
