/** The `ip` commands between two states: link, addresses, routes, rules. Pure. */
import type { NetworkState, Route, Rule } from "../network-state.ts";
import type { Family } from "../../wireguard/address.ts";
import { hostPrefix } from "../../wireguard/prefix.ts";
import { RULE, TABLE } from "./marks.ts";
import type { ActualRoute, ActualState } from "./read.ts";

/**
 * Lines for `ip -batch -`, one batch for each family: `ip` takes the family of a rule from its own option, not
 * from the line.
 */
export class IpCommands {
  readonly v4: readonly string[];
  readonly v6: readonly string[];

  constructor(v4: readonly string[], v6: readonly string[]) {
    this.v4 = v4;
    this.v6 = v6;
  }

  get isEmpty(): boolean {
    return this.v4.length + this.v6.length === 0;
  }

  concat(other: IpCommands): IpCommands {
    return new IpCommands([...this.v4, ...other.v4], [...this.v6, ...other.v6]);
  }
}

export const none = new IpCommands([], []);

/**
 * Gives up the packets that were let go before a firewall closed, and wait for their neighbour's hardware address:
 * they would leave when it is known, past every rule. (A link that was away and is back resolves all at once.)
 */
export const dropUnresolved = new IpCommands(["neigh flush nud incomplete"], ["neigh flush nud incomplete"]);

/** Brings the interface up with its addresses. */
export function linkCommands(actual: ActualState, desired: NetworkState): IpCommands {
  const link = actual.link;
  const name = desired.interface;
  const lines: Line[] = [];
  // In both batches: they run at the same time, and a route needs its link to be up.
  if (link?.mtu !== desired.mtu || !link.up)
    for (const family of [4, 6] as const) lines.push([family, `link set dev ${name} mtu ${desired.mtu} up`]);
  const present: readonly string[] = link?.addresses ?? [];
  const familyOf = (address: string): 4 | 6 => (address.includes(":") ? 6 : 4);
  for (const address of desired.addresses) {
    if (!present.includes(address)) {
      const family = familyOf(address);
      lines.push([family, `address add ${address} dev ${name}${family === 6 ? " nodad" : ""}`]);
    }
  }
  for (const address of present) {
    if (!(desired.addresses as readonly string[]).includes(address))
      lines.push([familyOf(address), `address del ${address} dev ${name}`]);
  }
  return lines.length === 0 ? none : batch(lines);
}

export interface RouteChanges {
  /** What a nested peer's endpoint needs before the peer can speak: its rule and its route. */
  readonly carriers: IpCommands;
  readonly rest: IpCommands;
  /** Both, for when the order between them does not matter. */
  readonly all: IpCommands;
}

