/** What rtnetlink(7) answers, as values: an interface, its addresses, routes of our table, rules of ours. Pure. */
import { formatAddress, type Family } from "../../../wireguard/address.ts";
import {
  parseInterfaceAddress,
  parseKernelPrefix,
  type InterfaceAddress,
  type Prefix,
} from "../../../wireguard/prefix.ts";
import type { Route, Rule } from "../../network-state.ts";
import { RULE, TABLE } from "../marks.ts";
import type { ActualRoute, ActualRule } from "../actual-state.ts";
import { attributesIn, FAMILY, numberIn, type Attributes, type Message } from "./message.ts";
import {
  FRA,
  IFA,
  IFF_UP,
  IFLA,
  IPPROTO_UDP,
  ROUTE_TYPE,
  RTA,
  RULE_ACTION,
  SCOPE,
  STRUCT,
  TABLE_MAIN,
} from "./requests.ts";

/** `RTM_F_CLONED`: not a route but a note of the kernel's. */
const CLONED = 0x200;
/** `FRA_SUPPRESS_…`: off. */
const OFF = 0xffffffff;
/** `FIB_RULE_INVERT`: the rule is for everything but what it names. */
const INVERT = 0x2;

/** An interface without its addresses. */
export interface LinkReading {
  readonly index: number;
  readonly mtu: number;
  readonly up: boolean;
}

/** The answer to a question for one interface; null when it is cut short. */
export function linkIn({ body }: Message): LinkReading | null {
  const mtu = numberIn(attributesIn(body, STRUCT.link), IFLA.mtu);
  if (body.length < STRUCT.link || mtu === undefined) return null;
  return { index: body.readInt32LE(4), mtu, up: (body.readUInt32LE(8) & IFF_UP) !== 0 };
}

/** The addresses of the interface with this index, with their length; link-local ones that the kernel made are left out. */
export function addressesIn(messages: readonly Message[], index: number): readonly InterfaceAddress[] {
  return messages.flatMap(({ body }) => {
    if (body.length < STRUCT.address || body.readUInt32LE(4) !== index) return [];
    if (body.readUInt8(3) === SCOPE.link) return [];
    const attributes = attributesIn(body, STRUCT.address);
    // On a point-to-point link the address is the other end's.
    const own = attributes.get(IFA.local) ?? attributes.get(IFA.address);
    if (own === undefined) return [];
    const parsed = parseInterfaceAddress(`${formatAddress([...own])}/${body.readUInt8(1)}`);
    return parsed.ok ? [parsed.value] : [];
  });
}

/** The routes of our table. `nameOf` answers the name of the interface with an index; "" = there is none. */
export function routesIn(
  messages: readonly Message[],
  tunnel: string,
  nameOf: (index: number) => string,
): readonly ActualRoute[] {
  return messages.flatMap(({ body }) => {
    const family = familyIn(body);
    if (body.length < STRUCT.route || family === null || (body.readUInt32LE(8) & CLONED) !== 0) return [];
    const attributes = attributesIn(body, STRUCT.route);
    if ((numberIn(attributes, RTA.table) ?? body.readUInt8(4)) !== TABLE) return [];
    const to = prefixIn(attributes.get(RTA.dst), body.readUInt8(1), family);
    if (to === null) return [];
    const metric = numberIn(attributes, RTA.priority) ?? 0;
    const via = viaIn(body.readUInt8(7), attributes, tunnel, nameOf);
    const tos = body.readUInt8(3);
    const from =
      body.readUInt8(2) === 0 ? null : prefixIn(attributes.get(RTA.src), body.readUInt8(2), family);
    const only = tos === 0 && from === null ? {} : { only: { tos, from } };
    return [{ family, to, metric, via, ...only }];
  });
}

function viaIn(
  type: number,
  attributes: Attributes,
  tunnel: string,
  nameOf: (index: number) => string,
): Route["via"] | null {
  if (type === ROUTE_TYPE.unreachable) return { kind: "unreachable" };
  if (type !== ROUTE_TYPE.unicast) return null;
  if ([RTA.gateway, RTA.via, RTA.multipath].some((one) => attributes.has(one))) return null;
  const name = nameOf(numberIn(attributes, RTA.oif) ?? 0);
  if (name !== tunnel) return { kind: "link", interface: name };
  const metrics = attributes.get(RTA.metrics);
  const mtu = metrics === undefined ? undefined : numberIn(attributesIn(metrics, 0), RTA.mtu);
  return { kind: "tunnel", mtu: mtu ?? null };
}

