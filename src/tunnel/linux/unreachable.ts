/**
 * Tells a program of this machine what a firewall on its way would tell it: that the way is administratively prohibited
 * (RFC 1812, section 5.2.7.1; RFC 4443, section 3.1). The error goes from its own address to the same, over loopback,
 * with the head of a packet that it might have sent; the kernel finds the socket by that.
 */
import { bytesOf, familyOf, type Family } from "../../wireguard/address.ts";
import { checksum, socketAddress } from "./echo.ts";
import { AF_INET, AF_INET6, libc, SOCK_FLAGS, SOCK_RAW } from "./libc.ts";
import type { Ends } from "./netlink/sock-diag.ts";

const IPPROTO = { icmp: 1, udp: 17, icmp6: 58 } as const;
/** Type and code. */
const PROHIBITED = { 4: [3, 13], 6: [1, 1] } as const;
/** Before the packet that is quoted. */
const HEAD = 8;
const UDP_HEADER = 8;
const ANY_TTL = 64;

/** Tells the connected UDP sockets with these ends. Where no raw socket can be had, nobody is told. */
export function tellUnreachable(all: readonly Ends[]): void {
  for (const family of [4, 6] as const)
    tellFamily(
      family,
      all.filter(({ local }) => familyOf(local.address) === family),
    );
}

function tellFamily(family: Family, all: readonly Ends[]): void {
  if (all.length === 0) return;
  const { socket, sendto, close } = libc();
  const [domain, protocol] = family === 4 ? [AF_INET, IPPROTO.icmp] : [AF_INET6, IPPROTO.icmp6];
  const fd = socket(domain, SOCK_RAW | SOCK_FLAGS, protocol);
  if (fd < 0) return;
  for (const ends of all) {
    // What is sent to an address of one's own comes from it.
    const own = socketAddress(ends.local.address);
    const packet = unreachable(ends);
    sendto(fd, packet, packet.length, 0, own, own.length);
  }
  close(fd);
}

/** The ICMP message for what was sent from one end to the other over UDP. The kernel fills in ICMPv6's checksum. */
export function unreachable({ local, remote }: Ends): Buffer {
  const family = familyOf(local.address);
  const udp = Buffer.alloc(UDP_HEADER);
  udp.writeUInt16BE(local.port, 0);
  udp.writeUInt16BE(remote.port, 2);
  udp.writeUInt16BE(UDP_HEADER, 4);
  const head = Buffer.alloc(HEAD);
  head.set(PROHIBITED[family], 0);
  const message = Buffer.concat([head, family === 4 ? header4(local, remote) : header6(local, remote), udp]);
  if (family === 4) message.writeUInt16BE(checksum(message), 2);
  return message;
}

function header4(local: Ends["local"], remote: Ends["remote"]): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(header.length + UDP_HEADER, 2);
  header.set([ANY_TTL, IPPROTO.udp], 8);
  header.set(bytesOf(local.address), 12);
  header.set(bytesOf(remote.address), 16);
  header.writeUInt16BE(checksum(header), 10);
  return header;
}

function header6(local: Ends["local"], remote: Ends["remote"]): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(UDP_HEADER, 4);
  header.set([IPPROTO.udp, ANY_TTL], 6);
  header.set(bytesOf(local.address), 8);
  header.set(bytesOf(remote.address), 24);
  return header;
}
