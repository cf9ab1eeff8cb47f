/** What of a network state is not on the system. Pure. */
import type { Deviation } from "../types.ts";
import { routeChanges } from "./plan-ip.ts";
import type { Applied } from "./plan.ts";
import type { ActualState } from "./read.ts";

/** Compares what there is with what was applied last; empty = all in place. */
export function deviations(actual: ActualState, applied: Applied): readonly Deviation[] {
  const { state, firewallListing } = applied;
  const changes = routeChanges(actual, state).all;
  return [
    ...firewall(actual.firewall, firewallListing),
    ...[...changes.v4.map((line) => ["IPv4", line]), ...changes.v6.map((line) => ["IPv6", line])].map(
      ([family = "", line = ""]): Deviation => ({
        what: "routing",
        message: / del /.test(line)
          ? `Somebody added to our routes or rules (${family}): ${line.replace(/ del /, " ")}`
          : `Missing (${family}): ${line.replace(/ (add|replace) /, " ")}`,
      }),
    ),
  ];
}

function firewall(actual: string | null, listing: string | null): readonly Deviation[] {
  if (actual === null) return [{ what: "firewall", message: "The firewall table inet nanami is gone." }];
  // A listing that was never read cannot be compared.
  if (listing === null || actual === listing) return [];
  return [{ what: "firewall", message: "Somebody changed the firewall table inet nanami." }];
}
