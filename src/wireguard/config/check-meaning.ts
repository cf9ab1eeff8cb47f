/** What an acceptable file asks for, in sentences to be read before anything is saved. */
import { addressKind, isMartian, isPrivate } from "../address-kind.ts";
import type { Address } from "../address.ts";
import { domainReach } from "../domain.ts";
import {
  contains,
  containsBytes,
  hostPrefix,
  overlaps,
  prefixBytes,
  prefixParts,
  type Prefix,
} from "../prefix.ts";
import type { Draft, DraftInterface, DraftPeer, DraftPrefix } from "./draft.ts";
import type { Report } from "./finding.ts";

/** What is known about the machine that the file is for. What is absent is not checked. */
export interface MachineFacts {
  /** On-link networks outside tunnels. */
  readonly lan?: readonly Prefix[];
  /** Addresses of the control plane. */
  readonly controlPlane?: readonly Address[];
  /** Resolvers in use. */
  readonly dns?: readonly Address[];
  /** Private prefixes that the gateway behind this file grants. */
  readonly granted?: readonly Prefix[];
  /** Public keys of the gateways of which `granted` is true; absent = whichever the file names. */
  readonly grantedBy?: ReadonlySet<string>;
}

export function checkMeaning(draft: Draft, facts: MachineFacts, report: Report): void {
  if (draft.interface === null) return;
  const wanted = draft.peers.flatMap((peer) => peer.allowedIps);
  checkCompleteness(draft.interface, draft.peers, report);
  checkInterface(draft.interface, wanted, report);
  for (const peer of draft.peers) checkEndpoint(peer, draft.interface, wanted, facts, report);
  checkPrefixes(wanted, facts, report);
  for (const peer of draft.peers) checkGrants(peer, facts, report);
}

function checkCompleteness(own: DraftInterface, peers: readonly DraftPeer[], report: Report): void {
  if (own.addresses.length === 0) report.add("no_address", own);
  if (peers.length === 0) report.add("no_peer", own);
  for (const peer of peers) {
    if (peer.allowedIps.length === 0) report.add("no_allowed_ips", peer);
    if (peer.endpoint === null) report.add("no_endpoint", peer);
  }
}

function checkInterface(own: DraftInterface, wanted: readonly DraftPrefix[], report: Report): void {
  const [server] = own.dns;
  const unused = own.searchDomains.length === 0 && !carriesDefault(wanted);
  if (unused && server !== undefined) report.add("dns_unused", server);
  for (const server of unused ? [] : own.dns) {
    if (addressKind(server.value) === "loopback" || !covers(wanted, server.value, 0, report))
      report.add("dns_outside_tunnel", server, `The DNS server ${server.value} is outside the tunnel`);
  }
  for (const domain of own.searchDomains) {
    const reach = domainReach(domain.value);
    if (reach === "ending") report.add("search_domain_captures_public", domain);
    if (reach === "public") report.add("search_domain_public", domain);
  }
  if (own.listenPort !== null) report.add("listen_port_unused", own.listenPort);
  if (own.mtu !== null && (own.mtu.value < 1280 || own.mtu.value > 1440)) report.add("mtu_unusual", own.mtu);
}

/** Whether all traffic of a family is asked for, in one piece or as two halves. */
function carriesDefault(wanted: readonly DraftPrefix[]): boolean {
  return [4, 16].some((size) => {
    const family = wanted.filter(({ bytes }) => bytes.length === size);
    return (
      family.some(({ length }) => length === 0) || family.filter(({ length }) => length === 1).length === 2
    );
  });
}

function checkEndpoint(
  peer: DraftPeer,
  own: DraftInterface,
  wanted: readonly DraftPrefix[],
  facts: MachineFacts,
  report: Report,
): void {
  if (peer.endpoint?.value.kind !== "address") return;
  const { address } = peer.endpoint.value;
  if (own.addresses.some((other) => prefixParts(other.value).address === address)) {
    report.add("endpoint_own_address", peer.endpoint);
    return;
  }
  const local =
    ["private", "shared", "link_local"].includes(addressKind(address)) ||
    (facts.lan ?? []).some((network) => contains(network, address));
  if (local) report.add("endpoint_local_network", peer.endpoint);
  if (covers(wanted, address, LEAST_LENGTH, report)) report.add("allowed_ips_cover_endpoint", peer.endpoint);
}

/** Prefixes of length 0 and 1 are how "everything" is written; what that covers needs no sentence. */
const LEAST_LENGTH = 2;

function checkPrefixes(wanted: readonly DraftPrefix[], facts: MachineFacts, report: Report): void {
  const controlPlane = (facts.controlPlane ?? []).map(hostPrefix);
  const dns = (facts.dns ?? []).map(hostPrefix);
  for (const located of wanted) {
    const prefix = located.value;
    report.steps += 1 + (facts.lan?.length ?? 0) + controlPlane.length + dns.length;
    if (located.length >= LEAST_LENGTH) {
      if (isMartian(located)) report.add("allowed_ips_martian", located);
      if (facts.lan?.some((network) => overlaps(network, prefix)))
        report.add(
          "allowed_ips_cover_lan",
          located,
          `${prefix} covers addresses of the network this machine is on`,
        );
      if (controlPlane.some((address) => contains(prefix, address)))
        report.add("allowed_ips_cover_control_plane", located);
      if (dns.some((address) => contains(prefix, address))) report.add("allowed_ips_cover_dns", located);
    }
  }
  const [four, six] = [4, 16].map((size) =>
    wanted.find((located) => located.length === 0 && located.bytes.length === size),
  );
  const one = four ?? six;
  if (one !== undefined && (four === undefined || six === undefined)) report.add("one_family_only", one);
}

/** Of private space alone: which gateway is a way out to the Internet is not told here. */
function checkGrants(peer: DraftPeer, { granted, grantedBy }: MachineFacts, report: Report): void {
  if (granted === undefined) return;
  if (grantedBy?.has(peer.publicKey?.value ?? "") === false) return;
  for (const located of peer.allowedIps) {
    report.steps += granted.length;
    if (isPrivate(located.value) && !granted.some((grant) => contains(grant, located.value)))
      report.add("asks_for_more", located);
  }
}

/** Whether one of the prefixes of at least `leastLength` covers an address. */
function covers(
  wanted: readonly DraftPrefix[],
  address: Address,
  leastLength: number,
  report: Report,
): boolean {
  const inner = prefixBytes(address);
  report.steps += wanted.length;
  return wanted.some((prefix) => prefix.length >= leastLength && containsBytes(prefix, inner));
}
