/** What the reasons `not_protected` and `lockdown_not_in_force` say is open. Pure. */
import type { Facts } from "../rpc/said.ts";

/** All traffic; what is for the private network; the local network, where that was to be closed too. */
export const OPEN = ["everything", "private_network", "local_network"] as const;
export type Open = (typeof OPEN)[number];

/** What is open beside the tunnel; null where the reason is another one. An agent that does not say it: everything. */
export function openBy(
  reason: { readonly code: string; readonly facts?: Facts | undefined } | undefined,
): Open | null {
  if (reason?.code !== "not_protected" && reason?.code !== "lockdown_not_in_force") return null;
  const said = reason.facts?.["open"];
  return OPEN.find((open) => open === said) ?? "everything";
}
