/**
 * What an address is for, after the IANA special-purpose registries (RFC 6890, RFC 8190), plus the addresses at
 * which clouds hand out credentials.
 */
import { bytesOf, formatAddress, type Address } from "./address.ts";
import { contains, overlaps, type Prefix } from "./prefix.ts";

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

/** Networks that no packet on a real link may carry as an address (RFC 1812 and 6890 "martians"). */
const MARTIANS = [
  "0.0.0.0/8",
  "127.0.0.0/8",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/96",
  "ff00::/8",
] as readonly string[] as readonly Prefix[];

/** NAT64 (RFC 6052) and 6to4 (RFC 3056) carry an IPv4 address, which is what counts. Offset in bytes. */
const EMBEDDING: readonly (readonly [Prefix, number])[] = [
  ["64:ff9b::/96" as Prefix, 12],
  ["2002::/16" as Prefix, 2],
];

/** The kind of one address. An IPv6 address that embeds an IPv4 address is of that address's kind. */
export function addressKind(address: Address): AddressKind {
  for (const [prefix, offset] of EMBEDDING) {
    if (contains(prefix, address))
      return addressKind(formatAddress(bytesOf(address).slice(offset, offset + 4)));
  }
  for (const [kind, prefixes] of KINDS) {
    if (prefixes.some((prefix) => contains(prefix as Prefix, address))) return kind;
  }
  return "global";
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

export function isDocumentation(prefix: Prefix | Address): boolean {
  return within(prefix, ["documentation"]);
}

/** Whether one address is where a cloud serves credentials. */
export function isMetadata(address: Address): boolean {
  return addressKind(address) === "metadata";
}

/** Whether a prefix lies in space that cannot be routed. The default route covers martians but is none. */
export function isMartian(prefix: Prefix | Address): boolean {
  return MARTIANS.some((martian) => contains(martian, prefix));
}

/** Whether a prefix touches addresses at which a cloud serves credentials. */
export function touchesMetadata(prefix: Prefix): boolean {
  return KINDS.some(
    ([kind, prefixes]) =>
      kind === "metadata" && prefixes.some((metadata) => overlaps(metadata as Prefix, prefix)),
  );
}

function within(prefix: Prefix | Address, kinds: readonly AddressKind[]): boolean {
  return KINDS.some(
    ([kind, prefixes]) => kinds.includes(kind) && prefixes.some((outer) => contains(outer as Prefix, prefix)),
  );
}
