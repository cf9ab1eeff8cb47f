/** Changes of links, addresses, routes and rules as requests of rtnetlink(7), as `ip` makes them. Pure. */
import { bytesOf, familyOf } from "../../../wireguard/address.ts";
import { hostPrefix, prefixParts, type InterfaceAddress, type Prefix } from "../../../wireguard/prefix.ts";
import type { Route, Rule } from "../../network-state.ts";
import { TABLE } from "../marks.ts";
import type { IpChange } from "../plan-ip.ts";
import { attribute, FAMILY, FLAG, MESSAGE, nameBytes, nested, number32 } from "./message.ts";
import type { Request } from "./socket.ts";

/** Attributes and values, by the names that the kernel's headers give them without their prefix. */
export const IFLA = { ifname: 3, mtu: 4, linkinfo: 18, kind: 1 } as const;
export const IFA = { address: 1, local: 2, lifetimes: 6, flags: 8 } as const;
export const RTA = {
  ...{
    dst: 1,
    src: 2,
    oif: 4,
    gateway: 5,
    priority: 6,
    metrics: 8,
    multipath: 9,
    lifetimes: 12,
    table: 15,
    mark: 16,
    via: 18,
  },
  /** Inside of `metrics`. */
  mtu: 2,
} as const;
export const FRA = {
  ...{ dst: 1, src: 2, iifname: 3, goto: 4, priority: 6, fwmark: 10, flow: 11, tunId: 12 },
  ...{ suppressGroup: 13, suppressLength: 14, table: 15, fwmask: 16, oifname: 17, l3mdev: 19 },
  ...{ uidRange: 20, ipProto: 22, sport: 23, dport: 24, dscp: 25, flowlabel: 26, flowlabelMask: 27 },
} as const;
export const RULE_ACTION = { table: 1, unreachable: 7 } as const;
export const ROUTE_TYPE = { unicast: 1, unreachable: 7 } as const;
export const SCOPE = { universe: 0, link: 253, nowhere: 255 } as const;
export const TABLE_MAIN = 254;
export const IFF_UP = 1;
const NDA_DST = 1;
const IFA_F_NODAD = 2;
const RTPROT_BOOT = 3;
export const IPPROTO_UDP = 17;

/** The length of the fixed structures. */
export const STRUCT = { link: 16, address: 8, route: 12, rule: 12, neighbour: 12 } as const;

/** `indexOf` answers the index of an interface, and throws where there is none of this name. */
export function requestOf(
  change: Exclude<IpChange, { do: "forget_unresolved" }>,
  indexOf: (name: string) => number,
): Request {
  switch (change.do) {
    case "link_up":
      return {
        type: MESSAGE.newLink,
        flags: 0,
        body: Buffer.concat([
          linkHeader(indexOf(change.interface), IFF_UP),
          attribute(IFLA.mtu, number32(change.mtu)),
        ]),
      };
    case "address_add":
    case "address_delete": {
      const add = change.do === "address_add";
      const flags = FLAG.create | FLAG.exclusive;
      return {
        type: add ? MESSAGE.newAddress : MESSAGE.deleteAddress,
        flags: add ? flags : 0,
        body: addressBody(change.address, indexOf(change.interface)),
      };
    }
    case "rule_add":
      return {
        type: MESSAGE.newRule,
        flags: FLAG.create | FLAG.exclusive,
        body: ruleBody(change.rule),
      };
    case "rule_delete":
      return { type: MESSAGE.deleteRule, flags: 0, body: ruleBody(change.rule) };
    case "rule_delete_any":
      return {
        type: MESSAGE.deleteRule,
        flags: 0,
        body: Buffer.concat([
          Buffer.from([FAMILY[change.family], ...Array<number>(STRUCT.rule - 1).fill(0)]),
          attribute(FRA.priority, number32(change.priority)),
        ]),
      };
    case "route_replace":
      return {
        type: MESSAGE.newRoute,
        flags: FLAG.create | FLAG.replace,
        body: routeBody(change.route, change.interface, indexOf),
      };
    case "route_delete": {
      const { family, to, metric, unreachable, only } = change;
      const from = only?.from ?? null;
      const type = unreachable ? ROUTE_TYPE.unreachable : 0;
      return {
        type: MESSAGE.deleteRoute,
        flags: 0,
        body: Buffer.concat([
          routeHeader({
            ...{ family, length: prefixParts(to).length, protocol: 0, scope: SCOPE.nowhere, type },
            ...{ tos: only?.tos ?? 0, sourceLength: from === null ? 0 : prefixParts(from).length },
          }),
          ...routeEnds(to, metric),
          ...(from === null ? [] : [attribute(RTA.src, bytesOf(prefixParts(from).address))]),
        ]),
      };
    }
  }
}

/** Makes an interface of a kind. */
export function createLink(name: string, kind: string): Request {
  const info = nested(IFLA.linkinfo, [attribute(IFLA.kind, Buffer.from(kind, "latin1"))]);
  return {
    type: MESSAGE.newLink,
    flags: FLAG.create | FLAG.exclusive,
    body: Buffer.concat([linkHeader(0, 0), attribute(IFLA.ifname, nameBytes(name)), info]),
  };
}

/** Removes the interface with this index. */
export function deleteLink(index: number): Request {
  return { type: MESSAGE.deleteLink, flags: 0, body: linkHeader(index, 0) };
}

