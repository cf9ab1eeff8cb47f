/** Where an ordinary program's packets go, and why, as a network state wants it. Pure. */
import { familyOf, type Address } from "../wireguard/address.ts";
import { contains, hostPrefix, prefixParts } from "../wireguard/prefix.ts";
import { carrierOf } from "./exits.ts";
import { RULE, TABLE } from "./linux/marks.ts";
import type { NetworkState, PeerState, Route } from "./network-state.ts";

/** Why traffic is meant to go where it goes. */
export type RouteReasonCode =
  | "own_address"
  | "not_connected"
  | "gateway_address"
  | "no_private_prefix"
  | "carried_by_nothing"
  | "on_local_network"
  | "all_traffic"
  | "private_prefix";

export type Way = "tunnel" | "direct" | "local" | "loopback" | "refused";

/** The answer, with what decides it. `rule` is a priority of ours, `hops` names the gateways that are passed. */
export interface ExpectedRoute {
  readonly way: Way;
  readonly rule: number | null;
  readonly table: string;
  readonly prefix: string | null;
  readonly interface: string | null;
  readonly hops: string[];
  readonly reason: string;
  /** The same by code, with what the sentence names. */
  readonly because: { readonly code: RouteReasonCode; readonly facts: Readonly<Record<string, string>> };
}

/**
 * What the state does with packets to an address. `network` null = nothing of ours is in force. `nameOf` names a peer
 * by its public key.
 */
export function expectRoute(
  network: NetworkState | null,
  address: Address,
  nameOf: (publicKey: string) => string,
): ExpectedRoute {
  const host = hostPrefix(address);
  const answer = { rule: null, table: "main", prefix: null, interface: null, hops: [] };
  if (address.startsWith("127.") || address === "::1" || network?.addresses.includes(host) === true)
    return {
      ...answer,
      way: "loopback",
      table: "local",
      ...because("own_address", "This address is this machine itself."),
    };
  if (network === null)
    return {
      ...answer,
      way: "direct",
      ...because("not_connected", "Nothing is connected, so traffic takes the machine's own way."),
    };
  const nested = network.peers.find((peer) => peer.nested && peer.endpoint.address === address);
  if (nested !== undefined)
    return {
      ...answer,
      way: "refused",
      table: FIREWALL,
      ...because(
        "gateway_address",
        `It is the address of ${nameOf(nested.publicKey)}: what is not encrypted for it would leave at the wrong gateway.`,
        { gateway: nameOf(nested.publicKey) },
      ),
    };
  const route = bestRoute(network, address);
  if (route === undefined)
    return {
      ...answer,
      way: "direct",
      ...because("no_private_prefix", "It belongs to no private prefix, and only those are steered."),
    };
  const decided = { rule: RULE.everything, table: String(TABLE), prefix: route.to, hops: [] };
  switch (route.via.kind) {
    case "unreachable":
      return {
        ...decided,
        way: "refused",
        interface: null,
        ...because("carried_by_nothing", "Nothing carries it now, and it may not leave outside the tunnel."),
      };
    case "link":
      return {
        ...decided,
        way: "local",
        interface: route.via.interface,
        ...because("on_local_network", "It is on the local network, which is allowed."),
      };
    case "tunnel": {
      const hops = hopsTo(network.peers, address).map((peer) => nameOf(peer.publicKey));
      const everything = prefixParts(route.to).length === 0;
      return {
        ...decided,
        way: "tunnel",
        interface: network.interface,
        hops,
        ...(everything
          ? because("all_traffic", "All traffic goes through the tunnel.")
          : because(
              "private_prefix",
              `It belongs to ${route.to}, which goes through the tunnel or nowhere.`,
              { prefix: route.to },
            )),
      };
    }
  }
}

function because(
  code: RouteReasonCode,
  reason: string,
  facts: Readonly<Record<string, string>> = {},
): Pick<ExpectedRoute, "reason" | "because"> {
  return { reason, because: { code, facts } };
}

/** Stands in `table` where the firewall decides before any route counts. */
export const FIREWALL = "firewall";

/** The route that the kernel takes: longest prefix, then lowest metric. */
function bestRoute(network: NetworkState, address: Address): Route | undefined {
  return network.routes
    .filter((route) => route.family === familyOf(address) && contains(route.to, hostPrefix(address)))
    .sort((a, b) => prefixParts(b.to).length - prefixParts(a.to).length || a.metric - b.metric)[0];
}

/** The gateways that a packet passes: its peer, and before it the one that carries it. */
function hopsTo(peers: readonly PeerState[], address: Address): readonly PeerState[] {
  const peer = carrierOf(peers, hostPrefix(address));
  if (peer === undefined || !peer.nested) return peer === undefined ? [] : [peer];
  const carrier = carrierOf(peers, hostPrefix(peer.endpoint.address));
  return carrier === undefined ? [peer] : [carrier, peer];
}
