/** The one gateway of a manual configuration: plain WireGuard knows no path, so one gateway has to be all of it. */
import { nobodySentence, pinSentence } from "../routing/explain.ts";
import { judge, pinProblem } from "../routing/judge.ts";
import { compareText, cost } from "../routing/score.ts";
import type { End, GatewayCandidate, TrafficMode } from "../routing/types.ts";
import type { ActingUser } from "./actor.ts";
import { candidateOf } from "./candidates.ts";
import type { Change } from "./plane.ts";
import { conflict, invalid } from "./problem.ts";
import {
  accessOf,
  findDevice,
  liveGateways,
  type DeviceRecord,
  type NetworkRecord,
} from "./store/records.ts";

/** What the gateway has to be in each mode. */
const ENDS = {
  vpn_only: ["ingress"],
  full_tunnel: ["ingress", "egress"],
} as const satisfies Record<TrafficMode, readonly End[]>;

interface Option {
  readonly gateway: DeviceRecord;
  readonly candidate: GatewayCandidate;
}

/**
 * The gateway that is pinned or, where none is, the best healthy one, judged by the owner's rights. Throws 422 for a
 * pin that breaks a rule, 409 `no_eligible_gateway` where nobody is left to choose.
 */
export async function gatewayForFile(
  { tx, live }: Change,
  network: NetworkRecord,
  owner: ActingUser,
  trafficMode: TrafficMode,
  pinnedId: string | undefined,
): Promise<DeviceRecord> {
  const ends = ENDS[trafficMode];
  const optionsAmong = async (gateways: readonly DeviceRecord[]): Promise<Option[]> => {
    const access = await accessOf(
      tx,
      gateways.map(({ id }) => id),
    );
    return gateways.map((gateway) => ({
      gateway,
      candidate: candidateOf(gateway, network.id, [owner], access, live, null),
    }));
  };
  if (pinnedId === undefined) return best(await optionsAmong(await liveGateways(tx, network.id)), ends);

  const pinned = await findDevice(tx, pinnedId);
  const [option] = await optionsAmong(pinned?.revoked === false ? [pinned] : []);
  for (const end of ends) {
    const code = pinProblem(option?.candidate, end);
    if (code === undefined) continue;
    const name = code === "unknown_device" ? pinnedId : (option?.gateway.name ?? pinnedId);
    throw invalid([{ pointer: "/gatewayDeviceId", code, message: pinSentence(code, name, end) }]);
  }
  if (option === undefined) throw new Error("no gateway, and no rule that it breaks");
  return option.gateway;
}

function best(options: readonly Option[], ends: readonly End[]): DeviceRecord {
  const [first] = options
    .filter(({ candidate }) => ends.every((end) => judge(candidate, end).length === 0))
    .sort((a, b) => cost(a.candidate) - cost(b.candidate) || compareText(a.gateway.id, b.gateway.id));
  if (first !== undefined) return first.gateway;
  throw conflict("no_eligible_gateway", nobody(options, ends));
}

function nobody(options: readonly Option[], ends: readonly End[]): string {
  const nameOf = (id: string): string => options.find(({ gateway }) => gateway.id === id)?.gateway.name ?? id;
  for (const end of ends) {
    const verdicts = options.map(({ gateway, candidate }) => {
      const reasons = judge(candidate, end);
      return { deviceId: gateway.id, end, eligible: reasons.length === 0, reasons };
    });
    if (!verdicts.some(({ eligible }) => eligible)) return nobodySentence(end, verdicts, nameOf);
  }
  return "No gateway can be the ingress and the egress at once right now, and a WireGuard file has only one. Use the mode vpn_only, or ask an operator for a gateway with both roles.";
}
