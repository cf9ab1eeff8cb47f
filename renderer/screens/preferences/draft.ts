/** One layer as it is being edited: every choice has a value, also "nothing". Pure. */
import type { ResolvedPath } from "../../../src/routing/types.ts";
import type { Preference } from "../../preference.ts";
import type { GatewayRow } from "../../gateway-row.ts";

export interface Draft {
  readonly mode: "inherit" | "vpn_only" | "full_tunnel";
  readonly gateways: "inherit" | "auto" | "manual";
  /** Of a choice by hand; null = left to the platform. Kept while another way is chosen, so that it can be taken up again. */
  readonly ingress: string | null;
  readonly egress: string | null;
}

/** Rules of the routing model that a pin can break, as far as they can be known before saving. */
export type PinProblem =
  "unknown_device" | "wrong_workspace" | "wrong_network" | "access_denied" | "missing_role";

const PIN_PROBLEMS: readonly string[] = [
  "unknown_device",
  "wrong_workspace",
  "wrong_network",
  "access_denied",
  "missing_role",
] satisfies readonly PinProblem[];

export function isPinProblem(code: string): code is PinProblem {
  return PIN_PROBLEMS.includes(code);
}

export function draftOf({ trafficMode, selection }: Preference): Draft {
  return {
    mode: trafficMode ?? "inherit",
    gateways: selection?.routingMode ?? "inherit",
    ingress: selection?.routingMode === "manual" ? selection.ingressDeviceId : null,
    egress: selection?.routingMode === "manual" ? selection.egressDeviceId : null,
  };
}

/** The layer that a draft stands for; undefined while it says nothing that can be stored (by hand, without a pin). */
export function preferenceOf(draft: Draft): Preference | undefined {
  const mode = draft.mode === "inherit" ? {} : { trafficMode: draft.mode };
  switch (draft.gateways) {
    case "inherit":
      return mode;
    case "auto":
      return { ...mode, selection: { routingMode: "auto" } };
    case "manual": {
      const { ingress, egress } = draft;
      if (ingress === null && egress === null) return undefined;
      return {
        ...mode,
        selection: { routingMode: "manual", ingressDeviceId: ingress, egressDeviceId: egress },
      };
    }
  }
}

/** Whether two layers say the same. */
export function samePreference(a: Preference | undefined, b: Preference | undefined): boolean {
  const words = (one: Preference | undefined): string => {
    if (one === undefined) return "";
    const { mode, gateways, ingress, egress } = draftOf(one);
    return JSON.stringify([mode, gateways, ingress, egress]);
  };
  return words(a) === words(b);
}

/** The first rule that a pin would break; undefined = none that is known. `unhealthy` is no rule: a pin may wait. */
export function pinProblem(
  deviceId: string | null,
  end: "ingress" | "egress",
  rows: readonly GatewayRow[],
): PinProblem | undefined {
  if (deviceId === null || rows.length === 0) return undefined;
  const row = rows.find((one) => one.deviceId === deviceId);
  if (row === undefined) return "unknown_device";
  const reasons = row.ends.find((one) => one.end === end)?.reasons ?? [];
  return reasons.map(({ code }) => code).find(isPinProblem);
}

/**
 * The first rule that a pin breaks by the control plane's own judgement, which a previewed path carries even where its
 * mode has no use for that end; undefined = none, or that path is not the one with this pin.
 */
export function previewedProblem(
  deviceId: string | null,
  end: "ingress" | "egress",
  { selection: { value }, candidates }: Pick<ResolvedPath, "selection" | "candidates">,
): PinProblem | undefined {
  const pinned = value.routingMode === "manual" ? value[`${end}DeviceId`] : null;
  if (pinned === null || pinned !== deviceId) return undefined;
  // Without a verdict nothing is known of it: the control plane was away.
  return candidates.find((one) => one.deviceId === deviceId && one.end === end)?.reasons.find(isPinProblem);
}
