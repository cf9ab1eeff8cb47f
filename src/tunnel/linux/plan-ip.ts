/** The changes between two states: link, addresses, routes, rules. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { NetworkState, Route, Rule } from "../network-state.ts";
import type { Family } from "../../wireguard/address.ts";
import { hostPrefix, type InterfaceAddress, type Prefix } from "../../wireguard/prefix.ts";
import { RULE, TABLE } from "./marks.ts";
import type { ActualRoute, ActualState, RouteLimits } from "./actual-state.ts";

/** One change, as one command of `ip` makes it. */
export type IpChange =
  | { readonly do: "link_up"; readonly interface: string; readonly mtu: number }
  | {
      readonly do: "address_add" | "address_delete";
      readonly interface: string;
      readonly address: Prefix | InterfaceAddress;
    }
  | { readonly do: "forget_unresolved" }
  | RoutingChange;

export type RoutingChange =
  | { readonly do: "rule_add" | "rule_delete"; readonly rule: Rule }
  /** Whichever rule of this priority comes first. */
  | { readonly do: "rule_delete_any"; readonly family: Family; readonly priority: number }
  /** `interface` = the tunnel's. */
  | { readonly do: "route_replace"; readonly route: Route; readonly interface: string }
  | {
      readonly do: "route_delete";
      readonly family: Family;
      readonly to: Prefix;
      readonly metric: number;
      readonly unreachable: boolean;
      /** As it was read of the route, where that is not of a kind we make. */
      readonly only?: RouteLimits;
    };

/**
 * Gives up the packets that were let go before a firewall closed, and wait for their neighbour's hardware address:
 * they would leave when it is known, past every rule. (A link that was away and is back resolves all at once.)
 */
export const dropUnresolved: readonly IpChange[] = [{ do: "forget_unresolved" }];

/** Brings the interface up with its addresses. */
export function linkChanges(actual: ActualState, desired: NetworkState): readonly IpChange[] {
  const link = actual.link;
  const name = desired.interface;
  const present: readonly string[] = link?.addresses ?? [];
  const wanted: readonly string[] = desired.addresses;
  return [
    ...(link?.mtu !== desired.mtu || !link.up
      ? [{ do: "link_up", interface: name, mtu: desired.mtu } as const]
      : []),
    ...desired.addresses
      .filter((address) => !present.includes(address))
      .map((address) => ({ do: "address_add", interface: name, address }) as const),
    ...(link?.addresses ?? [])
      .filter((address) => !wanted.includes(address))
      .map((address) => ({ do: "address_delete", interface: name, address }) as const),
  ];
}

export interface RouteChanges {
  /** What a nested peer's endpoint needs before the peer can speak: its rule and its route. */
  readonly carriers: readonly RoutingChange[];
  readonly rest: readonly RoutingChange[];
  /** Both, for when the order between them does not matter. */
  readonly all: readonly RoutingChange[];
}

/**
 * The same in two parts: first what somebody took of what was in force (`former`) and stays, since to put that back changes
 * nothing else; then the rest. A stranger's rule beside ours is a matter of the rest.
 */
