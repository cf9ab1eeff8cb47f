/**
 * What a profile steers: everything when it carries a default route, else its prefixes; and less where the user
 * narrowed it. Pure. Nobody can widen what the file asks for.
 */
import type { PeerConfig, TunnelConfig } from "../../wireguard/config/types.ts";
import { containsBytes, prefixBytes, prefixParts, type Prefix } from "../../wireguard/prefix.ts";
import type { TrafficMode } from "../../routing/types.ts";
import type { Unused } from "../../rpc/said.ts";

export interface Steering {
  readonly mode: TrafficMode;
  /** All that goes into the tunnel, default routes included. */
  readonly prefixes: readonly Prefix[];
  /** The peers that carry something, each with what it carries. */
  readonly peers: readonly PeerConfig[];
}

const DEFAULTS = ["0.0.0.0/0", "::/0"] as readonly string[] as readonly Prefix[];
/** Files often write a default route as its two halves, so that it does not replace the one that is there. */
const HALVES = [
  ["0.0.0.0/1", "128.0.0.0/1"],
  ["::/1", "8000::/1"],
] as readonly (readonly string[])[] as readonly (readonly Prefix[])[];

/** What the configuration steers, narrowed to `only` where that is given. */
export function steering(config: TunnelConfig, only: readonly Prefix[] | null): Steering {
  const peers = only === null ? config.peers : narrowed(config.peers, only);
  const prefixes = [...new Set(peers.flatMap((peer) => peer.allowedIps))];
  return { mode: carriesDefault(prefixes) ? "full_tunnel" : "vpn_only", prefixes, peers };
}

/**
 * The peers with what of theirs lies in `only`; those without any are left out. A prefix inside what several ask for
 * stays with the most specific, as WireGuard has it: listed twice, it would move to whichever peer comes last.
 */
function narrowed(peers: readonly PeerConfig[], only: readonly Prefix[]): readonly PeerConfig[] {
  const wanted = only.map((prefix) => ({ prefix, parts: prefixBytes(prefix) }));
  const owners = new Map<Prefix, { readonly peer: PeerConfig; readonly length: number }>();
  for (const peer of peers) {
    for (const prefix of peer.allowedIps) {
      const parts = prefixBytes(prefix);
      for (const one of wanted) {
        const common = containsBytes(parts, one.parts)
          ? one.prefix
          : containsBytes(one.parts, parts)
            ? prefix
            : null;
        if (common !== null && parts.length >= (owners.get(common)?.length ?? 0))
          owners.set(common, { peer, length: parts.length });
      }
    }
  }
  const kept = new Map<PeerConfig, Prefix[]>();
  for (const [prefix, { peer }] of owners) kept.set(peer, [...(kept.get(peer) ?? []), prefix]);
  return peers.flatMap((peer) => {
    const allowedIps = kept.get(peer);
    return allowedIps === undefined ? [] : [{ ...peer, allowedIps }];
  });
}

/** Whether all traffic of a family is asked for. */
export function carriesDefault(prefixes: readonly Prefix[]): boolean {
  return (
    DEFAULTS.some((prefix) => prefixes.includes(prefix)) ||
    HALVES.some((halves) => halves.every((half) => prefixes.includes(half)))
  );
}

/** The prefixes of `wanted` that the file does not ask for; empty when all can be had. */
export function beyond(config: TunnelConfig, wanted: readonly Prefix[]): readonly Prefix[] {
  const asked = config.peers.flatMap((peer) => peer.allowedIps.map(prefixBytes));
  return wanted.filter((prefix) => {
    const inner = prefixBytes(prefix);
    return !asked.some((outer) => containsBytes(outer, inner));
  });
}

/**
 * The prefixes to which a mode narrows the profile: null for all it asks for, `undefined` when it cannot be had.
 * A full tunnel narrows to the prefixes that the file names beside the default route.
 */
export function narrowedToMode(
  config: TunnelConfig,
  narrowed: readonly Prefix[] | null,
  mode: TrafficMode,
): readonly Prefix[] | null | undefined {
  const { mode: asked, prefixes } = steering(config, narrowed);
  if (asked === mode) return narrowed;
  if (mode === "full_tunnel") return undefined;
  const named = prefixes.filter((prefix) => prefixParts(prefix).length > 1);
  return named.length === 0 ? undefined : named;
}

/** The prefixes of peers without an endpoint: a device calls its peers and is not called, so nothing goes there. */
export function unservedPrefixes(peers: readonly PeerConfig[]): readonly Prefix[] {
  return peers.filter(({ endpoint }) => endpoint === null).flatMap(({ allowedIps }) => allowedIps);
}

/** That in a sentence; null where every peer has an endpoint. */
export function unservedText(peers: readonly PeerConfig[]): string | null {
  const prefixes = unservedPrefixes(peers);
  if (prefixes.length === 0) return null;
  const more = prefixes.length - MOST_NAMED;
  const named = unservedNames(peers) + (more > 0 ? ` and ${more} more` : "");
  return `A peer has no endpoint, and this device is not called by peers: what is for ${named} goes nowhere while connected. Add its Endpoint.`;
}

/** The first of them, as a sentence lists them. */
export function unservedNames(peers: readonly PeerConfig[]): string {
  return unservedPrefixes(peers).slice(0, MOST_NAMED).join(", ");
}

/** Prefixes that a sentence lists. */
const MOST_NAMED = 4;

/** What the file says that connecting will not use, in sentences and by code: nothing is passed over silently. */
export function unused(
  config: TunnelConfig,
  only: readonly Prefix[] | null,
): readonly (readonly [sentence: string, said: Unused])[] {
  const { dns, searchDomains, listenPort } = config.interface;
  const { mode, peers } = steering(config, only);
  const split = mode === "vpn_only";
  const unserved = unservedText(peers);
  return [
    ...(unserved === null
      ? []
      : [[unserved, { code: "unserved", facts: { prefixes: unservedNames(peers) } }] as const]),
    ...(split && dns.length > 0 && searchDomains.length === 0
      ? [
          [
            "The DNS servers are not used: not all traffic goes into this tunnel, and no search domain says which names are theirs. Add the domain to the DNS line.",
            { code: "dns_split", facts: {} },
          ] as const,
        ]
      : []),
    ...(listenPort === null
      ? []
      : [
          [
            "ListenPort is not used: this device calls its peers, from any port.",
            { code: "listen_port", facts: {} },
          ] as const,
        ]),
  ];
}
