/**
 * What `ip` does, without the program: interfaces, addresses, routes, rules and neighbours through rtnetlink(7). The
 * calls are synchronous; each takes far less than starting a program.
 */
import { constants } from "node:os";
import { bytesOf, familyOf, type Address, type Family } from "../../../wireguard/address.ts";
import { OperationError } from "../../operation-error.ts";
import { libc } from "../libc.ts";
import { TABLE } from "../marks.ts";
import { describe, type IpChange } from "../plan-ip.ts";
import type { ActualRoute, ActualRule, Link } from "../actual-state.ts";
import { attribute, attributesIn, FAMILY, MESSAGE, nameBytes, number32, numberIn } from "./message.ts";
import { addressesIn, linkIn, routesIn, rulesIn } from "./readings.ts";
import {
  createLink,
  deleteLink,
  deleteNeighbour,
  IFLA,
  linkHeader,
  requestOf,
  ROUTE_TYPE,
  RTA,
  STRUCT,
} from "./requests.ts";
import { NetlinkError, NetlinkSocket } from "./socket.ts";

const { ENODEV, ENOENT, EOPNOTSUPP } = constants.errno;
const FAMILIES = [4, 6] as const;
/** `NUD_INCOMPLETE`: asked for and not answered. */
const INCOMPLETE = 0x1;
const NDA_DST = 1;

/** Carries out changes one after the other. Throws an `OperationError` at the first that the kernel refuses. */
export function applyIp(changes: readonly IpChange[]): void {
  using socket = openSocket();
  for (const change of changes) {
    try {
      if (change.do === "forget_unresolved") forgetUnresolved(socket);
      else socket.change(requestOf(change, indexOf));
    } catch (error) {
      throw refusal(`ip ${describe(change)}`, error);
    }
  }
}

/** Makes an interface of this kind. False = this kernel does not know the kind. Throws an `OperationError`. */
export function makeLink(name: string, kind: "wireguard"): boolean {
  using socket = openSocket();
  try {
    socket.change(createLink(name, kind));
    return true;
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === EOPNOTSUPP) return false;
    throw refusal(`ip link add ${name} type ${kind}`, error);
  }
}

/** Removes an interface. False = there is none of this name. Throws an `OperationError`. */
export function removeLink(name: string): boolean {
  const index = libc().if_nametoindex(name);
  if (index === 0) return false;
  using socket = openSocket();
  try {
    socket.change(deleteLink(index));
    return true;
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === ENODEV) return false;
    throw refusal(`ip link del ${name}`, error);
  }
}

/** What there is of an interface, of our table and at our priorities. Throws an `OperationError`. */
export function readIp(name: string): {
  readonly link: Link | null;
  readonly routes: readonly ActualRoute[];
  readonly rules: readonly ActualRule[];
} {
  using socket = openSocket();
  try {
    return {
      link: readLink(socket, name),
      routes: FAMILIES.flatMap((family) => readRoutes(socket, family, name)),
      rules: FAMILIES.flatMap((family) =>
        rulesIn(socket.dump({ type: MESSAGE.getRule, body: familyHeader(family, STRUCT.rule) })),
      ),
    };
  } catch (error) {
    throw refusal("reading links, routes and rules", error);
  }
}

/**
 * The interface by which the kernel sends packets with this mark to an address; null = there is no way (whatever the
 * reason: no route, one that refuses, or nobody to ask), or it does not lead out of this machine.
 */
export function wayOut(address: Address, mark: number): string | null {
  const family = familyOf(address);
  const bytes = bytesOf(address);
  const header = familyHeader(family, STRUCT.route);
  header.writeUInt8(bytes.length * 8, 1);
  const body = Buffer.concat([header, attribute(RTA.dst, bytes), attribute(RTA.mark, number32(mark))]);
  try {
    using socket = new NetlinkSocket();
    const answer = socket.get({ type: MESSAGE.getRoute, flags: 0, body });
    if (answer === undefined || answer.body.length < STRUCT.route) return null;
    if (answer.body.readUInt8(7) !== ROUTE_TYPE.unicast) return null;
    const index = numberIn(attributesIn(answer.body, STRUCT.route), RTA.oif) ?? 0;
    return nameOf(socket, index) || null;
  } catch (error) {
    if (error instanceof NetlinkError) return null;
    throw error;
  }
}

function openSocket(): NetlinkSocket {
  try {
    return new NetlinkSocket();
  } catch (error) {
    throw refusal("opening a socket to the kernel", error);
  }
}

function readLink(socket: NetlinkSocket, name: string): Link | null {
  const body = Buffer.concat([linkHeader(0, 0), attribute(IFLA.ifname, nameBytes(name))]);
  const answer = orNothing([ENODEV], () => socket.get({ type: MESSAGE.getLink, flags: 0, body }));
  const link = answer === undefined ? null : linkIn(answer);
  if (link === null) return null;
  const header = Buffer.alloc(STRUCT.address);
  header.writeUInt32LE(link.index, 4);
  const addresses = orNothing([ENODEV], () => socket.dump({ type: MESSAGE.getAddress, body: header }));
  return { ...link, addresses: addressesIn(addresses ?? [], link.index) };
}

function readRoutes(socket: NetlinkSocket, family: Family, tunnel: string): readonly ActualRoute[] {
  const body = Buffer.concat([familyHeader(family, STRUCT.route), attribute(RTA.table, number32(TABLE))]);
  // The kernel makes a table with its first route.
  const messages = orNothing([ENOENT], () => socket.dump({ type: MESSAGE.getRoute, body }));
  return routesIn(messages ?? [], tunnel, (index) => nameOf(socket, index));
}

/** What was let go and waits for its neighbour's hardware address is dropped with the neighbour. */
function forgetUnresolved(socket: NetlinkSocket): void {
  const neighbours = socket.dump({ type: MESSAGE.getNeighbour, body: Buffer.alloc(STRUCT.neighbour) });
  for (const { body } of neighbours) {
    if (body.length < STRUCT.neighbour || (body.readUInt16LE(8) & INCOMPLETE) === 0) continue;
    const destination = attributesIn(body, STRUCT.neighbour).get(NDA_DST);
    if (destination === undefined) continue;
    const request = deleteNeighbour(body.readUInt8(0), body.readInt32LE(4), destination);
    // It may have answered, or be gone with its interface, meanwhile.
    orNothing([ENOENT, ENODEV], () => socket.change(request));
  }
}

function indexOf(name: string): number {
  const index = libc().if_nametoindex(name);
  if (index === 0) throw new NetlinkError(ENODEV);
  return index;
}

/** "" = there is none. */
function nameOf(socket: NetlinkSocket, index: number): string {
  const answer = orNothing([ENODEV], () =>
    socket.get({ type: MESSAGE.getLink, flags: 0, body: linkHeader(index, 0) }),
  );
  const name = answer === undefined ? undefined : attributesIn(answer.body, STRUCT.link).get(IFLA.ifname);
  return name?.toString("latin1").replace(/\0.*$/s, "") ?? "";
}

function familyHeader(family: Family, length: number): Buffer {
  const header = Buffer.alloc(length);
  header.writeUInt8(FAMILY[family], 0);
  return header;
}

/** The answer, or undefined where the kernel says one of these. */
function orNothing<T>(codes: readonly number[], ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof NetlinkError && codes.includes(error.errno)) return undefined;
    throw error;
  }
}

function refusal(what: string, error: unknown): OperationError {
  return new OperationError({
    code: "program_failed",
    message: `${what}: ${error instanceof Error ? error.message : String(error)}`,
    remedy: "It is tried again by itself. If it stays, send the diagnostics of this machine.",
  });
}