/** Gives up a neighbour, and what waits for its hardware address. `destination` = its address, as bytes. */
export function deleteNeighbour(family: number, index: number, destination: Buffer): Request {
  const header = Buffer.alloc(STRUCT.neighbour);
  header.writeUInt8(family, 0);
  header.writeInt32LE(index, 4);
  return {
    type: MESSAGE.deleteNeighbour,
    flags: 0,
    body: Buffer.concat([header, attribute(NDA_DST, destination)]),
  };
}

/** `struct ifinfomsg`; `up` is the flags to set. */
export function linkHeader(index: number, up: number): Buffer {
  const header = Buffer.alloc(STRUCT.link);
  header.writeInt32LE(index, 4);
  header.writeUInt32LE(up, 8);
  header.writeUInt32LE(up, 12);
  return header;
}

function addressBody(address: Prefix | InterfaceAddress, index: number): Buffer {
  const { address: text, length } = prefixParts(address);
  const family = familyOf(text);
  const header = Buffer.alloc(STRUCT.address);
  header.writeUInt8(FAMILY[family], 0);
  header.writeUInt8(length, 1);
  header.writeUInt32LE(index, 4);
  const bytes = bytesOf(text);
  return Buffer.concat([
    header,
    attribute(IFA.local, bytes),
    attribute(IFA.address, bytes),
    // Nobody else on this link could have it, and it is needed now (RFC 4862, section 5.4).
    ...(family === 6 ? [attribute(IFA.flags, number32(IFA_F_NODAD))] : []),
  ]);
}

/** `struct fib_rule_hdr` with what makes the rule. Where a rule is deleted, all of it has to fit. */
function ruleBody(rule: Rule): Buffer {
  const to = rule.udpTo === null ? rule.to : hostPrefix(rule.udpTo);
  const from = rule.from === null ? null : hostPrefix(rule.from);
  const header = Buffer.alloc(STRUCT.rule);
  header.writeUInt8(FAMILY[rule.family], 0);
  header.writeUInt8(to === null ? 0 : prefixParts(to).length, 1);
  header.writeUInt8(from === null ? 0 : prefixParts(from).length, 2);
  header.writeUInt8(rule.action === "main" ? TABLE_MAIN : 0, 4);
  header.writeUInt8(rule.action === "unreachable" ? RULE_ACTION.unreachable : RULE_ACTION.table, 7);
  const end = (type: number, prefix: Prefix | null): readonly Buffer[] =>
    prefix === null ? [] : [attribute(type, bytesOf(prefixParts(prefix).address))];
  return Buffer.concat([
    header,
    attribute(FRA.priority, number32(rule.priority)),
    ...(rule.action === "table" ? [attribute(FRA.table, number32(TABLE))] : []),
    ...(rule.mark === null ? [] : [attribute(FRA.fwmark, number32(rule.mark))]),
    ...end(FRA.dst, to),
    ...end(FRA.src, from),
    ...(rule.udpTo === null ? [] : [attribute(FRA.ipProto, [IPPROTO_UDP])]),
    ...(rule.port === null ? [] : [attribute(FRA.dport, portRange(rule.port))]),
  ]);
}

/** `struct fib_rule_port_range` of one port. */
function portRange(port: number): Buffer {
  const range = Buffer.alloc(4);
  range.writeUInt16LE(port, 0);
  range.writeUInt16LE(port, 2);
  return range;
}

function routeBody(route: Route, tunnel: string, indexOf: (name: string) => number): Buffer {
  const { family, to, metric, via } = route;
  const { length } = prefixParts(to);
  const ends = routeEnds(to, metric);
  const header = (scope: number, type: number): Buffer =>
    routeHeader({ family, length, protocol: RTPROT_BOOT, scope, type });
  const through = (name: string): Buffer => attribute(RTA.oif, number32(indexOf(name)));
  switch (via.kind) {
    case "unreachable":
      return Buffer.concat([header(SCOPE.universe, ROUTE_TYPE.unreachable), ...ends]);
    case "link":
      return Buffer.concat([header(SCOPE.link, ROUTE_TYPE.unicast), ...ends, through(via.interface)]);
    case "tunnel":
      return Buffer.concat([
        header(SCOPE.link, ROUTE_TYPE.unicast),
        ...ends,
        through(tunnel),
        ...(via.mtu === null ? [] : [nested(RTA.metrics, [attribute(RTA.mtu, number32(via.mtu))])]),
      ]);
  }
}

interface RouteHeader {
  readonly family: 4 | 6;
  readonly length: number;
  readonly protocol: number;
  readonly scope: number;
  readonly type: number;
  readonly tos?: number;
  readonly sourceLength?: number;
}

/** `struct rtmsg`. Our table's number does not fit into it and is an attribute. */
function routeHeader({ family, length, protocol, scope, type, ...only }: RouteHeader): Buffer {
  const header = Buffer.alloc(STRUCT.route);
  header.writeUInt8(FAMILY[family], 0);
  header.writeUInt8(length, 1);
  header.writeUInt8(only.sourceLength ?? 0, 2);
  header.writeUInt8(only.tos ?? 0, 3);
  header.writeUInt8(protocol, 5);
  header.writeUInt8(scope, 6);
  header.writeUInt8(type, 7);
  return header;
}

function routeEnds(to: Prefix, metric: number): readonly Buffer[] {
  const { address, length } = prefixParts(to);
  return [
    ...(length === 0 ? [] : [attribute(RTA.dst, bytesOf(address))]),
    attribute(RTA.priority, number32(metric)),
    attribute(RTA.table, number32(TABLE)),
  ];
}
