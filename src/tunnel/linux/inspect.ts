/** What of a network state is not on the system, and what of that somebody else did. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { NetworkState } from "../network-state.ts";
import type { Deviation } from "../types.ts";
import {
  describe,
  familyOf,
  linkChanges,
  routeChanges,
  type IpChange,
  type RoutingChange,
} from "./plan-ip.ts";
import type { Applied } from "./plan.ts";
import type { ActualState } from "./actual-state.ts";

/** Compares what there is with what was applied last; empty = all in place. */
export function deviations(actual: ActualState, applied: Applied): readonly Deviation[] {
  const { state, firewallListing } = applied;
  return [...firewall(actual.firewall, firewallListing), ...routeChanges(actual, state).all.map(routing)];
}

/**
 * What somebody else took away, added or changed since: what is neither as it was made nor as it shall be now. What
 * the kernel takes along when another link goes is nobody's doing.
 */
export function tamperings(
  actual: ActualState,
  applied: Applied,
  desired: NetworkState,
): readonly Deviation[] {
  const { state, firewallListing } = applied;
  const found = firewall(actual.firewall, firewallListing);
  const hasInterface = state.peers.length > 0 && desired.peers.length > 0;
  const name = state.interface;
  if (hasInterface && actual.link === null)
    return [
      ...found,
      {
        what: "routing",
        message: `The interface ${name} is gone, and its routes with it.`,
        said: { code: "interface_gone", facts: { interface: name } },
      },
    ];
  const elsewhere = (change: RoutingChange): boolean =>
    change.do === "route_replace" && change.route.via.kind === "link";
  const taken = state.peers.filter(
    ({ publicKey }) =>
      desired.peers.some((peer) => peer.publicKey === publicKey) &&
      actual.device?.peers.some((peer) => peer.publicKey === publicKey) === false,
  );
  return [
    ...found,
    ...both(routeChanges(actual, state).all, routeChanges(actual, desired).all)
      .filter((change) => !elsewhere(change))
      .map(routing),
    ...(hasInterface ? both(linkChanges(actual, state), linkChanges(actual, desired)) : []).map(
      (change): Deviation => ({
        what: "routing",
        message: `The interface was changed; missing: ${describe(change)}`,
        said: { code: "interface_changed", facts: { line: describe(change) } },
      }),
    ),
    ...taken.map(({ publicKey }): Deviation => ({
      what: "routing",
      message: `The peer ${publicKey} was taken from the interface.`,
      said: { code: "peer_taken", facts: { peer: publicKey } },
    })),
  ];
}

/** The changes that both have. */
function both<T extends IpChange>(a: readonly T[], b: readonly T[]): readonly T[] {
  return a.filter((change) => b.some((other) => isDeepStrictEqual(change, other)));
}

function routing(change: RoutingChange): Deviation {
  const described = describe(change);
  const family = `IPv${familyOf(change)}`;
  const isForeign = / del /.test(described);
  const line = described.replace(/ (add|del|replace) /, " ");
  return {
    what: "routing",
    message: isForeign
      ? `Somebody added to our routes or rules (${family}): ${line}`
      : `Missing (${family}): ${line}`,
    said: { code: isForeign ? "route_added" : "route_missing", facts: { family, line } },
  };
}

function firewall(actual: string | null, listing: string | null): readonly Deviation[] {
  const what = "firewall";
  if (actual === null)
    return [
      {
        what,
        message: "The firewall table inet nanami is gone.",
        said: { code: "firewall_gone", facts: {} },
      },
    ];
  // A listing that was never read cannot be compared.
  if (listing === null || actual === listing) return [];
  return [
    {
      what,
      message: "Somebody changed the firewall table inet nanami.",
      said: { code: "firewall_changed", facts: {} },
    },
  ];
}