/** The rules at our priorities. */
export function rulesIn(messages: readonly Message[]): readonly ActualRule[] {
  const ours: readonly number[] = Object.values(RULE);
  return messages.flatMap(({ body }) => {
    const family = familyIn(body);
    if (body.length < STRUCT.rule || family === null) return [];
    const attributes = attributesIn(body, STRUCT.rule);
    const priority = numberIn(attributes, FRA.priority) ?? 0;
    return ours.includes(priority)
      ? [{ family, priority, rule: ruleIn(body, attributes, family, priority) }]
      : [];
  });
}

/** What a rule of ours never has: with it, the rule is another's. What newer kernels may know is not among them. */
const FOREIGN = [
  ...[FRA.iifname, FRA.oifname, FRA.goto, FRA.flow, FRA.tunId, FRA.uidRange, FRA.sport],
  ...[FRA.dscp, FRA.flowlabel, FRA.flowlabelMask],
];

function ruleIn(body: Buffer, attributes: Attributes, family: Family, priority: number): Rule | null {
  const off = (type: number): boolean => (numberIn(attributes, type) ?? OFF) === OFF;
  if (FOREIGN.some((type) => attributes.has(type)) || (body.readUInt32LE(8) & INVERT) !== 0) return null;
  if (!off(FRA.suppressGroup) || !off(FRA.suppressLength)) return null;
  if ((attributes.get(FRA.l3mdev)?.[0] ?? 0) !== 0 || body.readUInt8(3) !== 0) return null;
  const mark = numberIn(attributes, FRA.fwmark) ?? 0;
  if (mark !== 0 && (numberIn(attributes, FRA.fwmask) ?? OFF) !== OFF) return null;
  const to = prefixIn(attributes.get(FRA.dst), body.readUInt8(1), family);
  const from = prefixIn(attributes.get(FRA.src), body.readUInt8(2), family);
  const action = actionIn(body, attributes);
  if (to === null || from === null || action === null) return null;
  const any = family === 4 ? "0.0.0.0/0" : "::/0";
  const source = from === any ? null : single(from, family);
  const port = portIn(attributes.get(FRA.dport));
  const protocol = attributes.get(FRA.ipProto)?.[0] ?? 0;
  const udpTo = protocol === IPPROTO_UDP ? single(to, family) : null;
  if (source === undefined || udpTo === undefined || port === undefined) return null;
  if (protocol !== 0 && udpTo === null) return null;
  return {
    ...{ family, priority, udpTo, action },
    mark: mark === 0 ? null : mark,
    to: udpTo !== null || to === any ? null : to,
    port,
    from: source,
  };
}

/** Null = any; undefined for more than one. */
function portIn(range: Buffer | undefined): number | null | undefined {
  if (range === undefined) return null;
  const port = range.length < 4 ? undefined : range.readUInt16LE(0);
  return port === undefined || port !== range.readUInt16LE(2) ? undefined : port;
}

/** The address of a prefix that holds one; undefined for a longer one. */
function single(prefix: Prefix, family: Family): Rule["from"] | undefined {
  const [address = "", length] = prefix.split("/");
  return Number(length) === (family === 4 ? 32 : 128) ? (address as Rule["from"]) : undefined;
}

function actionIn(body: Buffer, attributes: Attributes): Rule["action"] | null {
  const action = body.readUInt8(7);
  if (action === RULE_ACTION.unreachable) return "unreachable";
  if (action !== RULE_ACTION.table) return null;
  const table = numberIn(attributes, FRA.table) ?? body.readUInt8(4);
  if (table === TABLE_MAIN) return "main";
  return table === TABLE ? "table" : null;
}

/** A prefix from its bytes; without any it is everything. null when it is none. */
function prefixIn(bytes: Buffer | undefined, length: number, family: Family): Prefix | null {
  const address = bytes === undefined ? Array<number>(family === 4 ? 4 : 16).fill(0) : [...bytes];
  const parsed = parseKernelPrefix(`${formatAddress(address)}/${length}`);
  return parsed.ok ? parsed.value : null;
}

function familyIn(body: Buffer): Family | null {
  switch (body[0]) {
    case FAMILY[4]:
      return 4;
    case FAMILY[6]:
      return 6;
    default:
      return null;
  }
}
