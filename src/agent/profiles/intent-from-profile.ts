/** From a profile to what the tunnel engine is asked for. Pure; the same engine and promises as for managed paths. */
import type { ControlException, Intent, IntentPeer } from "../../tunnel/types.ts";
import { addressKind } from "../../wireguard/address-kind.ts";
import type { Address } from "../../wireguard/address.ts";
import type { TunnelConfig } from "../../wireguard/config/types.ts";
import { checkEndpointAddress, formatEndpoint, type Endpoint } from "../../wireguard/endpoint.ts";
import { contains, hostPrefix, prefixParts, type Prefix } from "../../wireguard/prefix.ts";
import type { Result } from "../../wireguard/result.ts";
import { failure, success } from "../../wireguard/result.ts";
import { carriesDefault, steering, unservedPrefixes } from "./steering.ts";

/** What the profile does not say. */
export interface ProfileSurroundings {
  /** Addresses of an endpoint's name, best first, as looked up outside the tunnel. */
  readonly addressesOf: (name: string) => readonly Address[];
  /** Networks that this machine is attached to. */
  readonly lan: readonly Prefix[];
  readonly control: readonly ControlException[];
  readonly allowLocalNetwork: boolean;
}

export type ProfileIntentCode =
  "no_address" | "no_peer" | "no_endpoint" | "endpoint_unresolved" | "endpoint_rebound";

/** The names among the endpoints, to be looked up before `intentFromProfile`. */
export function profileNames(config: TunnelConfig): readonly string[] {
  return config.peers.flatMap(({ endpoint }) => (endpoint?.kind === "name" ? [endpoint.name] : []));
}

/** The intent of a profile, narrowed to `only` where that is given. */
export function intentFromProfile(
  config: TunnelConfig,
  only: readonly Prefix[] | null,
  around: ProfileSurroundings,
): Result<Intent, ProfileIntentCode> {
  const { addresses, dns, searchDomains, mtu } = config.interface;
  const { mode, prefixes, peers } = steering(config, only);
  if (addresses.length === 0)
    return failure("no_address", "The profile has no address. Add the Address that was assigned to you.");
  if (peers.length === 0)
    return failure(
      "no_peer",
      "The profile has no peer that carries anything. Add a [Peer], or narrow it less.",
    );
  // Without an endpoint a peer can only be waited for. Its prefixes stay closed; the others can be reached.
  const served = peers.filter(({ endpoint }) => endpoint !== null);
  if (
    served.length === 0 ||
    (mode === "full_tunnel" && !carriesDefault(served.flatMap((peer) => peer.allowedIps)))
  )
    return failure(
      "no_endpoint",
      `${served.length === 0 ? "No peer has" : "The peer of the default route has no"} endpoint, so this device could only wait for it to call. Add its Endpoint.`,
    );
  const unserved = unservedPrefixes(peers);
  const intentPeers: IntentPeer[] = [];
  for (const peer of served) {
    if (peer.endpoint === null) continue;
    const endpoint = resolved(peer.endpoint, around);
    if (!endpoint.ok) return endpoint;
    intentPeers.push({
      name: formatEndpoint(peer.endpoint),
      publicKey: peer.publicKey,
      presharedKey: peer.presharedKey?.reveal(),
      endpoint: endpoint.value,
      allowedIps: peer.allowedIps,
      keepalive: peer.persistentKeepalive ?? undefined,
    });
  }
  return success({
    mode,
    // The engine gives the interface single addresses: what is steered is in AllowedIPs alone.
    addresses: addresses.map((address) => hostPrefix(prefixParts(address).address)),
    peers: intentPeers,
    privatePrefixes: prefixes.filter((prefix) => mode === "vpn_only" || prefixParts(prefix).length > 1),
    ...(unserved.length === 0 ? {} : { unserved }),
    dns: { servers: dns, matchDomains: searchDomains },
    mtu: mtu ?? undefined,
    allowLocalNetwork: around.allowLocalNetwork,
    control: around.control,
  });
}

function resolved(
  endpoint: Endpoint,
  around: ProfileSurroundings,
): Result<IntentPeer["endpoint"], ProfileIntentCode> {
  const { port } = endpoint;
  // Written in the file itself, an address on the local network was shown in the report before it was saved.
  if (endpoint.kind === "address") return success({ address: endpoint.address, port });
  const addresses = around.addressesOf(endpoint.name);
  if (addresses.length === 0)
    return failure(
      "endpoint_unresolved",
      `The name ${endpoint.name} has no address right now. Check that this device is online.`,
    );
  const usable = addresses.find((address) => mayBeResolvedTo(address, around.lan));
  return usable === undefined
    ? failure(
        "endpoint_rebound",
        `The name ${endpoint.name} leads to ${addresses[0] ?? ""}, an address of this machine or of the network it is on. ` +
          "Somebody may be answering look-ups falsely; if it is right, write the address into the file.",
      )
    : success({ address: usable, port });
}

/**
 * Asked for each look-up anew: whoever answers for a name must not be able to point the tunnel's packets at this
 * machine, a credentials service or the network around it (DNS rebinding).
 */
function mayBeResolvedTo(address: Address, lan: readonly Prefix[]): boolean {
  return (
    checkEndpointAddress(address).ok &&
    addressKind(address) !== "link_local" &&
    !lan.some((network) => contains(network, address))
  );
}
