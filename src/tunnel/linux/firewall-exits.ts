/** Which connections go on through the tunnel: those whose exit is the one that they began by. Pure. */
import { EXIT_MARK, EXIT_MASK } from "../exits.ts";
import type { FirewallState } from "../network-state.ts";
import { chain, byFamily, tunnel } from "./firewall-words.ts";

/**
 * A connection that began by another exit cannot go on: the far end knows it by that exit's address. Its next packet is
 * refused, for those of other hosts too, and where the kernel cannot end sockets. What was opened from the far side
 * keeps its way back; echo has no connection to end.
 */
export function exits(state: FirewallState): string[] {
  if (!state.tracked) return [];
  return [
    ...exitMarks(state).map((mark) =>
      chain(exitName(state, mark), [
        `ct mark ${mark} accept`,
        "ct direction reply accept",
        `ct state new ct mark set ${mark} accept`,
        "ct state != established accept",
        "meta l4proto tcp goto refuse",
        // Told once. Many protocols go on from another address by themselves (QUIC, WireGuard).
        `ct mark set ${mark} goto refuse`,
      ]),
    ),
    chain("ways", ways(state)),
    chain("exits", byConnection("ways")),
  ];
}

/** Leads what has connections to a chain, and lets the rest pass. */
export function byConnection(name: string): string[] {
  return [`meta l4proto tcp goto ${name}`, `meta l4proto udp goto ${name}`, "accept"];
}

/** What is quicker to see than that an address is in the set of all. */
const EVERYTHING: Readonly<Record<string, string>> = {
  "0.0.0.0/0": "meta nfproto ipv4",
  "::/0": "meta nfproto ipv6",
};

/** What becomes of a packet that may enter the tunnel. */
export function onwards(state: FirewallState): string {
  return state.tracked ? "goto exits" : "accept";
}

/** Leads a packet of a connection to the chain of the exit that carries it now. */
export function ways(state: FirewallState): string[] {
  if (!state.tracked) return ["accept"];
  return [
    ...state.exits.flatMap(({ mark, to }) =>
      to.length === 0
        ? [`goto ${exitName(state, mark)}`]
        : byFamily(
            to,
            (family, list) =>
              `${EVERYTHING[list] ?? `${family} daddr ${list}`} goto ${exitName(state, mark)}`,
          ),
    ),
    ...(state.exits.some(({ to }) => to.length === 0) ? [] : ["accept"]),
  ];
}

function exitMarks(state: FirewallState): readonly number[] {
  return [...new Set(state.exits.map(({ mark }) => mark))];
}

function exitName(state: FirewallState, mark: number): string {
  return `exit_${exitMarks(state).indexOf(mark) + 1}`;
}

/** This host forwards nothing; if it begins to, other hosts are refused until their connections are tracked. */
export function nothingInside(state: FirewallState): string[] {
  return [`oifname ${tunnel(state)} goto refuse`];
}

/**
 * What other hosts send into the tunnel, and their connections that began in it and would leave elsewhere, translated to
 * its address.
 */
export function forwardedInside(state: FirewallState): string[] {
  return [
    `oifname ${tunnel(state)} goto exits`,
    `oifname != ${tunnel(state)} ct direction original ct mark & ${EXIT_MASK} == ${EXIT_MARK} goto refuse`,
  ];
}
