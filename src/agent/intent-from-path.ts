/**
 * From the path that the control plane resolved to what the tunnel engine is asked for. Everything the control
 * plane says passes the same strict grammar as a file from anywhere: a hostile or broken one can refuse service, and
 * nothing else.
 */
import type { Hop, ResolvedPath } from "../routing/types.ts";
import type { ControlException, Intent, IntentPeer } from "../tunnel/types.ts";
import { addressKind, isMartian } from "../wireguard/address-kind.ts";
import { parseAddress, type Address } from "../wireguard/address.ts";
import { checkEndpointAddress, parseEndpoint } from "../wireguard/endpoint.ts";
import { parsePublicKey } from "../wireguard/keys.ts";
import {
  contains,
  hostPrefix,
  isHostPrefix,
  parsePrefix,
  prefixParts,
  type Prefix,
} from "../wireguard/prefix.ts";
import type { Result } from "../wireguard/result.ts";
import { checkServerPath } from "../wireguard/server-strings.ts";

/** Seconds between keepalives: NATs forget UDP after 30 (RFC 4787 asks for 120, few comply). */
const KEEPALIVE = 25;
const EVERYTHING = ["0.0.0.0/0", "::/0"] as readonly string[] as readonly Prefix[];

/** What the path does not say. */
export interface Surroundings {
  /** This device's own public key. */
  readonly publicKey: string;
  /** Address for each endpoint name of the path. */
  readonly addressOf: (name: string) => Address | undefined;
  readonly control: readonly ControlException[];
  readonly allowLocalNetwork: boolean;
}

export type FromPath =
  | { readonly kind: "intent"; readonly intent: Intent }
  /** The path cannot be used as it is; nothing may change because of it. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

/** Says where in the path the problem is; caught at this file's edge. */
class Unusable extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

function take<T>(place: string, text: string, result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Unusable(result.code, `${place} ${JSON.stringify(text)}: ${result.message}`);
}

/** The names among the endpoints of a path, to be resolved before `intentFromPath`. */
export function endpointNames(path: Pick<ResolvedPath, "ingress" | "egress">): readonly string[] {
  return [path.ingress, path.egress].flatMap((hop) => {
    const endpoint = hop === undefined ? undefined : parseEndpoint(hop.endpoint);
    return endpoint?.ok === true && endpoint.value.kind === "name" ? [endpoint.value.name] : [];
  });
}

/**
 * The intent behind a path that is `ready`; for one that is `unavailable`, the closed state of its mode (an
 * intent without peers). `vpn_only` uses the ingress alone; `full_tunnel` one peer, or two of which the egress is
 * reached through the ingress.
 */
export function intentFromPath(path: ResolvedPath, around: Surroundings): FromPath {
  try {
    return { kind: "intent", intent: build(path, around) };
  } catch (error) {
    if (error instanceof Unusable) return { kind: "refused", code: error.code, message: error.message };
    throw error;
  }
}

function build(path: ResolvedPath, around: Surroundings): Intent {
  const mode = path.trafficMode.value;
  const addresses = path.tunnel.addresses.map((text) => hostAddress("the device's address", text));
  const privatePrefixes = path.tunnel.privatePrefixes.map((text) => privatePrefix(text));
  const probe = insideAddress("the probe", path.tunnel.probe);
  const servers = path.tunnel.dns.servers.map((text) => insideAddress("a DNS server", text));
  const peers = path.status === "ready" ? hopPeers(path, around, privatePrefixes, probe) : [];
  for (const peer of peers) {
    const endpoint = peer.endpoint.address as Address;
    if ([...privatePrefixes, ...addresses].some((prefix) => contains(prefix, endpoint)))
      throw new Unusable(
        "endpoint_inside_tunnel",
        `the endpoint of ${peer.name}, ${endpoint}, lies inside the network that is reached through it`,
      );
  }
  const reached = peers.flatMap((peer) => peer.allowedIps as readonly Prefix[]);
  for (const server of servers) {
    if (peers.length > 0 && !reached.some((prefix) => contains(prefix, server)))
      throw new Unusable(
        "dns_outside_tunnel",
        `the DNS server ${server} lies outside the private network; questions to it would leave in clear`,
      );
  }
  // One that is unavailable steers nothing through anybody.
  const isReady = path.status === "ready";
  const [problem] = checkServerPath(
    isReady ? path : { ...path, ingress: undefined, egress: undefined, alternates: [] },
  );
  if (problem !== undefined) throw new Unusable(problem.code, `${problem.pointer}: ${problem.message}`);
  return {
    mode,
    addresses,
    peers,
    privatePrefixes,
    dns: { servers, matchDomains: path.tunnel.dns.matchDomains },
    probe,
    mtu: path.tunnel.mtu,
    allowLocalNetwork: around.allowLocalNetwork,
    control: around.control,
  };
}

