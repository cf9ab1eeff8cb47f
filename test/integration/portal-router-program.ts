/**
 * A router that advertises a page to sign in at (RFC 8910, option 37 of a router advertisement; RFC 4861). Sends one
 * advertisement to all nodes of a link. Usage: `portal-router-program.ts <interface> <text>`.
 */
import koffi from "koffi";
import { readFileSync } from "node:fs";

const [, , name = "", text = ""] = process.argv;
const AF_INET6 = 10;
const SOCK_RAW = 3;
const IPPROTO_ICMPV6 = 58;
const IPPROTO_IPV6 = 41;
const IPV6_MULTICAST_IF = 17;
const IPV6_MULTICAST_HOPS = 18;

const library = koffi.load("libc.so.6");
const socket = library.func("int socket(int, int, int)") as (...numbers: number[]) => number;
const setsockopt = library.func("int setsockopt(int, int, int, _In_ void*, uint32_t)") as unknown as (
  fd: number,
  level: number,
  option: number,
  value: Buffer,
  length: number,
) => number;
const sendto = library.func(
  "intptr_t sendto(int, _In_ void*, size_t, int, _In_ void*, uint32_t)",
) as unknown as (
  fd: number,
  message: Buffer,
  length: number,
  flags: number,
  to: Buffer,
  toLength: number,
) => number;

const word = (value: number): Buffer => {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return buffer;
};

const index = Number(readFileSync(`/sys/class/net/${name}/ifindex`, "utf8"));
const fd = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
const set = (option: number, value: number): void => {
  if (setsockopt(fd, IPPROTO_IPV6, option, word(value), 4) !== 0) throw new Error(`option ${option}`);
};
set(IPV6_MULTICAST_IF, index);
// What comes from further away than the link is not believed.
set(IPV6_MULTICAST_HOPS, 255);

/** Type 134, code, checksum (the kernel's work), hop limit, flags, lifetime 0 (no default router), times. */
const head = Buffer.from([134, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const length = Math.ceil((2 + text.length) / 8);
const option = Buffer.alloc(8 * length);
option.set([37, length]);
option.write(text, 2, "latin1");
const message = Buffer.concat([head, option]);

/** `struct sockaddr_in6` of ff02::1. */
const everybody = Buffer.alloc(28);
everybody.writeUInt16LE(AF_INET6, 0);
everybody.set([0xff, 0x02], 8);
everybody[23] = 1;
everybody.writeUInt32LE(index, 24);
if (sendto(fd, message, message.length, 0, everybody, everybody.length) !== message.length)
  throw new Error("the advertisement could not be sent");
