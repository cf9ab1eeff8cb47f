/**
 * What a network's prefixes, and the names that it steers, may be. Two networks of one workspace never share an address, and nothing may claim
 * what no network can have, so that no device is ever told to steer somebody else's traffic.
 */
import { containsCidr, normalizeCidr, overlapCidr, parseCidr } from "cidr-tools";
import { isIP } from "node:net";
import { matchDomainFault } from "../wireguard/match-domain.ts";
import type { Fault } from "./problem.ts";

/** Networks that nobody can route: RFC 1122, 3927, 5771, 1112; RFC 4291. */
const UNROUTABLE = [
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/96",
  "::ffff:0:0/96",
  "fe80::/10",
  "ff00::/8",
];

/** Private space that is larger than what else one network may have, in bits of its prefix. */
const PRIVATE_6 = "fc00::/7";
const SHORTEST = { 4: 8, 6: 16 } as const;

/** Another network's claim on addresses. */
export interface Claim {
  /** For the message: `the overlay of network lab`. */
  readonly owner: string;
  readonly prefixes: readonly string[];
}

/** An IP address that no packet may be sent to across networks, in any spelling. */
export function isUnroutable(address: string): boolean {
  return UNROUTABLE.some((prefix) => overlapCidr(prefix, address));
}

export function covers(prefixes: readonly string[], address: string): boolean {
  return prefixes.length > 0 && containsCidr([...prefixes], address);
}

/** The host of `host:port` without brackets, when it is an address; null when it is a name. */
export function addressIn(endpoint: string): string | null {
  const host = endpoint.slice(0, endpoint.lastIndexOf(":")).replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? null : host;
}

/** What is wrong with one prefix by itself, as a fault at `pointer`; undefined when nothing is. */
function wrongByItself(prefix: string, pointer: string): Fault | undefined {
  const { version, prefix: length } = parseCidr(prefix);
  if (length === "0") {
    return {
      pointer,
      code: "default_route",
      message: `${prefix} is everything. Devices send everything through the egress in full_tunnel; name the private network alone.`,
    };
  }
  const canonical = normalizeCidr(prefix);
  if (canonical !== prefix) {
    return { pointer, code: "not_canonical", message: `${prefix} is not canonical: write ${canonical}.` };
  }
  if (UNROUTABLE.some((unroutable) => overlapCidr(unroutable, prefix))) {
    return {
      pointer,
      code: "unroutable",
      message: `${prefix} holds IPv${version} addresses that no network can have (loopback, link-local, multicast or reserved). Leave them out.`,
    };
  }
  if (Number(length) < SHORTEST[version] && canonical !== PRIVATE_6) {
    return {
      pointer,
      code: "too_large",
      message: `${prefix} is too much of the Internet to be one network: a /${SHORTEST[version]} at most. Name its parts.`,
    };
  }
  return undefined;
}

/** Faults of the private prefixes of a network: each by itself, doubled, inside another, or claimed by another. */
export function checkPrivatePrefixes(prefixes: readonly string[], claims: readonly Claim[]): Fault[] {
  return prefixes.flatMap((prefix, index) => {
    const pointer = `/privatePrefixes/${index}`;
    const wrong = wrongByItself(prefix, pointer);
    if (wrong !== undefined) return [wrong];
    if (prefixes.indexOf(prefix) !== index) {
      return [{ pointer, code: "duplicate", message: `${prefix} is in the list twice.` }];
    }
    const other = prefixes.find((one, at) => at < index && overlapCidr(one, prefix));
    if (other !== undefined) {
      const message = `${prefix} overlaps ${other} in the same list. Keep the larger one.`;
      return [{ pointer, code: "overlap", message }];
    }
    return claimed(prefix, pointer, claims);
  });
}

/** Faults of the overlay prefixes: as above, one per family, and large enough to number devices. */
export function checkOverlayPrefixes(prefixes: readonly string[], claims: readonly Claim[]): Fault[] {
  const faults = prefixes.flatMap((prefix, index) => {
    const pointer = `/overlayPrefixes/${index}`;
    const wrong = wrongByItself(prefix, pointer);
    if (wrong !== undefined) return [wrong];
    const { version, prefix: length } = parseCidr(prefix);
    if (Number(length) > (version === 4 ? 30 : 126)) {
      return [{ pointer, code: "too_small", message: `${prefix} has no room for a gateway and a device.` }];
    }
    if (prefixes.some((other, before) => before < index && parseCidr(other).version === version)) {
      return [{ pointer, code: "duplicate", message: `An overlay has one IPv${version} prefix at most.` }];
    }
    return claimed(prefix, pointer, claims);
  });
  return faults;
}

/** A resolver outside the network would be asked past the tunnel or not at all. */
export function checkDnsServers(servers: readonly string[], reachable: readonly string[]): Fault[] {
  return servers.flatMap((server, index) =>
    covers(reachable, server)
      ? []
      : [
          {
            pointer: `/dns/servers/${index}`,
            code: "outside_network",
            message: `${server} is in none of the network's prefixes, so that devices could not ask it through the tunnel. Add its prefix or name another resolver.`,
          },
        ],
  );
}

/** A device refuses a path that would have it ask the network's resolver for everybody's names; so does this. */
export function checkMatchDomains(domains: readonly string[]): Fault[] {
  return domains.flatMap((domain, index) => {
    const fault = matchDomainFault(domain);
    return fault === null ? [] : [{ pointer: `/dns/matchDomains/${index}`, ...fault }];
  });
}

function claimed(prefix: string, pointer: string, claims: readonly Claim[]): Fault[] {
  const claim = claims.find(({ prefixes }) => prefixes.some((other) => overlapCidr(other, prefix)));
  if (claim === undefined) return [];
  const message = `${prefix} overlaps ${claim.owner} (${claim.prefixes.join(", ")}). Choose prefixes that do not.`;
  return [{ pointer, code: "overlap", message }];
}
