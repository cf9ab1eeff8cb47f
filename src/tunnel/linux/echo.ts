/**
 * ICMP echo without a program: the first proof that traffic passes is awaited by somebody, and starting `ping` alone
 * takes longer than the answer. Raw sockets through the C library; Linux only. RFC 792, RFC 4443.
 */
import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { bytesOf, familyOf, type Address } from "../../wireguard/address.ts";
import { AF_INET, AF_INET6, libc, SOCK_FLAGS, SOCK_RAW } from "./libc.ts";

const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;

/** Milliseconds between requests, and between looks for an answer: at first, and when none came for a while. */
const REQUEST_MS = 20;
const LOOK_MS = { eager: 1, patient: 10 } as const;
const EAGER_FOR_MS = 500;
const ANSWER_BYTES = 256;
/** Milliseconds between looks for the answer to a single request. */
const ASK_LOOK_MS = 10;
/**
 * What a connected raw socket says when the answer was "administratively prohibited" (icmp(7)): EHOSTUNREACH and
 * EACCES. Plain "unreachable" is a passing mishap to it and says nothing.
 */
const PROHIBITED = { 4: 113, 6: 13 } as const;

/** Bytes of an echo request without data, and of the IP header before it. */
const ECHO = 8;
const HEADER = { 4: 20, 6: 40 } as const;
/** Level and name of IP_MTU_DISCOVER and IPV6_MTU_DISCOVER, and IP_PMTUDISC_PROBE. */
const MTU_DISCOVER = { 4: { level: 0, name: 10 }, 6: { level: 41, name: 23 } } as const;
const PROBE = 3;

/**
 * Sends echo requests to `address` every 20 ms until one is answered, and calls back once with the round-trip time in
 * milliseconds. Dispose to stop. Where no raw socket can be had (no root) or the network refuses, nothing is heard:
 * the caller has a time limit of its own.
 */
export function awaitEcho(address: Address, answered: (roundTripMs: number) => void): Disposable {
  const family = familyOf(address);
  const { socket, connect, send, recv, close } = libc();
  const fd =
    family === 4
      ? socket(AF_INET, SOCK_RAW | SOCK_FLAGS, IPPROTO_ICMP)
      : socket(AF_INET6, SOCK_RAW | SOCK_FLAGS, IPPROTO_ICMPV6);
  if (fd < 0) return { [Symbol.dispose]: () => undefined };

  const identifier = randomInt(0x10000);
  const sentAt = new Map<number, number>();
  const started = performance.now();
  const answer = Buffer.alloc(ANSWER_BYTES);
  const peer = socketAddress(address);
  let connected = false;
  let sequence = 0;
  let nextRequest = 0;
  let timer: NodeJS.Timeout | undefined;
  let open = true;

  const stop = (): void => {
    if (!open) return;
    open = false;
    clearTimeout(timer);
    close(fd);
  };
  const request = (now: number): void => {
    // There is no route yet in the first moments: then the next attempt connects.
    connected ||= connect(fd, peer, peer.length) === 0;
    if (!connected) return;
    sequence = (sequence + 1) & 0xffff;
    const packet = echoRequest(family, identifier, sequence);
    if (send(fd, packet, packet.length, 0) === packet.length) sentAt.set(sequence, now);
  };
  const look = (): void => {
    for (
      let length = recv(fd, answer, ANSWER_BYTES, 0);
      length > 0;
      length = recv(fd, answer, ANSWER_BYTES, 0)
    ) {
      const sent = sentAt.get(sequenceOfReply(answer.subarray(0, length), family, identifier) ?? -1);
      if (sent === undefined) continue;
      stop();
      answered(performance.now() - sent);
      return;
    }
    const now = performance.now();
    if (now >= nextRequest) {
      nextRequest = now + REQUEST_MS;
      request(now);
    }
    timer = setTimeout(look, now - started < EAGER_FOR_MS ? LOOK_MS.eager : LOOK_MS.patient);
  };
  look();
  return { [Symbol.dispose]: stop };
}