export function mendedFirst(
  changes: RouteChanges,
  actual: ActualState,
  former: Pick<NetworkState, "routes" | "rules">,
): { readonly first: readonly RoutingChange[]; readonly then: RouteChanges } {
  const isMend = (change: RoutingChange): boolean => {
    if (change.do === "route_replace")
      return former.routes.some((route) => isDeepStrictEqual(route, change.route));
    if (change.do !== "rule_add") return false;
    const { family, priority } = change.rule;
    const isAlone = !actual.rules.some(
      (there) => there.rule === null && there.family === family && there.priority === priority,
    );
    return isAlone && former.rules.some((rule) => isDeepStrictEqual(rule, change.rule));
  };
  const others = (list: readonly RoutingChange[]) => list.filter((change) => !isMend(change));
  const { carriers, rest, all } = changes;
  return {
    first: all.filter(isMend),
    then: { carriers: others(carriers), rest: others(rest), all: others(all) },
  };
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

  const addRule = (rule: Rule): RoutingChange => ({ do: "rule_add", rule });
  const addRoute = (route: Route): RoutingChange => ({
    do: "route_replace",
    route,
    interface: desired.interface,
  });
  const dropRule = (there: ActualState["rules"][number]): RoutingChange =>
    there.rule === null || isShared(there)
      ? { do: "rule_delete_any", family: there.family, priority: there.priority }
      : { do: "rule_delete", rule: there.rule };
  const dropRoute = ({ family, to, metric, via, only }: ActualRoute): RoutingChange => ({
    ...{ do: "route_delete", family, to, metric, unreachable: via?.kind === "unreachable" },
    ...(only === undefined ? {} : { only }),
  });
  const isCarrier = (rule: { priority: number }): boolean => rule.priority === RULE.nestedEndpoint;

  // A gateway that stops being nested must stop being routed into the tunnel before another one starts, or two
  // peers could carry each other for ever.
  const carriers = [
    ...dropRules.filter(isCarrier).map(dropRule),
    ...addRoutes.filter(carriesEndpoint).map(addRoute),
    ...addRules.filter(isCarrier).map(addRule),
  ];
  const rest = [
    ...addRoutes.filter((route) => !carriesEndpoint(route)).map(addRoute),
    ...dropRules.filter((there) => !isCarrier(there) && isShared(there)).map(dropRule),
    ...addRules.filter((rule) => !isCarrier(rule)).map(addRule),
    ...dropRules.filter((there) => !isCarrier(there) && !isShared(there)).map(dropRule),
    ...dropRoutes.map(dropRoute),
  ];
  return { carriers, rest, all: [...carriers, ...rest] };
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
    a.port === b.port &&
    a.from === b.from &&
    a.action === b.action
  );
}

/** The kernel tells routes of a table apart by these, and by what ours never have. */
function sameRoute(a: ActualRoute, b: Route): boolean {
  return a.only === undefined && a.family === b.family && a.to === b.to && a.metric === b.metric;
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

/** The family of a change to rules and routes. */
export function familyOf(change: RoutingChange): Family {
  if ("rule" in change) return change.rule.family;
  return "route" in change ? change.route.family : change.family;
}

/** A change as `ip` would be told it, for logs and messages. */
export function describe(change: IpChange): string {
  switch (change.do) {
    case "link_up":
      return `link set dev ${change.interface} mtu ${change.mtu} up`;
    case "address_add":
      return `address add ${change.address} dev ${change.interface}`;
    case "address_delete":
      return `address del ${change.address} dev ${change.interface}`;
    case "rule_add":
      return `rule add ${ruleText(change.rule)}`;
    case "rule_delete":
      return `rule del ${ruleText(change.rule)}`;
    case "rule_delete_any":
      return `rule del pref ${change.priority}`;
    case "route_replace":
      return `route replace ${routeText(change.route, change.interface)}`;
    case "route_delete":
      return `route del ${change.unreachable ? "unreachable " : ""}${change.to}${limitsText(change.only)} metric ${change.metric} table ${TABLE}`;
    case "forget_unresolved":
      return "neigh flush nud incomplete";
  }
}

function ruleText(rule: Rule): string {
  return [
    `pref ${rule.priority}`,
    ...(rule.mark === null ? [] : [`fwmark ${rule.mark}`]),
    ...(rule.udpTo === null ? [] : [`to ${rule.udpTo} ipproto udp`]),
    ...(rule.to === null ? [] : [`to ${rule.to}`]),
    ...(rule.port === null ? [] : [`dport ${rule.port}`]),
    ...(rule.from === null ? [] : [`from ${rule.from}`]),
    rule.action === "unreachable"
      ? "unreachable"
      : `lookup ${rule.action === "main" ? "main" : String(TABLE)}`,
  ].join(" ");
}

function limitsText(only: RouteLimits | undefined): string {
  if (only === undefined) return "";
  const from = only.from === null ? "" : ` from ${only.from}`;
  return `${from}${only.tos === 0 ? "" : ` tos 0x${only.tos.toString(16)}`}`;
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
