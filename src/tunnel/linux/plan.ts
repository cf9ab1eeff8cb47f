/**
 * From what is there and what shall be there to the steps between, in an order in which nothing leaks and as little
 * as possible is lost. Pure.
 *
 * - nothing → up: firewall, peers, routes
 * - `vpn_only` → `full_tunnel`: peers, routes, firewall
 * - `full_tunnel` → `vpn_only`, or down: firewall, routes, peers
 * - within one mode: both gateways allowed, new peers shake hands, prefixes move, routes, the old gateway goes
 *
 * A nested peer comes after its carrier: the carrier gets the endpoint's prefix, then the rule and the route that
 * send the endpoint's packets into the tunnel, then the peer.
 */
import { hostPrefix, parseInterfaceAddress, prefixParts, type Prefix } from "../../wireguard/prefix.ts";
import type { NetworkState, PeerState } from "../network-state.ts";
import {
  firewallText,
  firstFirewallText,
  partingText,
  REMOVE_FIREWALL,
  unionOf,
  withEndpointsOf,
} from "./firewall.ts";
import { changesPlaces, moreAnswersText } from "./firewall-ends.ts";
import { dropUnresolved, linkChanges, mendedFirst, routeChanges, type IpChange } from "./plan-ip.ts";
import {
  bareArguments,
  carriedBy,
  isNewcomer,
  movedArguments,
  moves,
  peerArguments,
  rerootedArguments,
  type WireguardArguments,
} from "./plan-wireguard.ts";
import type { ActualState } from "./actual-state.ts";

export type Step =
  /** Makes the interface: kernel WireGuard, else wireguard-go. */
  | { readonly do: "create_interface"; readonly name: string }
  | { readonly do: "remove_interface"; readonly name: string }
  /** One nftables transaction. */
  | { readonly do: "firewall"; readonly text: string }
  /** One `wg set`. */
  | {
      readonly do: "wireguard";
      readonly interface: string;
      readonly args: WireguardArguments;
      /** Sets the private key too. */
      readonly withKey: boolean;
    }
  /** Links, addresses, routes and rules, one change after the other. */
  | { readonly do: "ip"; readonly changes: readonly IpChange[] }
  /** Waits until these peers have shaken hands, at most this long; goes on in any case. */
  | {
      readonly do: "await_handshakes";
      readonly interface: string;
      readonly publicKeys: readonly string[];
      readonly milliseconds: number;
    }
  /** Ends the sockets that have one of these addresses. */
  | { readonly do: "end_sockets"; readonly addresses: readonly Prefix[] }
  | { readonly do: "together"; readonly steps: readonly Step[] };

/** What was applied last, as far as this life of the agent knows. */
export interface Applied {
  readonly state: NetworkState;
  /** What `nft` printed right after; null = not read yet. */
  readonly firewallListing: string | null;
  /** What was in force on the way to a firewall, when a wait on that way began; null = nothing was. */
  readonly interim?: Interim | null;
}

/** A firewall that opens the way to the next gateways and closes as the one before. */
export interface Interim {
  /** What `nft` prints of it. */
  readonly listing: string;
  /** The text that shall follow it. */
  readonly towards: string;
}

/** Longest wait for a new gateway's handshake before prefixes move to it regardless. */
export const HANDSHAKE_WAIT_MS = 1500;

/**
 * `publicKey`: that of the private key that the interface shall have; null = whatever it has. Where it has none, the
 * desired state must be a closed one, and no interface is made. `patienceMs`: how long handshakes are waited for.
 */
