/** `nanami settings` for people. */
import type { Result } from "../../rpc/contract.ts";
import type { Paint } from "./paint.ts";
import { table } from "./table.ts";

const MEANING = {
  lockdown: {
    on: "stay closed while not connected",
    off: "traffic goes directly while not connected",
  },
  localNetwork: {
    allow: "printers and other local hosts stay reachable",
    block: "nothing local is reachable while all traffic is steered",
  },
  connectAtStart: { on: "connect when the agent starts", off: "wait for nanami up" },
  dns: { automatic: "ask the tunnel's resolvers", off: "leave this machine's resolvers as they are" },
} as const;

/** Names, values, and what they mean. */
export function settingsView(settings: Result<"getSettings">, columns: number, paint: Paint): string {
  return table(
    ["SETTING", "VALUE", "MEANING"],
    [
      ["lockdown", settings.lockdown, MEANING.lockdown[settings.lockdown]],
      ["local-network", settings.localNetwork, MEANING.localNetwork[settings.localNetwork]],
      ["connect-at-start", settings.connectAtStart, MEANING.connectAtStart[settings.connectAtStart]],
      ["dns", settings.dns, MEANING.dns[settings.dns]],
    ],
    columns,
    paint,
  );
}
