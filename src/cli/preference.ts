/** Preferences as options of the command line, and gateways by name. */
import type { Result } from "../rpc/contract.ts";
import type { RoutingPreference, Selection, TrafficMode } from "../routing/types.ts";
import { Refused, UsageError } from "./problem.ts";

/** Options that change a preference; what is absent stays as it is. */
export interface PreferenceOptions {
  readonly mode?: TrafficMode | "inherit";
  /** A device id, or `auto`. */
  readonly ingress?: string;
  readonly egress?: string;
  readonly auto?: boolean;
  readonly inherit?: boolean;
}

/** Whether any of them is given. */
export function changesAnything(options: PreferenceOptions): boolean {
  return [options.mode, options.ingress, options.egress, options.auto, options.inherit].some(
    (option) => option !== undefined,
  );
}

/** The device id of the gateway with that name or id. Throws `Refused` when there is none, or more than one. */
export function gatewayId(text: string, gateways: Result<"gateways">, nanami: string): string {
  const byId = gateways.find(({ deviceId }) => deviceId === text);
  if (byId !== undefined) return byId.deviceId;
  const named = gateways.filter(({ name }) => name.toLowerCase() === text.toLowerCase());
  const [one, ...others] = named;
  if (one === undefined) {
    const known = gateways.map(({ name }) => name).join(", ");
    throw new Refused(
      "unknown_device",
      `there is no gateway "${text}" that you can see${known === "" ? "" : `; there are ${known}`}`,
      `See all of them: ${nanami} gateways`,
    );
  }
  if (others.length > 0)
    throw new Refused(
      "unknown_device",
      `several gateways are called "${text}"; use an id: ${named.map(({ deviceId }) => deviceId).join(", ")}`,
    );
  return one.deviceId;
}

function selectionAfter(
  stored: Selection | undefined,
  options: PreferenceOptions,
  idOf: (text: string) => string,
): Selection | undefined {
  const { ingress, egress } = options;
  if (options.inherit === true) return undefined;
  if (options.auto === true) return { routingMode: "auto" };
  if (ingress === undefined && egress === undefined) return stored;
  const pins = stored?.routingMode === "manual" ? stored : { ingressDeviceId: null, egressDeviceId: null };
  const pin = (text: string | undefined, before: string | null) =>
    text === undefined ? before : text === "auto" ? null : idOf(text);
  const ingressDeviceId = pin(ingress, pins.ingressDeviceId);
  const egressDeviceId = pin(egress, pins.egressDeviceId);
  return ingressDeviceId === null && egressDeviceId === null
    ? { routingMode: "auto" }
    : { routingMode: "manual", ingressDeviceId, egressDeviceId };
}

/**
 * The layer's value after `options`. An end that is not named keeps its pin. Throws `UsageError` when the options
 * contradict each other; `idOf` turns a gateway's name into its id.
 */
export function preferenceAfter(
  stored: RoutingPreference,
  options: PreferenceOptions,
  idOf: (text: string) => string,
): RoutingPreference {
  const pins = options.ingress !== undefined || options.egress !== undefined;
  if ([pins, options.auto, options.inherit].filter(Boolean).length > 1)
    throw new UsageError("--auto, --inherit and pins (--ingress, --egress) exclude each other");
  const trafficMode =
    options.mode === undefined ? stored.trafficMode : options.mode === "inherit" ? undefined : options.mode;
  const selection = selectionAfter(stored.selection, options, idOf);
  return {
    ...(trafficMode === undefined ? {} : { trafficMode }),
    ...(selection === undefined ? {} : { selection }),
  };
}
