/** Questions about this machine's sockets, over sock_diag(7) (linux/inet_diag.h). */
import { constants } from "node:os";
import { formatAddress, type Address, type Family } from "../../../wireguard/address.ts";
import { FAMILY } from "./message.ts";
import { NetlinkError, NetlinkSocket } from "./socket.ts";

const SOCK_DIAG_BY_FAMILY = 20;
const SOCK_DESTROY = 21;
const PROTOCOL = { tcp: 6, udp: 17 } as const;
/** A bit mask of states; a connected UDP socket is called established. */
const STATES = { all: 0xffffffff, established: 1 << 1 } as const;
/** `struct inet_diag_req_v2`: what is asked for, then a `struct inet_diag_sockid`. */
const REQUEST = { length: 56, cookie: 48 } as const;
/** `struct inet_diag_msg`: the same, after four bytes of what it is. */
const ANSWER = { localPort: 4, remotePort: 6, local: 8, remote: 24, length: 72 } as const;
const ADDRESS_BYTES = { 4: 4, 6: 16 } as const;

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

/**
 * Whether the kernel can end sockets: it is asked to end one that is not there, and either finds none or does not know
 * how (`CONFIG_INET_DIAG_DESTROY`).
 */
export function isDestroyKnown(): boolean {
  try {
    using socket = new NetlinkSocket("sockets");
    socket.change({ type: SOCK_DESTROY, flags: 0, body: request(4, "tcp", STATES.all) });
    return true;
  } catch (error) {
    return error instanceof NetlinkError && error.errno === constants.errno.ENOENT;
  }
}

/** The connected UDP sockets of this network namespace; empty where the kernel does not tell. */
export function connectedUdp(): readonly Ends[] {
  try {
    using socket = new NetlinkSocket("sockets");
    return ([4, 6] as const).flatMap((family) =>
      socket
        .dump({ type: SOCK_DIAG_BY_FAMILY, body: request(family, "udp", STATES.established) })
        .flatMap(({ body }) => endsIn(body, family)),
    );
  } catch (error) {
    if (error instanceof NetlinkError) return [];
    throw error;
  }
}

function request(family: Family, protocol: keyof typeof PROTOCOL, states: number): Buffer {
  const body = Buffer.alloc(REQUEST.length);
  body.writeUInt8(FAMILY[family], 0);
  body.writeUInt8(PROTOCOL[protocol], 1);
  body.writeUInt32LE(states, 4);
  // No cookie.
  body.fill(0xff, REQUEST.cookie);
  return body;
}

/** Both ends; empty for what is cut short. An IPv6 socket that speaks IPv4 has mapped addresses (RFC 4291, 2.5.5.2). */
function endsIn(body: Buffer, family: Family): readonly Ends[] {
  if (body.length < ANSWER.length) return [];
  const address = (at: number): Address => {
    const bytes = body.subarray(at, at + ADDRESS_BYTES[family]);
    const isMapped = family === 6 && bytes.subarray(0, 12).equals(MAPPED);
    return formatAddress([...(isMapped ? bytes.subarray(12) : bytes)]);
  };
  return [
    {
      local: { address: address(ANSWER.local), port: body.readUInt16BE(ANSWER.localPort) },
      remote: { address: address(ANSWER.remote), port: body.readUInt16BE(ANSWER.remotePort) },
    },
  ];
}

const MAPPED = Buffer.from("00000000000000000000ffff", "hex");