/** Everything that turns the rules and the routes that are there into the desired ones. */
export function routeChanges(
  actual: ActualState,
  desired: Pick<NetworkState, "routes" | "rules" | "interface">,
): RouteChanges {
  const endpoints = desired.rules.flatMap((rule) => (rule.udpTo === null ? [] : [rule.udpTo]));
  const carriesEndpoint = (route: Route): boolean =>
    endpoints.some((address) => route.to === hostPrefix(address));
  // To the kernel, what the text of a rule does not name matches anything: a stranger's rule beside ours cannot be
  // named so that ours is never meant. So all of that priority go, and ours return at once; the firewall still stands.
  const isShared = ({ family, priority }: { readonly family: Family; readonly priority: number }): boolean =>
    actual.rules.some(
      (there) => there.rule === null && there.family === family && there.priority === priority,
    );
  const addRules = desired.rules.filter(
    (rule) => isShared(rule) || !actual.rules.some((there) => sameRule(there.rule, rule)),
  );
  const dropRules = actual.rules.filter(
    (there) => isShared(there) || !desired.rules.some((rule) => sameRule(rule, there.rule)),
  );
  const addRoutes = desired.routes.filter(
    (route) => !actual.routes.some((there) => sameRoute(there, route) && sameVia(there, route)),
  );
  const dropRoutes = actual.routes.filter(
    (there) => !desired.routes.some((route) => sameRoute(there, route)),
  );

  const ruleLine = (rule: Rule): Line => [rule.family, `rule add ${ruleText(rule)}`];
  const routeLine = (route: Route): Line => [
    route.family,
    `route replace ${routeText(route, desired.interface)}`,
  ];
  const dropRule = (there: ActualState["rules"][number]): Line => [
    there.family,
    there.rule === null || isShared(there)
      ? `rule del pref ${there.priority}`
      : `rule del ${ruleText(there.rule)}`,
  ];
  const dropRoute = (there: ActualRoute): Line => [
    there.family,
    `route del ${there.via?.kind === "unreachable" ? "unreachable " : ""}${there.to} metric ${there.metric} table ${TABLE}`,
  ];
  const isCarrier = (rule: { priority: number }): boolean => rule.priority === RULE.nestedEndpoint;

  // A gateway that stops being nested must stop being routed into the tunnel before another one starts, or two
  // peers could carry each other for ever.
  const carriers = [
    ...dropRules.filter(isCarrier).map(dropRule),
    ...addRoutes.filter(carriesEndpoint).map(routeLine),
    ...addRules.filter(isCarrier).map(ruleLine),
  ];
  const rest = [
    ...addRoutes.filter((route) => !carriesEndpoint(route)).map(routeLine),
    ...dropRules.filter((there) => !isCarrier(there) && isShared(there)).map(dropRule),
    ...addRules.filter((rule) => !isCarrier(rule)).map(ruleLine),
    ...dropRules.filter((there) => !isCarrier(there) && !isShared(there)).map(dropRule),
    ...dropRoutes.map(dropRoute),
  ];
  return { carriers: batch(carriers), rest: batch(rest), all: batch([...carriers, ...rest]) };
}

type Line = readonly [4 | 6, string];

function batch(lines: readonly Line[]): IpCommands {
  const of = (family: 4 | 6): string[] => lines.filter(([f]) => f === family).map(([, line]) => line);
  return new IpCommands(of(4), of(6));
}

function sameRule(a: Rule | null, b: Rule | null): boolean {
  return (
    a !== null &&
    b !== null &&
    a.family === b.family &&
    a.priority === b.priority &&
    a.mark === b.mark &&
    a.udpTo === b.udpTo &&
    a.to === b.to &&
    a.from === b.from &&
    a.action === b.action
  );
}

/** The kernel tells routes of a table apart by these. */
function sameRoute(a: ActualRoute, b: Route): boolean {
  return a.family === b.family && a.to === b.to && a.metric === b.metric;
}

function sameVia(a: ActualRoute, b: Route): boolean {
  switch (b.via.kind) {
    case "tunnel":
      return a.via?.kind === "tunnel" && a.via.mtu === b.via.mtu;
    case "link":
      return a.via?.kind === "link" && a.via.interface === b.via.interface;
    case "unreachable":
      return a.via?.kind === "unreachable";
  }
}

function ruleText(rule: Rule): string {
  return [
    `pref ${rule.priority}`,
    ...(rule.mark === null ? [] : [`fwmark ${rule.mark}`]),
    ...(rule.udpTo === null ? [] : [`to ${rule.udpTo} ipproto udp`]),
    ...(rule.to === null ? [] : [`to ${rule.to}`]),
    ...(rule.from === null ? [] : [`from ${rule.from}`]),
    rule.action === "unreachable"
      ? "unreachable"
      : `lookup ${rule.action === "main" ? "main" : String(TABLE)}`,
  ].join(" ");
}

function routeText(route: Route, interfaceName: string): string {
  const end = `metric ${route.metric} table ${TABLE}`;
  switch (route.via.kind) {
    case "tunnel":
      return `${route.to} dev ${interfaceName}${route.via.mtu === null ? "" : ` mtu ${route.via.mtu}`} ${end}`;
    case "link":
      return `${route.to} dev ${route.via.interface} ${route.family === 4 ? "scope link " : ""}${end}`;
    case "unreachable":
      return `unreachable ${route.to} ${end}`;
  }
}