export function planUp(
  actual: ActualState,
  desired: NetworkState,
  applied: Applied | null,
  publicKey: string | null,
  patienceMs: number = HANDSHAKE_WAIT_MS,
): readonly Step[] {
  const firewall = planFirewall(actual, desired, applied);
  const create: Step[] = actual.link === null ? [{ do: "create_interface", name: desired.interface }] : [];
  const current = actual.link === null ? [] : (actual.device?.peers ?? []);
  const fresh = current.length === 0;
  const loosening = applied?.state.mode === "full_tunnel" && desired.mode === "vpn_only";
  const peers = planPeers(actual, desired, applied, publicKey, patienceMs);
  const routes = routeChanges(actual, desired);
  const link = linkChanges(actual, desired);
  const closes = actual.firewall === null || (applied !== null && isTighter(desired, applied.state));
  const unresolved = closes ? dropUnresolved : [];
  const [early, late] = firewall.after.length === 0 ? [unresolved, []] : [[], unresolved];

  if (!hasKey(actual, publicKey)) {
    // An interface without a key is of no use; what closes needs none.
    return [...firewall.before, ...ipStep([...early, ...routes.all]), ...firewall.after, ...ipStep(late)];
  }
  if (fresh) {
    // Nothing to lose: the interface is made while the firewall is. Peers come after both, for wireguard-go speaks to
    // them at once, even while its interface is down. Routes follow, and the nested peers' first packets need the routes.
    return [
      ...together([...create, ...firewall.before]),
      ...ipStep(early),
      ...peers.outer,
      ...ipStep([...link, ...routes.all]),
      ...peers.nested,
      ...firewall.after,
      ...ipStep(late),
    ];
  }
  if (loosening) {
    return [
      ...create,
      ...firewall.before,
      ...ipStep([...link, ...routes.all]),
      ...peers.outer,
      ...peers.nested,
      ...peers.stale,
      ...firewall.after,
      ...peers.moved,
    ];
  }
  // Nobody waits for a new gateway before what is in force is whole.
  const { first, then } = mendedFirst(routes, actual, applied?.state ?? { routes: [], rules: [] });
  return [
    ...firewall.before,
    ...create,
    ...ipStep([...early, ...link, ...first]),
    ...peers.outer,
    ...ipStep(then.carriers),
    ...peers.nested,
    ...ipStep(then.rest),
    ...peers.stale,
    ...firewall.after,
    ...peers.moved,
    ...ipStep(late),
  ];
}

/** Whether something that was let out before is not any more. */
function isTighter(desired: NetworkState, former: NetworkState): boolean {
  if (desired.mode === "vpn_only") return false;
  return former.mode === "vpn_only" || (former.firewall.local !== null && desired.firewall.local === null);
}

/** After the device's own addresses changed, or nothing comes back: the peers send from one that does. */
export function planReroot(actual: ActualState, desired: NetworkState): readonly Step[] {
  const current = actual.link === null ? [] : (actual.device?.peers ?? []);
  const words = rerootedArguments(desired.peers, current);
  return words.length === 0 ? [] : [wireguard(desired, { words, secrets: [] }, false)];
}

/** Whether the interface has a key or can be given one. */
export function hasKey(actual: ActualState, publicKey: string | null): boolean {
  return publicKey !== null || (actual.link !== null && (actual.device?.publicKey ?? null) !== null);
}

/**
 * Removes everything of ours that is there. The interface goes after its routes, so until then what was in the
 * tunnel would leave elsewhere with the tunnel's address: that is what the firewall still refuses.
 */
export function planDown(actual: ActualState, interfaceName: string): readonly Step[] {
  const routes = routeChanges(actual, { routes: [], rules: [], interface: interfaceName });
  const { link } = actual;
  const addresses = (link?.addresses ?? []).flatMap((text) => {
    const address = parseInterfaceAddress(text);
    return address.ok ? [prefixParts(address.value).address] : [];
  });
  const firewall = (text: string): Step => ({ do: "firewall", text });
  return [
    ...(link === null ? [] : [firewall(partingText({ interface: interfaceName, addresses }))]),
    ...(link === null && actual.firewall !== null ? [firewall(REMOVE_FIREWALL)] : []),
    ...ipStep(routes.all),
    ...(link === null
      ? []
      : ([
          { do: "remove_interface", name: interfaceName },
          // No new one can take the address now, and none of the old ones left with it yet.
          { do: "end_sockets", addresses: addresses.map(hostPrefix) },
          firewall(REMOVE_FIREWALL),
        ] as const)),
  ];
}