/** What came of one request: `refused` = somebody on the way said that it is administratively prohibited. */
export type Heard = "answer" | "refused" | "silence";

/**
 * Sends one echo request and waits so many milliseconds. Where nothing can be sent, nothing is heard. `bytes`: length
 * of the whole IP packet, which is sent as it is even where routes ask for smaller ones (ip(7), IP_PMTUDISC_PROBE).
 */
export async function askOnce(address: Address, patienceMs: number, bytes?: number): Promise<Heard> {
  const family = familyOf(address);
  const { socket, setsockopt, connect, send, recv, close } = libc();
  const [domain, protocol] = family === 4 ? [AF_INET, IPPROTO_ICMP] : [AF_INET6, IPPROTO_ICMPV6];
  const fd = socket(domain, SOCK_RAW | SOCK_FLAGS, protocol);
  if (fd < 0) return "silence";
  try {
    const peer = socketAddress(address);
    const identifier = randomInt(0x10000);
    const packet = echoRequest(family, identifier, 1, bytes === undefined ? ECHO : bytes - HEADER[family]);
    if (bytes !== undefined) {
      const { level, name } = MTU_DISCOVER[family];
      setsockopt(fd, level, name, Buffer.from([PROBE, 0, 0, 0]), 4);
    }
    // What fails here never left this machine, so it says nothing about anybody else.
    if (connect(fd, peer, peer.length) !== 0 || send(fd, packet, packet.length, 0) < 0) return "silence";
    const answer = Buffer.alloc(ANSWER_BYTES);
    for (const end = performance.now() + patienceMs; performance.now() < end;) {
      const length = recv(fd, answer, ANSWER_BYTES, 0);
      if (length < 0 && libc().errno() === PROHIBITED[family]) return "refused";
      if (length > 0 && sequenceOfReply(answer.subarray(0, length), family, identifier) === 1)
        return "answer";
      await pause(ASK_LOOK_MS);
    }
    return "silence";
  } finally {
    close(fd);
  }
}

/** An echo request, 8 bytes and more. The kernel fills in the checksum of ICMPv6 (RFC 3542, section 3.1). */
export function echoRequest(family: 4 | 6, identifier: number, sequence: number, length = ECHO): Buffer {
  const packet = Buffer.alloc(length);
  packet.writeUInt8(family === 4 ? 8 : 128, 0);
  packet.writeUInt16BE(identifier, 4);
  packet.writeUInt16BE(sequence, 6);
  if (family === 4) packet.writeUInt16BE(checksum(packet), 2);
  return packet;
}

/** The sequence number of an answer to us; undefined for anything else. A raw IPv4 socket gives the IP header too. */
export function sequenceOfReply(bytes: Buffer, family: 4 | 6, identifier: number): number | undefined {
  const start = family === 4 ? ((bytes[0] ?? 0) & 0x0f) * 4 : 0;
  if (bytes.length < start + 8) return undefined;
  const isReply = bytes.readUInt8(start) === (family === 4 ? 0 : 129) && bytes.readUInt8(start + 1) === 0;
  if (!isReply || bytes.readUInt16BE(start + 4) !== identifier) return undefined;
  return bytes.readUInt16BE(start + 6);
}

/** Internet checksum (RFC 1071) of a packet of an even length whose checksum field is zero. */
export function checksum(packet: Buffer): number {
  let sum = 0;
  for (let index = 0; index < packet.length; index += 2) sum += packet.readUInt16BE(index);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** `struct sockaddr_in` or `sockaddr_in6`, without a port: raw sockets take none. */
export function socketAddress(address: Address): Buffer {
  const four = familyOf(address) === 4;
  const result = Buffer.alloc(four ? 16 : 28);
  result.writeUInt16LE(four ? AF_INET : AF_INET6, 0);
  result.set(bytesOf(address), four ? 4 : 8);
  return result;
}
