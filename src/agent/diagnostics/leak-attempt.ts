/**
 * Tries to get one packet past the tunnel, as any program could, and never lets it arrive anywhere: it lives for one
 * hop (TTL 1), and its checksum is wrong, so that whoever gets it throws it away. Raw sockets, because for these the
 * kernel says whether the firewall refused the packet (EPERM), also for TCP. Linux only.
 */
import { readFileSync } from "node:fs";
import { socketAddress } from "../../tunnel/linux/echo.ts";
import { bytesOf, familyOf, type Address } from "../../wireguard/address.ts";
import { AF_INET, AF_INET6, libc, SOCK_FLAGS, SOL_SOCKET, SO_BINDTODEVICE } from "../../tunnel/linux/libc.ts";

const SOCK_RAW = 3;
const PROTOCOL = { tcp: 6, udp: 17 } as const;
/** Level and name of the option for the number of hops: `IP_TTL`, `IPV6_UNICAST_HOPS`. */
const HOPS = { 4: [0, 2], 6: [41, 16] } as const;
/** Refused: by the firewall (EPERM), by an `unreachable` route (EHOSTUNREACH), by a `prohibit` one (EACCES). */
const REFUSALS: readonly number[] = [1, 113, 13];
/** No route there, or a rule that says so: for IPv6 the kernel has one word for both. */
const ENETUNREACH = 101;
const ROUTES_6 = "/proc/net/ipv6_route";
const RTF_REJECT = 0x200;
/** An unprivileged port that nobody listens at. */
const SOURCE_PORT = 49_517;

/** One attempt: a packet to an address and port that is to leave by an interface whatever the routes say. */
export interface Attempt {
  readonly interface: string;
  readonly protocol: "tcp" | "udp";
  readonly address: Address;
  readonly port: number;
}

/** `refused`: the firewall or a route did not let it out. `no_way`: nothing leads there, so nobody had to refuse it. */
export type Outcome = "let_out" | "refused" | "no_way";

/**
 * Whether a route of an interface leads to an IPv6 address, in any table: then it was a rule that refused. `text`: lines
 * of `/proc/net/ipv6_route` (prefix, its length, source, its length, next hop, metric, two counts, flags, interface).
 */
export function leadsThere(text: string, address: Address, interfaceName: string): boolean {
  const bits = (bytes: readonly number[]): string =>
    bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const wanted = bits(bytesOf(address));
  return text.split("\n").some((line) => {
    const [prefix = "", length = "", , , , , , , flags = "", name] = line.trim().split(/\s+/);
    if (name !== interfaceName || (Number.parseInt(flags, 16) & RTF_REJECT) !== 0) return false;
    const own = bits([...Buffer.from(prefix, "hex")]);
    return wanted.startsWith(own.slice(0, Number.parseInt(length, 16)));
  });
}

/** Makes the attempt. Throws where no raw socket can be had (no CAP_NET_RAW): then nothing is known. */
export function tryToLeave({ interface: name, protocol, address, port }: Attempt): Outcome {
  const family = familyOf(address);
  const { socket, setsockopt, sendto, close, errno } = libc();
  const fd = socket(family === 4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_FLAGS, PROTOCOL[protocol]);
  if (fd < 0) throw new Error(`no raw socket of family IPv${family}: errno ${errno()}`);
  try {
    const option = (level: number, which: number, value: Buffer): void => {
      if (setsockopt(fd, level, which, value, value.length) !== 0)
        throw new Error(`the socket cannot be bound to ${name} or kept to one hop: errno ${errno()}`);
    };
    const one = Buffer.alloc(4);
    one.writeUInt32LE(1);
    const [level, hops] = HOPS[family];
    option(level, hops, one);
    option(SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${name}\0`));
    const packet = protocol === "tcp" ? connectionRequest(port) : datagram(port);
    const to = socketAddress(address);
    if (sendto(fd, packet, packet.length, 0, to, to.length) >= 0) return "let_out";
    const code = errno();
    if (REFUSALS.includes(code)) return "refused";
    const ruledOut =
      code === ENETUNREACH && family === 6 && leadsThere(readFileSync(ROUTES_6, "utf8"), address, name);
    return ruledOut ? "refused" : "no_way";
  } finally {
    close(fd);
  }
}

/** A TCP SYN (RFC 9293, section 3.1). */
function connectionRequest(port: number): Buffer {
  const segment = Buffer.alloc(20);
  segment.writeUInt16BE(SOURCE_PORT, 0);
  segment.writeUInt16BE(port, 2);
  segment.writeUInt8(5 << 4, 12);
  segment.writeUInt8(0x02, 13);
  segment.writeUInt16BE(0xdead, 16);
  return segment;
}

/** An empty UDP datagram (RFC 768). A checksum of zero would mean that there is none. */
function datagram(port: number): Buffer {
  const packet = Buffer.alloc(8);
  packet.writeUInt16BE(SOURCE_PORT, 0);
  packet.writeUInt16BE(port, 2);
  packet.writeUInt16BE(packet.length, 4);
  packet.writeUInt16BE(0xdead, 6);
  return packet;
}