interface FirewallSteps {
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

function planFirewall(actual: ActualState, desired: NetworkState, applied: Applied | null): FirewallSteps {
  const final = firewallText(desired.firewall);
  const step = (text: string): readonly Step[] => [{ do: "firewall", text }];
  if (actual.firewall === null) return { before: step(firstFirewallText(desired.firewall)), after: [] };
  if (applied === null) return { before: step(final), after: [] };
  const former = firewallText(applied.state.firewall);
  // The wait was interrupted and the change goes on: what closes still comes after the routes.
  const { interim } = applied;
  if (actual.firewall === interim?.listing && interim.towards === final)
    return { before: [], after: step(final) };
  const intact = actual.firewall === applied.firewallListing;
  const swapping = changesPlaces(applied.state.firewall.endpoints, desired.firewall.endpoints);
  if (intact && former === final) return { before: [], after: [] };
  if (!intact) return { before: step(final), after: [] };
  if (desired.mode === "vpn_only" && applied.state.mode === "full_tunnel") {
    if (swapping)
      return {
        before: step(firewallText(withEndpointsOf(desired.firewall, applied.state.firewall))),
        after: step(final),
      };
    // Gateways that go carry traffic until the new ones do.
    const going = moreAnswersText(desired.firewall, applied.state.firewall);
    return { before: step(`${final}${going}`), after: going === "" ? [] : step(final) };
  }
  if (applied.state.mode === "vpn_only") {
    if (swapping)
      return {
        before: step(firewallText(withEndpointsOf(applied.state.firewall, desired.firewall))),
        after: step(final),
      };
    // Gateways that come have to be heard before anything moves to them.
    const coming = moreAnswersText(applied.state.firewall, desired.firewall);
    return { before: coming === "" ? [] : step(coming), after: step(final) };
  }
  const both = firewallText(unionOf(applied.state.firewall, desired.firewall));
  if (both === final) return { before: step(final), after: [] };
  return { before: both === former ? [] : step(both), after: step(final) };
}

interface PeerSteps {
  readonly outer: readonly Step[];
  readonly nested: readonly Step[];
  readonly stale: readonly Step[];
  /** For when the firewall no longer lets in what was still on its former way. */
  readonly moved: readonly Step[];
}

function planPeers(
  actual: ActualState,
  desired: NetworkState,
  applied: Applied | null,
  publicKey: string | null,
  patienceMs: number,
): PeerSteps {
  const device = actual.link === null ? null : actual.device;
  const current = device?.peers ?? [];
  const wanted = new Set(desired.peers.map((peer) => peer.publicKey));
  const stale = current.filter((peer) => !wanted.has(peer.publicKey)).map((peer) => peer.publicKey as string);
  const withKey = publicKey !== null && device?.publicKey !== publicKey;
  const head = withKey || device?.fwmark !== desired.mark ? ["fwmark", String(desired.mark)] : [];

  // Endpoints of nested peers that still carry traffic stay with their carrier until the old peer goes.
  const carriedNow = (applied?.state.peers ?? [])
    .filter((peer) => peer.nested && stale.includes(peer.publicKey))
    .map((peer) => hostPrefix(peer.endpoint.address));
  // And what a nested peer is to carry stays with its carrier until that peer takes it over.
  const carriedNext = desired.peers.filter((peer) => peer.nested).flatMap((peer) => peer.allowedIps);
  const staying = [...carriedNow, ...carriedNext];
  const atLast = (peer: PeerState): readonly Prefix[] => carriedBy(peer, desired.peers, current);
  const meanwhile = (peer: PeerState): readonly Prefix[] => {
    const now = current.find((candidate) => candidate.publicKey === peer.publicKey)?.allowedIps ?? [];
    const kept = peer.nested ? [] : staying.filter((prefix) => now.includes(prefix));
    return [...new Set([...atLast(peer), ...kept])];
  };
  const stage = (nested: boolean): readonly Step[] => {
    const members = desired.peers.filter((peer) => peer.nested === nested);
    const newcomers = members.filter((peer) => moves(peer, current) && isNewcomer(peer, current));
    const bare = bareArguments(newcomers);
    const args = peerArguments(members, current, applied?.state.peers ?? [], meanwhile, newcomers);
    const first = nested ? [] : head;
    return [
      ...(newcomers.length === 0
        ? []
        : [
            wireguard(desired, bare, false),
            {
              do: "await_handshakes",
              interface: desired.interface,
              publicKeys: newcomers.map((peer) => peer.publicKey),
              milliseconds: patienceMs,
            } as const,
          ]),
      ...(args.words.length === 0 && first.length === 0
        ? []
        : [
            wireguard(
              desired,
              { words: [...first, ...args.words], secrets: args.secrets },
              !nested && withKey,
            ),
          ]),
    ];
  };
  const trimmed = desired.peers.filter((peer) =>
    carriedNow.some((prefix) => meanwhile(peer).includes(prefix) && !atLast(peer).includes(prefix)),
  );
  const removals = stale.flatMap((key) => ["peer", key, "remove"]);
  const trims = trimmed.flatMap((peer) => ["peer", peer.publicKey, "allowed-ips", atLast(peer).join(",")]);
  const former = applied?.state.peers ?? [];
  const surfaced = movedArguments(
    desired.peers.filter((peer) => !peer.nested),
    former,
  );
  const last = [...removals, ...trims, ...surfaced];
  const change = (words: readonly string[]): readonly Step[] =>
    words.length === 0 ? [] : [wireguard(desired, { words, secrets: [] }, false)];
  return {
    outer: stage(false),
    nested: stage(true),
    stale: change(last),
    moved: change(movedArguments(desired.peers, former)),
  };
}

function wireguard(desired: NetworkState, args: WireguardArguments, withKey: boolean): Step {
  return { do: "wireguard", interface: desired.interface, args, withKey };
}

function ipStep(changes: readonly IpChange[]): readonly Step[] {
  return changes.length === 0 ? [] : [{ do: "ip", changes }];
}

function together(steps: readonly Step[]): readonly Step[] {
  return steps.length < 2 ? steps : [{ do: "together", steps }];
}
