/**
 * What an address is for, after the IANA special-purpose registries (RFC 6890, RFC 8190), plus the addresses at
 * which clouds hand out credentials.
 */
import type { Address } from "./address.ts";
import { containsBytes, prefixBytes, type Prefix, type PrefixBytes } from "./prefix.ts";

export type AddressKind =
  | "unspecified"
  | "loopback"
  | "metadata"
  | "link_local"
  | "private"
  | "shared"
  | "multicast"
  | "documentation"
  | "reserved"
  | "global";

/** First match wins, so single addresses stand before the networks around them. */
const KINDS: readonly (readonly [AddressKind, readonly string[]])[] = [
  // AWS, Azure, Google, OpenStack, Oracle, DigitalOcean: .254; ECS and EKS credentials; Oracle; Alibaba; Azure's host.
  ["metadata", ["169.254.169.254/32", "169.254.170.2/32", "169.254.170.23/32"]],
  ["metadata", ["192.0.0.192/32", "100.100.100.200/32", "168.63.129.16/32"]],
  ["metadata", ["fd00:ec2::254/128", "fd00:ec2::23/128", "fd20:ce::254/128", "fd00:42::42/128"]],
  ["unspecified", ["0.0.0.0/8", "::/128"]],
  ["loopback", ["127.0.0.0/8", "::1/128"]],
  ["link_local", ["169.254.0.0/16", "fe80::/10"]],
  ["private", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]],
  ["shared", ["100.64.0.0/10"]],
  ["multicast", ["224.0.0.0/4", "ff00::/8"]],
  ["documentation", ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"]],
  // Protocol assignments, benchmarking, class E and broadcast; IPv4-compatible, discard-only, dummy, SRv6 SIDs.
  ["reserved", ["192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4"]],
  ["reserved", ["::/96", "100::/63", "2001:2::/48", "5f00::/16", "fec0::/10"]],
];

const BY_KIND: readonly { readonly kind: AddressKind; readonly prefix: PrefixBytes }[] = KINDS.flatMap(
  ([kind, prefixes]) => prefixes.map((text) => ({ kind, prefix: constant(text) })),
);

/** Networks that no packet on a real link may carry as an address (RFC 1812 and 6890 "martians"). */
const MARTIANS = ["0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/96", "ff00::/8"].map(
  constant,
);

/** NAT64 (RFC 6052) and 6to4 (RFC 3056) carry an IPv4 address, which is what counts. Offset in bytes. */
const EMBEDDING = [
  { prefix: constant("64:ff9b::/96"), offset: 12 },
  { prefix: constant("2002::/16"), offset: 2 },
];

function constant(text: string): PrefixBytes {
  return prefixBytes(text as Prefix);
}

/** The kind of one address. An IPv6 address that embeds an IPv4 address is of that address's kind. */
export function addressKind(address: Address): AddressKind {
  return kindOf(prefixBytes(address));
}

function kindOf(address: PrefixBytes): AddressKind {
  for (const { prefix, offset } of EMBEDDING) {
    if (containsBytes(prefix, address))
      return kindOf({ bytes: address.bytes.slice(offset, offset + 4), length: 32 });
  }
  return BY_KIND.find(({ prefix }) => containsBytes(prefix, address))?.kind ?? "global";
}

/** Whether all of a prefix is private (RFC 1918, RFC 4193) or shared (RFC 6598) space. */
export function isPrivate(prefix: Prefix | Address): boolean {
  return within(prefix, ["private", "shared"]);
}

export function isLinkLocal(prefix: Prefix | Address): boolean {
  return within(prefix, ["link_local"]);
}

export function isLoopback(prefix: Prefix | Address): boolean {
  return within(prefix, ["loopback"]);
}

export function isMulticast(prefix: Prefix | Address): boolean {
  return within(prefix, ["multicast"]);
}

/** Whether a prefix lies in space that cannot be routed. The default route covers martians but is none. */
export function isMartian(prefix: Prefix | Address | PrefixBytes): boolean {
  const inner = typeof prefix === "string" ? prefixBytes(prefix) : prefix;
  return MARTIANS.some((martian) => containsBytes(martian, inner));
}

function within(prefix: Prefix | Address, kinds: readonly AddressKind[]): boolean {
  const inner = prefixBytes(prefix);
  return BY_KIND.some(({ kind, prefix: outer }) => kinds.includes(kind) && containsBytes(outer, inner));
}
