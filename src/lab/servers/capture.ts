/**
 * Captures what passes an interface of the host it runs on, into a ring that the kernel writes and this program
 * reads (PACKET_RX_RING, TPACKET_V2): no copy per packet, no privilege beyond the namespace's, and the kernel says
 * how many packets found no room. Usage: `capture.ts <interface>`. Prints `ready`, then packets as JSON lines; on
 * SIGTERM the rest and a last line `{"captured":n,"dropped":n}`.
 */
import { parseArgs } from "node:util";
import { readFileSync } from "node:fs";
import koffi from "koffi";
import { parsePacket } from "../packet.ts";

const libc = koffi.load("libc.so.6");
const socket = libc.func("int socket(int domain, int type, int protocol)") as (...args: number[]) => number;
const bind = libc.func("int bind(int fd, const void *address, uint32_t length)") as (
  fd: number,
  address: Buffer,
  length: number,
) => number;
const setsockopt = libc.func(
  "int setsockopt(int fd, int level, int name, const void *value, uint32_t length)",
) as (fd: number, level: number, name: number, value: Buffer, length: number) => number;
const getsockopt = libc.func(
  "int getsockopt(int fd, int level, int name, _Out_ void *value, _Inout_ uint32_t *length)",
) as (fd: number, level: number, name: number, value: Buffer, length: [number]) => number;
const mmap = libc.func(
  "void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset)",
) as (
  address: null,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => unknown;

const AF_PACKET = 17;
const SOCK_RAW = 3;
const ETH_P_ALL = 0x0003;
const SOL_PACKET = 263;
const PACKET_RX_RING = 5;
const PACKET_STATISTICS = 6;
const PACKET_VERSION = 10;
const TPACKET_V2 = 1;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;

/** Frames of 256 bytes: the kernel's header takes 66 of them, which leaves every header we look at. */
const FRAME = 256;
const BLOCK = 1024 * 1024;
const BLOCKS = 16;
const FRAMES = (BLOCK / FRAME) * BLOCKS;

/** Offsets in `struct tpacket2_hdr`, and of `sll_pkttype` in the `struct sockaddr_ll` behind it. */
const STATUS = 0;
const LENGTH = 4;
const SNAPPED = 8;
const MAC = 12;
const SECONDS = 16;
const NANOSECONDS = 20;
const PACKET_TYPE = 32 + 10;
const PACKET_OUTGOING = 4;
const USER = 1;

function check(result: number, call: string): number {
  if (result < 0) throw new Error(`${call}: errno ${koffi.errno()}`);
  return result;
}

const name = parseArgs({ allowPositionals: true }).positionals[0] ?? "";
const index = Number(readFileSync(`/sys/class/net/${name}/ifindex`, "utf8"));

const uints = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
// Protocol 0 receives nothing yet: not before the ring stands and the interface is chosen.
const fd = check(socket(AF_PACKET, SOCK_RAW, 0), "socket");
check(setsockopt(fd, SOL_PACKET, PACKET_VERSION, uints(TPACKET_V2), 4), "PACKET_VERSION");
check(setsockopt(fd, SOL_PACKET, PACKET_RX_RING, uints(BLOCK, BLOCKS, FRAME, FRAMES), 16), "PACKET_RX_RING");
const ring = Buffer.from(
  koffi.view(mmap(null, BLOCK * BLOCKS, PROT_READ_WRITE, MAP_SHARED, fd, 0), BLOCK * BLOCKS),
);
const address = Buffer.alloc(20);
address.writeUInt16LE(AF_PACKET, 0);
address.writeUInt16BE(ETH_P_ALL, 2);
address.writeInt32LE(index, 4);
check(bind(fd, address, address.length), "bind");

let next = 0;
let captured = 0;

/** Takes what the kernel has handed over since the last time. */
function drain(): void {
  const lines: string[] = [];
  for (;;) {
    const at = next * FRAME;
    if ((ring.readUInt32LE(at + STATUS) & USER) === 0) break;
    const start = at + ring.readUInt16LE(at + MAC);
    const packet = parsePacket(ring.subarray(start, start + ring.readUInt32LE(at + SNAPPED)));
    lines.push(
      `${JSON.stringify({
        ...packet,
        time: ring.readUInt32LE(at + SECONDS) * 1000 + ring.readUInt32LE(at + NANOSECONDS) / 1e6,
        direction: ring[at + PACKET_TYPE] === PACKET_OUTGOING ? "out" : "in",
        length: ring.readUInt32LE(at + LENGTH),
      })}\n`,
    );
    ring.writeUInt32LE(0, at + STATUS);
    next = (next + 1) % FRAMES;
    captured += 1;
  }
  if (lines.length > 0) process.stdout.write(lines.join(""));
}

const timer = setInterval(drain, 10);
process.once("SIGTERM", () => {
  clearInterval(timer);
  // Counts since the last reading; the first word includes the second.
  const statistics = Buffer.alloc(8);
  check(getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, statistics, [8]), "PACKET_STATISTICS");
  drain();
  process.stdout.write(`${JSON.stringify({ captured, dropped: statistics.readUInt32LE(4) })}\n`);
});
process.stdout.write("ready\n");
