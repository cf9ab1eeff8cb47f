/**
 * The strings of a control plane, held to the same grammar as files: a control plane that lies or was broken into
 * must not be able to say more than a file can. Everything here takes text that only a schema has seen.
 */
import { addressKind } from "./address-kind.ts";
import { parseAddress } from "./address.ts";
import { formatEndpoint, parseEndpoint } from "./endpoint.ts";
import { parsePublicKey } from "./keys.ts";
import { matchDomainFault } from "./match-domain.ts";
import {
  contains,
  findOverlaps,
  isHostPrefix,
  overlaps,
  parsePrefix,
  prefixParts,
  type Prefix,
} from "./prefix.ts";
import type { Result } from "./result.ts";

/** One thing that is wrong: where (JSON pointer), a stable code, a sentence. */
export interface ServerProblem {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

/** The part of a hop that is checked. */
export interface ServerHop {
  readonly name: string;
  readonly publicKey: string;
  readonly endpoint: string;
  readonly overlayAddresses: readonly string[];
  readonly publicAddresses?: readonly string[] | undefined;
}

/** The part of a resolved path that is checked; a `ResolvedPath` is one. */
export interface ServerPath {
  readonly ingress?: ServerHop | undefined;
  readonly egress?: ServerHop | undefined;
  readonly alternates: readonly {
    readonly ingress?: ServerHop | undefined;
    readonly egress?: ServerHop | undefined;
  }[];
  readonly tunnel: {
    readonly addresses: readonly string[];
    readonly privatePrefixes: readonly string[];
    readonly dns: { readonly servers: readonly string[]; readonly matchDomains: readonly string[] };
    readonly probe: string;
  };
}

/** Everything that is wrong with a path; empty = it may be used. */
export function checkServerPath(path: ServerPath): readonly ServerProblem[] {
  const problems: ServerProblem[] = [];
  const { tunnel } = path;
  const own = readHostAddresses(tunnel.addresses, "/tunnel/addresses", problems);
  const privatePrefixes = readPrivatePrefixes(tunnel.privatePrefixes, "/tunnel/privatePrefixes", problems);
  const hops = hopsOf(path);
  const overlay: Prefix[] = [];
  for (const [pointer, hop] of hops)
    overlay.push(...readHostAddresses(hop.overlayAddresses, `${pointer}/overlayAddresses`, problems));
  for (const prefix of own) {
    const outer = privatePrefixes.find((one) => contains(one, prefix));
    if (outer !== undefined)
      problems.push(
        problem(
          "/tunnel/addresses",
          "overlapping_prefixes",
          `${prefix} lies inside ${outer}, which is others'.`,
        ),
      );
  }
  for (const prefix of overlay) {
    if (own.includes(prefix))
      problems.push(
        problem("/tunnel/addresses", "address_of_gateway", `A gateway has this device's address ${prefix}.`),
      );
  }
  const inside = [...privatePrefixes, ...overlay];
  for (const [pointer, hop] of hops) checkHop(hop, pointer, [...inside, ...own], problems);
  // Without a hop there is no telling which resolver or probe would be inside.
  checkResolvers(tunnel.dns.servers, hops.length === 0 ? null : inside, problems);
  checkDomains(tunnel.dns.matchDomains, problems);
  const probe = canonical(parseAddress(tunnel.probe), tunnel.probe, "/tunnel/probe", problems);
  if (probe !== null && hops.length > 0 && !inside.some((prefix) => contains(prefix, probe)))
    problems.push(
      problem("/tunnel/probe", "probe_outside_tunnel", `The probe ${probe} is outside the tunnel.`),
    );
  return problems;
}

function hopsOf(path: ServerPath): readonly (readonly [string, ServerHop])[] {
  const ends = (
    pointer: string,
    pair: { ingress?: ServerHop | undefined; egress?: ServerHop | undefined },
  ) => [
    ...(pair.ingress === undefined ? [] : [[`${pointer}/ingress`, pair.ingress] as const]),
    ...(pair.egress === undefined ? [] : [[`${pointer}/egress`, pair.egress] as const]),
  ];
  return [...ends("", path), ...path.alternates.flatMap((pair, index) => ends(`/alternates/${index}`, pair))];
}

function checkHop(
  hop: ServerHop,
  pointer: string,
  inside: readonly Prefix[],
  problems: ServerProblem[],
): void {
  if (!isPlainName(hop.name))
    problems.push(
      problem(`${pointer}/name`, "name_disguise", "The name has characters that turn or break a line."),
    );
  const key = parsePublicKey(hop.publicKey);
  if (!key.ok) problems.push(problem(`${pointer}/publicKey`, key.code, key.message));
  checkServerEndpoint(hop.endpoint, `${pointer}/endpoint`, inside, problems);
  for (const [index, text] of (hop.publicAddresses ?? []).entries())
    canonical(parseAddress(text), text, `${pointer}/publicAddresses/${index}`, problems);
}

/** Controls, separators, and characters that change the direction of what follows. */
export function isPlainName(name: string): boolean {
  return !/[\p{C}\p{Zl}\p{Zp}]/u.test(name);
}

/** An endpoint in canonical text that is neither forbidden (see `parseEndpoint`) nor inside the tunnel. */
export function checkServerEndpoint(
  text: string,
  pointer: string,
  inside: readonly Prefix[],
  problems: ServerProblem[],
): void {
  const endpoint = parseEndpoint(text);
  if (!endpoint.ok) {
    problems.push(problem(pointer, endpoint.code, endpoint.message));
    return;
  }
  const { value } = endpoint;
  if (formatEndpoint(value) !== text)
    problems.push(problem(pointer, "not_canonical", `This is to be written ${formatEndpoint(value)}.`));
  if (value.kind === "address" && inside.some((prefix) => contains(prefix, value.address)))
    problems.push(
      problem(
        pointer,
        "endpoint_inside_tunnel",
        "The endpoint lies inside the tunnel that is to be built to it.",
      ),
    );
}

/** Addresses of one overlay node: canonical `/32` and `/128`, of a kind a host can have, no two the same. */
export function readHostAddresses(
  texts: readonly string[],
  pointer: string,
  problems: ServerProblem[],
): readonly Prefix[] {
  const read = readPrefixes(texts, pointer, problems);
  return read
    .filter(({ prefix, at }) => {
      if (!isHostPrefix(prefix)) {
        problems.push(problem(at, "not_host_prefix", `An overlay address is a /32 or /128, not ${prefix}.`));
        return false;
      }
      if (["private", "shared", "global", "documentation"].includes(addressKind(prefixParts(prefix).address)))
        return true;
      problems.push(problem(at, "address_forbidden", `No overlay address can be ${prefix}.`));
      return false;
    })
    .map(({ prefix }) => prefix);
}

/**
 * Prefixes of a private network: canonical, routable, no default route (nor one in pieces: nothing wider than an
 * IPv4 `/8` or an IPv6 `/16` outside unique local space), no two overlapping.
 */
export function readPrivatePrefixes(
  texts: readonly string[],
  pointer: string,
  problems: ServerProblem[],
): readonly Prefix[] {
  const read = readPrefixes(texts, pointer, problems);
  return read
    .filter(({ prefix, at }) => {
      const { family, length } = prefixParts(prefix);
      const least = family === 4 ? 8 : contains(UNIQUE_LOCAL, prefix) ? 7 : 16;
      if (length < least) {
        problems.push(
          problem(
            at,
            "default_prefix",
            `${prefix} is too wide for a private network: it would capture the Internet.`,
          ),
        );
        return false;
      }
      if (UNROUTABLE.some((martian) => overlaps(martian, prefix))) {
        problems.push(problem(at, "martian_prefix", `${prefix} holds addresses that are never routed.`));
        return false;
      }
      return true;
    })
    .map(({ prefix }) => prefix);
}

const UNIQUE_LOCAL = "fc00::/7" as Prefix;
const UNROUTABLE = [
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/16",
  "fe80::/10",
  "ff00::/8",
] as readonly string[] as readonly Prefix[];

/** Canonical prefixes of which no two overlap. */
function readPrefixes(
  texts: readonly string[],
  pointer: string,
  problems: ServerProblem[],
): readonly { readonly prefix: Prefix; readonly at: string }[] {
  const read: { prefix: Prefix; at: string }[] = [];
  for (const [index, text] of texts.entries()) {
    const at = `${pointer}/${index}`;
    const prefix = canonical(parsePrefix(text), text, at, problems);
    if (prefix !== null) read.push({ prefix, at });
  }
  for (const pair of findOverlaps(read.map(({ prefix }) => prefix))) {
    const { at = pointer, prefix } = read[pair.second] ?? {};
    problems.push(problem(at, "overlapping_prefixes", `${prefix} overlaps ${read[pair.first]?.prefix}.`));
  }
  return read;
}

function checkResolvers(
  servers: readonly string[],
  inside: readonly Prefix[] | null,
  problems: ServerProblem[],
): void {
  for (const [index, text] of servers.entries()) {
    const at = `/tunnel/dns/servers/${index}`;
    const server = canonical(parseAddress(text), text, at, problems);
    if (server === null || inside === null) continue;
    if (!inside.some((prefix) => contains(prefix, server)))
      problems.push(
        problem(at, "dns_outside_tunnel", `The resolver ${server} is outside the private network.`),
      );
  }
}

function checkDomains(domains: readonly string[], problems: ServerProblem[]): void {
  for (const [index, text] of domains.entries()) {
    const fault = matchDomainFault(text);
    if (fault !== null) problems.push({ pointer: `/tunnel/dns/matchDomains/${index}`, ...fault });
  }
}

/** The value when it parses and the text is its one spelling. */
function canonical<T extends string>(
  parsed: Result<T>,
  text: string,
  pointer: string,
  problems: ServerProblem[],
): T | null {
  if (!parsed.ok) problems.push(problem(pointer, parsed.code, parsed.message));
  else if (parsed.value !== text)
    problems.push(problem(pointer, "not_canonical", `This is to be written ${parsed.value}.`));
  else return parsed.value;
  return null;
}

function problem(pointer: string, code: string, message: string): ServerProblem {
  return { pointer, code, message };
}
