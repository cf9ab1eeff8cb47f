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
  /** The path cannot be used as it is; nothing may change because of it. `pointer`: where in it (RFC 6901). */
  | {
      readonly kind: "refused";
      readonly code: string;
      readonly pointer: string;
      readonly message: string;
    };

/** A place in the path: for programs, and in words. */
interface Place {
  readonly pointer: string;
  readonly words: string;
}

/** Says where in the path the problem is; caught at this file's edge. */
class Unusable extends Error {
  readonly code: string;
  readonly pointer: string;
  constructor(code: string, pointer: string, message: string) {
    super(message);
    this.code = code;
    this.pointer = pointer;
  }
}

function take<T>({ pointer, words }: Place, text: string, result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Unusable(result.code, pointer, `${words} ${JSON.stringify(text)}: ${result.message}`);
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
    if (error instanceof Unusable) {
      const { code, pointer, message } = error;
      return { kind: "refused", code, pointer, message };
    }
    throw error;
  }
}

function build(path: ResolvedPath, around: Surroundings): Intent {
  const mode = path.trafficMode.value;
  const addresses = path.tunnel.addresses.map(ownAddress);
  const privatePrefixes = path.tunnel.privatePrefixes.map(privatePrefix);
  const probe = insideAddress({ pointer: "/tunnel/probe", words: "the probe" }, path.tunnel.probe);
  const servers = path.tunnel.dns.servers.map((text, index) =>
    insideAddress({ pointer: `/tunnel/dns/servers/${index}`, words: "a DNS server" }, text),
  );
  const peers = path.status === "ready" ? hopPeers(path, around, privatePrefixes, probe) : [];
  for (const peer of peers) {
    const endpoint = peer.endpoint.address as Address;
    if ([...privatePrefixes, ...addresses].some((prefix) => contains(prefix, endpoint)))
      throw new Unusable(
        "endpoint_inside_tunnel",
        peer.via === undefined ? "/ingress/endpoint" : "/egress/endpoint",
        `the endpoint of ${peer.name}, ${endpoint}, lies inside the network that is reached through it`,
      );
  }
  const reached = peers.flatMap((peer) => peer.allowedIps as readonly Prefix[]);
  for (const [index, server] of servers.entries()) {
    if (peers.length > 0 && !reached.some((prefix) => contains(prefix, server)))
      throw new Unusable(
        "dns_outside_tunnel",
        `/tunnel/dns/servers/${index}`,
        `the DNS server ${server} lies outside the private network; questions to it would leave in clear`,
      );
  }
  // One that is unavailable steers nothing through anybody.
  const isReady = path.status === "ready";
  const [problem] = checkServerPath(
    isReady ? path : { ...path, ingress: undefined, egress: undefined, alternates: [] },
  );
  if (problem !== undefined)
    throw new Unusable(problem.code, problem.pointer, `${problem.pointer}: ${problem.message}`);
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

function ownAddress(text: string, index: number): Prefix {
  return hostAddress({ pointer: `/tunnel/addresses/${index}`, words: "the device's address" }, text);
}

function hostAddress(place: Place, text: string): Prefix {
  const prefix = take(place, text, parsePrefix(text));
  if (!isHostPrefix(prefix))
    throw new Unusable(
      "not_host_prefix",
      place.pointer,
      `${place.words} ${text}: must be a single address (/32 or /128)`,
    );
  insideAddress(place, prefixParts(prefix).address);
  return prefix;
}

function privatePrefix(text: string, index: number): Prefix {
  const place = { pointer: `/tunnel/privatePrefixes/${index}`, words: "the private prefix" };
  const prefix = take(place, text, parsePrefix(text));
  if (prefixParts(prefix).length === 0)
    throw new Unusable(
      "default_prefix",
      place.pointer,
      `${place.words} ${text}: everything is no private network`,
    );
  if (isMartian(prefix) || addressKind(prefixParts(prefix).address) === "link_local")
    throw new Unusable(
      "martian_prefix",
      place.pointer,
      `${place.words} ${text}: such addresses cannot be routed`,
    );
  return prefix;
}

/** An address of the overlay or the private network: some host's, and not this machine's. */
function insideAddress(place: Place, text: string): Address {
  const address = take(place, text, parseAddress(text));
  switch (addressKind(address)) {
    case "unspecified":
    case "loopback":
    case "multicast":
    case "link_local":
    case "metadata":
      throw new Unusable(
        "address_forbidden",
        place.pointer,
        `${place.words} ${text}: no host of a private network has it`,
      );
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
  if (ingress === undefined)
    throw new Unusable("no_ingress", "/ingress", "the path is ready and has no ingress");
  const near = peerOf("ingress", ingress, around);
  const nearOverlay = overlayOf("ingress", ingress);
  if (path.trafficMode.value === "vpn_only") {
    const covered = [...privatePrefixes, ...nearOverlay].some((prefix) => contains(prefix, probe));
    const extra = covered ? [] : [hostPrefix(probe)];
    return [{ ...near, allowedIps: distinct([...privatePrefixes, ...nearOverlay, ...extra]) }];
  }
  if (egress === undefined)
    throw new Unusable("no_egress", "/egress", "the path is ready, full_tunnel and has no egress");
  if (egress.deviceId === ingress.deviceId)
    return [{ ...near, allowedIps: distinct([...privatePrefixes, ...nearOverlay, ...EVERYTHING]) }];
  const far = peerOf("egress", egress, around);
  if (far.publicKey === near.publicKey || far.endpoint.address === near.endpoint.address)
    throw new Unusable(
      "hops_alike",
      "/egress",
      `${ingress.name} and ${egress.name} are two gateways with one key or one address`,
    );
  return [
    { ...near, allowedIps: distinct([...privatePrefixes, ...nearOverlay]) },
    { ...far, allowedIps: distinct([...overlayOf("egress", egress), ...EVERYTHING]), via: near.publicKey },
  ];
}

function peerOf(end: "ingress" | "egress", hop: Hop, around: Surroundings): Omit<IntentPeer, "allowedIps"> {
  const key = { pointer: `/${end}/publicKey`, words: `the key of the ${end} ${hop.name}` };
  const publicKey = take(key, hop.publicKey, parsePublicKey(hop.publicKey));
  if (publicKey === around.publicKey)
    throw new Unusable("own_key", key.pointer, `the ${end} ${hop.name} has this device's own key`);
  const where = { pointer: `/${end}/endpoint`, words: `the endpoint of the ${end} ${hop.name}` };
  const endpoint = take(where, hop.endpoint, parseEndpoint(hop.endpoint));
  const { port } = endpoint;
  if (endpoint.kind === "address")
    return { name: hop.name, publicKey, endpoint: { address: endpoint.address, port }, keepalive: KEEPALIVE };
  const address = around.addressOf(endpoint.name);
  if (address === undefined)
    throw new Unusable(
      "endpoint_unresolved",
      where.pointer,
      `${where.words}: the name ${endpoint.name} has no address right now`,
    );
  // Asked again for each answer: a name may point anywhere (DNS rebinding).
  const named = { ...where, words: `${where.words}, ${endpoint.name},` };
  take(named, address, checkEndpointAddress(address));
  return { name: hop.name, publicKey, endpoint: { address, port }, keepalive: KEEPALIVE };
}

function overlayOf(end: "ingress" | "egress", hop: Hop): readonly Prefix[] {
  return hop.overlayAddresses.map((text, index) =>
    hostAddress(
      { pointer: `/${end}/overlayAddresses/${index}`, words: `the overlay address of ${hop.name}` },
      text,
    ),
  );
}

function distinct(prefixes: readonly Prefix[]): readonly Prefix[] {
  return [...new Set(prefixes)];
}
