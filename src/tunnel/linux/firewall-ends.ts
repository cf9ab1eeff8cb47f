/** What comes in and goes out by the right interface: the tunnel's own addresses, and the answers of gateways. Pure. */
import { familyOf, type Address } from "../../wireguard/address.ts";
import { contains } from "../../wireguard/prefix.ts";
import type { FirewallState } from "../network-state.ts";
import {
  W,
  C,
  LOOPBACK_IN,
  LOOPBACK_OUT,
  FEW,
  type Ends,
  chain,
  ip,
  tunnel,
  byFamily,
} from "./firewall-words.ts";
import { FIREWALL_TABLE } from "./marks.ts";

type Endpoints = FirewallState["endpoints"];

/**
 * CVE-2019-14899: a neighbour probes for the tunnel address. What did not arrive through the tunnel is dropped, before
 * conntrack sees it.
 *
 * So is what a gateway sent by a way that is not its own: what was on its way when it was nested or ceased to be, or
 * what its carrier kept back. wireguard-go answers where it was last spoken to from, and by the wrong way nothing of
 * that leaves: the peer would be silent for fifteen seconds.
 */
export function arrivals(state: Ends, endpoints: Endpoints, others: readonly string[]): string[] {
  return [
    chain("to_own", [`iifname ${tunnel(state)} accept`, LOOPBACK_IN, "counter drop"]),
    chain("arrivals", [
      "type filter hook prerouting priority raw; policy accept;",
      ...bySender(onlyOnce(endpoints, false), (sender) => `${sender} iifname ${tunnel(state)} counter drop`),
      ...bySender(
        onlyOnce(endpoints, true),
        (sender) => `${sender} iifname != ${tunnel(state)} counter drop`,
      ),
      ...answers(state, endpoints),
      ...byFamily(state.addresses, (family, list) => `${family} daddr ${list} goto to_own`),
      ...others,
    ]),
  ];
}

/** Those that are nested, or are not, and not both, as they are while gateways are changed. */
function onlyOnce(endpoints: Endpoints, nested: boolean): Endpoints {
  return endpoints.filter(
    (one) =>
      one.nested === nested &&
      !endpoints.some(
        (other) => other.nested !== nested && other.address === one.address && other.port === one.port,
      ),
  );
}

/** For each family that the endpoints are of one rule, or one for each of few endpoints. */
function bySender(endpoints: Endpoints, rule: (sender: string) => string): string[] {
  return ([4, 6] as const).flatMap((family) => {
    const ends = endpoints.filter(({ address }) => familyOf(address) === family);
    if (ends.length <= FEW)
      return ends.map(({ address, port }) => rule(`${ip(family)} saddr ${address} udp sport ${port}`));
    const list = ends.map(({ address, port }) => `${address} . ${port}`).join(", ");
    return [rule(`${ip(family)} saddr . udp sport { ${list} }`)];
  });
}

/**
 * Strict reverse-path filtering asks whether the way back leads where a packet came from, and for a gateway's answers
 * that is the way of marked packets. By address and port, which costs less than to have conntrack remember the mark;
 * whoever forges them gets past that filter with the gateway's address, as everybody does without a tunnel.
 */
function answers(state: Ends, endpoints: Endpoints): string[] {
  const outer = endpoints.filter(({ nested }) => !nested);
  return bySender(outer, (sender) => `${sender} iifname != ${tunnel(state)} meta mark set ${W}`);
}

/** The same for the agent's own connections: their answers come by the way of its mark. */
export function controlAnswers(state: FirewallState): string[] {
  return state.control
    .filter(({ address }) => isSteered(state, address as Address))
    .map(
      ({ protocol, address, port }) =>
        `${ip(familyOf(address))} saddr ${address} ${protocol} sport ${port} iifname != ${tunnel(state)} meta mark set ${C}`,
    );
}

/** Whether what has no mark is led into the tunnel on its way to this address. */
function isSteered({ mode, guarded }: FirewallState, address: Address): boolean {
  return mode === "full_tunnel" || guarded.some((prefix) => contains(prefix, address));
}

/** Whether a gateway is nested in one of two states and not in the other. */
export function changesPlaces(a: Endpoints, b: Endpoints): boolean {
  return a.some((one) =>
    b.some(
      (other) => one.nested !== other.nested && one.address === other.address && one.port === other.port,
    ),
  );
}

/**
 * Adds to the table of one state that the answers of another's gateways are known too, where the way back to them leads
 * into the tunnel in either; empty where nothing is to be added.
 */
export function moreAnswersText(state: FirewallState, other: FirewallState): string {
  const unknown = other.endpoints.filter(
    ({ address, port }) =>
      !state.endpoints.some((one) => !one.nested && one.address === address && one.port === port),
  );
  const steered = unknown.filter(({ address }) => [state, other].some((one) => isSteered(one, address)));
  return answers(state, steered)
    .map((rule) => `add rule inet ${FIREWALL_TABLE} arrivals ${rule}\n`)
    .join("");
}

/** After source translation: only the tunnel's own addresses leave through it, whoever sent the packet. */
export function departures(state: Ends): string[] {
  return [
    chain("from_own", [`oifname ${tunnel(state)} accept`, LOOPBACK_OUT, "counter drop"]),
    chain("departures", [
      "type filter hook postrouting priority 300; policy accept;",
      ...byFamily(state.addresses, (family, list) => `${family} saddr ${list} goto from_own`),
      `oifname ${tunnel(state)} counter drop`,
    ]),
  ];
}