function hostAddress(place: string, text: string): Prefix {
  const prefix = take(place, text, parsePrefix(text));
  if (!isHostPrefix(prefix))
    throw new Unusable("address_not_single", `${place} ${text}: must be a single address (/32 or /128)`);
  insideAddress(place, prefixParts(prefix).address);
  return prefix;
}

function privatePrefix(text: string): Prefix {
  const place = "the private prefix";
  const prefix = take(place, text, parsePrefix(text));
  if (prefixParts(prefix).length === 0)
    throw new Unusable("prefix_default", `${place} ${text}: everything is no private network`);
  if (isMartian(prefix) || addressKind(prefixParts(prefix).address) === "link_local")
    throw new Unusable("prefix_martian", `${place} ${text}: such addresses cannot be routed`);
  return prefix;
}

/** An address of the overlay or the private network: some host's, and not this machine's. */
function insideAddress(place: string, text: string): Address {
  const address = take(place, text, parseAddress(text));
  switch (addressKind(address)) {
    case "unspecified":
    case "loopback":
    case "multicast":
    case "link_local":
    case "metadata":
      throw new Unusable("address_unusable", `${place} ${text}: no host of a private network has it`);
    default:
      return address;
  }
}

function hopPeers(
  path: ResolvedPath,
  around: Surroundings,
  privatePrefixes: readonly Prefix[],
  probe: Address,
): readonly IntentPeer[] {
  const { ingress, egress } = path;
  if (ingress === undefined) throw new Unusable("no_ingress", "the path is ready and has no ingress");
  const near = peerOf("the ingress", ingress, around);
  const nearOverlay = overlayOf(ingress);
  if (path.trafficMode.value === "vpn_only") {
    const covered = [...privatePrefixes, ...nearOverlay].some((prefix) => contains(prefix, probe));
    const extra = covered ? [] : [hostPrefix(probe)];
    return [{ ...near, allowedIps: distinct([...privatePrefixes, ...nearOverlay, ...extra]) }];
  }
  if (egress === undefined)
    throw new Unusable("no_egress", "the path is ready, full_tunnel and has no egress");
  if (egress.deviceId === ingress.deviceId)
    return [{ ...near, allowedIps: distinct([...privatePrefixes, ...nearOverlay, ...EVERYTHING]) }];
  const far = peerOf("the egress", egress, around);
  if (far.publicKey === near.publicKey || far.endpoint.address === near.endpoint.address)
    throw new Unusable(
      "hops_alike",
      `${ingress.name} and ${egress.name} are two gateways with one key or one address`,
    );
  return [
    { ...near, allowedIps: distinct([...privatePrefixes, ...nearOverlay]) },
    { ...far, allowedIps: distinct([...overlayOf(egress), ...EVERYTHING]), via: near.publicKey },
  ];
}

function peerOf(place: string, hop: Hop, around: Surroundings): Omit<IntentPeer, "allowedIps"> {
  const publicKey = take(`the key of ${place} ${hop.name}`, hop.publicKey, parsePublicKey(hop.publicKey));
  if (publicKey === around.publicKey)
    throw new Unusable("own_key", `${place} ${hop.name} has this device's own key`);
  const where = `the endpoint of ${place} ${hop.name}`;
  const endpoint = take(where, hop.endpoint, parseEndpoint(hop.endpoint));
  const { port } = endpoint;
  if (endpoint.kind === "address")
    return { name: hop.name, publicKey, endpoint: { address: endpoint.address, port }, keepalive: KEEPALIVE };
  const address = around.addressOf(endpoint.name);
  if (address === undefined)
    throw new Unusable("endpoint_unresolved", `${where}: the name ${endpoint.name} has no address right now`);
  // Asked again for each answer: a name may point anywhere (DNS rebinding).
  take(`${where}, ${endpoint.name},`, address, checkEndpointAddress(address));
  return { name: hop.name, publicKey, endpoint: { address, port }, keepalive: KEEPALIVE };
}

function overlayOf(hop: Hop): readonly Prefix[] {
  return hop.overlayAddresses.map((text) => hostAddress(`the overlay address of ${hop.name}`, text));
}

function distinct(prefixes: readonly Prefix[]): readonly Prefix[] {
  return [...new Set(prefixes)];
}
