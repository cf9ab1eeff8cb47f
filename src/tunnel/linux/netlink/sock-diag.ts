/** This machine's sockets, over sock_diag(7) (linux/inet_diag.h): which there are, and the end of some. */
import { constants } from "node:os";
import { formatAddress, type Address, type Family } from "../../../wireguard/address.ts";
import { attributesIn, FAMILY, numberIn } from "./message.ts";
import { NetlinkError, NetlinkSocket } from "./socket.ts";

const SOCK_DIAG_BY_FAMILY = 20;
const SOCK_DESTROY = 21;
const PROTOCOL = { tcp: 6, udp: 17 } as const;
type Protocol = keyof typeof PROTOCOL;
/** States of a socket that has another end, as bits (include/net/tcp_states.h); not those that only wait for the end. */
const STATES = {
  tcp: [1, 3, 4, 5, 8, 9, 11, 12].reduce((mask, state) => mask | (1 << state), 0),
  /** A connected UDP socket is called established. */
  udp: 1 << 1,
} as const;
/** `struct inet_diag_req_v2`: what is asked for, then a `struct inet_diag_sockid`. */
const REQUEST = { id: 8, length: 56, cookie: 48 } as const;
/** `struct inet_diag_msg`: four bytes, the same identity, and what the socket is doing; attributes follow. */
const ANSWER = {
  id: 4,
  idLength: 48,
  localPort: 4,
  remotePort: 6,
  local: 8,
  remote: 24,
  length: 72,
} as const;
const INET_DIAG_MARK = 15;
const ADDRESS_BYTES = { 4: 4, 6: 16 } as const;
/** Before an IPv4 address in an IPv6 one (RFC 4291, section 2.5.5.2). */
const MAPPED = Buffer.from("00000000000000000000ffff", "hex");

/** One end of a connection. */
export interface End {
  readonly address: Address;
  readonly port: number;
}

/** Both ends of a connection. */
export interface Ends {
  readonly local: End;
  readonly remote: End;
}

/** A socket that has another end. */
export interface Connected extends Ends {
  readonly protocol: Protocol;
  readonly family: Family;
  /** `SO_MARK`; 0 = none. */
  readonly mark: number;
  /** By which the kernel knows it. */
  readonly id: Buffer;
}

/**
 * Whether the kernel tells of TCP sockets and can end them: asked to end one that is not there, it either finds none or
 * does not know how (`CONFIG_INET_DIAG_DESTROY`). Where it does not tell of them, it would find none either.
 */
export function canDestroy(): boolean {
  try {
    connectedSockets("tcp");
  } catch {
    return false;
  }
  try {
    using socket = new NetlinkSocket("sockets");
    socket.change({ type: SOCK_DESTROY, flags: 0, body: request("tcp", 4, STATES.tcp) });
    return true;
  } catch (error) {
    return error instanceof NetlinkError && error.errno === constants.errno.ENOENT;
  }
}

/** The sockets of this network namespace that have another end. Throws a `NetlinkError` where the kernel does not tell. */
export function connectedSockets(protocol: Protocol): readonly Connected[] {
  using socket = new NetlinkSocket("sockets");
  return ([4, 6] as const).flatMap((family) =>
    socket
      .dump({ type: SOCK_DIAG_BY_FAMILY, body: request(protocol, family, STATES[protocol]) })
      .flatMap(({ body }) => connectedIn(body, protocol, family)),
  );
}

/** Ends sockets: their programs are told that the connection was aborted. One that is gone meanwhile is left out. */
export function destroySockets(sockets: readonly Connected[]): void {
  using netlink = new NetlinkSocket("sockets");
  for (const { protocol, family, id } of sockets) {
    const body = request(protocol, family, STATES[protocol]);
    body.set(id, REQUEST.id);
    try {
      netlink.change({ type: SOCK_DESTROY, flags: 0, body });
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
    }
  }
}

function request(protocol: Protocol, family: Family, states: number): Buffer {
  const body = Buffer.alloc(REQUEST.length);
  body.writeUInt8(FAMILY[family], 0);
  body.writeUInt8(PROTOCOL[protocol], 1);
  body.writeUInt32LE(states, 4);
  // No cookie.
  body.fill(0xff, REQUEST.cookie);
  return body;
}

/** One socket; empty for what is cut short. */
function connectedIn(body: Buffer, protocol: Protocol, family: Family): readonly Connected[] {
  if (body.length < ANSWER.length) return [];
  const end = (address: number, port: number): End => {
    const bytes = body.subarray(address, address + ADDRESS_BYTES[family]);
    const isMapped = family === 6 && bytes.subarray(0, MAPPED.length).equals(MAPPED);
    return {
      address: formatAddress([...(isMapped ? bytes.subarray(MAPPED.length) : bytes)]),
      port: body.readUInt16BE(port),
    };
  };
  return [
    {
      ...{ protocol, family },
      local: end(ANSWER.local, ANSWER.localPort),
      remote: end(ANSWER.remote, ANSWER.remotePort),
      mark: numberIn(attributesIn(body, ANSWER.length), INET_DIAG_MARK) ?? 0,
      id: Buffer.from(body.subarray(ANSWER.id, ANSWER.id + ANSWER.idLength)),
    },
  ];
}
