/**
 * Sends one UDP datagram per source, with headers of its own making: no address of this host is asked. Run on a lab
 * host. Usage: `raw-packets.ts <destination> <port> <source>…`, all of one family.
 */
import { parseArgs } from "node:util";
import koffi from "koffi";
import { bytesOf, parseAddress, type Address } from "../../../src/wireguard/address.ts";

const libc = koffi.load("libc.so.6");
const socket = libc.func("int socket(int domain, int type, int protocol)") as (...words: number[]) => number;
const sendto = libc.func(
  "long sendto(int fd, const void *data, size_t size, int flags, const void *to, uint32_t length)",
) as (fd: number, data: Buffer, size: number, flags: number, to: Buffer, length: number) => number;

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_RAW = 3;
/** The packet brings its own IP header (raw(7)). */
const IPPROTO_RAW = 255;
const UDP = 17;
const PAYLOAD = Buffer.from("nanami raw ");

function known(text: string | undefined): Address {
  const address = parseAddress(text ?? "");
  if (!address.ok) throw new Error(address.message);
  return address.value;
}

/** The ones' complement sum of RFC 1071, complemented. */
function checksum(data: Buffer): number {
  let sum = 0;
  for (let at = 0; at < data.length; at += 2) sum += data.readUInt8(at) * 256 + (data[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function datagram(source: Buffer, destination: Buffer, port: number): Buffer {
  const length = 8 + PAYLOAD.length;
  const udp = Buffer.concat([Buffer.alloc(8), PAYLOAD]);
  udp.writeUInt16BE(port, 0);
  udp.writeUInt16BE(port, 2);
  udp.writeUInt16BE(length, 4);
  const pseudo = Buffer.alloc(8);
  pseudo.writeUInt32BE(length, 0);
  pseudo.writeUInt32BE(UDP, 4);
  udp.writeUInt16BE(checksum(Buffer.concat([source, destination, pseudo, udp])), 6);
  if (source.length === 4) {
    // Total length and checksum of the header are filled in by the kernel.
    const header = Buffer.from([0x45, 0, 0, 0, 0, 0, 0, 0, 64, UDP, 0, 0]);
    return Buffer.concat([header, source, destination, udp]);
  }
  const header = Buffer.from([0x60, 0, 0, 0, 0, length, UDP, 64]);
  return Buffer.concat([header, source, destination, udp]);
}

/** `struct sockaddr_in` or `sockaddr_in6`; the port has to be 0. */
function destinationOf(address: Buffer): Buffer {
  const text = Buffer.alloc(address.length === 4 ? 16 : 28);
  text.writeUInt16LE(address.length === 4 ? AF_INET : AF_INET6, 0);
  address.copy(text, address.length === 4 ? 4 : 8);
  return text;
}

const [to, port, ...sources] = parseArgs({ allowPositionals: true }).positionals;
const destination = Buffer.from(bytesOf(known(to)));
const fd = socket(destination.length === 4 ? AF_INET : AF_INET6, SOCK_RAW, IPPROTO_RAW);
if (fd < 0) throw new Error(`socket: errno ${koffi.errno()}`);
for (const source of sources) {
  const packet = datagram(Buffer.from(bytesOf(known(source))), destination, Number(port));
  const where = destinationOf(destination);
  if (sendto(fd, packet, packet.length, 0, where, where.length) < 0)
    throw new Error(`sendto from ${source}: errno ${koffi.errno()}`);
}
