/**
 * The few calls of the C library that Node does not offer: sockets with a mark, raw ones, netlink, and who is behind a
 * unix socket.
 * Linux only; numbers from the kernel's generic ABI (x86-64 and arm64 agree on all of them).
 */
import koffi from "koffi";

export const SOL_SOCKET = 1;
export const SO_PEERCRED = 17;
export const SO_BINDTODEVICE = 25;
export const SO_MARK = 36;
export const SO_PEERGROUPS = 59;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
/** Every socket: not blocking, and not inherited by child processes. */
export const SOCK_FLAGS = 0o4000 | 0o2000000;

/** `errno` values that are told apart. */
export const ERRNO = { ERANGE: 34, ENOPROTOOPT: 92 } as const;

interface Libc {
  readonly socket: (family: number, type: number, protocol: number) => number;
  readonly setsockopt: (fd: number, level: number, option: number, value: Buffer, length: number) => number;
  readonly getsockopt: (
    fd: number,
    level: number,
    option: number,
    value: Buffer,
    length: Uint32Array,
  ) => number;
  readonly bind: (fd: number, address: Buffer, length: number) => number;
  readonly connect: (fd: number, address: Buffer, length: number) => number;
  readonly recv: (fd: number, buffer: Buffer, length: number, flags: number) => number;
  readonly send: (fd: number, buffer: Buffer, length: number, flags: number) => number;
  readonly sendto: (
    fd: number,
    buffer: Buffer,
    length: number,
    flags: number,
    address: Buffer,
    addressLength: number,
  ) => number;
  /** For commands that take a number. */
  readonly fcntl: (fd: number, command: number, value: number) => number;
  /** For commands that take a structure. */
  readonly fcntlWith: (fd: number, command: number, value: Buffer) => number;
  readonly dup3: (from: number, to: number, flags: number) => number;
  readonly close: (fd: number) => number;
  readonly clock_gettime: (clock: number, time: Buffer) => number;
  /** 0 = there is none of this name. */
  readonly if_nametoindex: (name: string) => number;
  /** `errno` of the last call. */
  readonly errno: () => number;
}

let loaded: Libc | undefined;

/** Loads the C library once. Throws on other systems. */
export function libc(): Libc {
  if (loaded !== undefined) return loaded;
  if (process.platform !== "linux") throw new Error(`this needs Linux; here is ${process.platform}`);
  const library = koffi.load("libc.so.6");
  loaded = {
    socket: library.func("int socket(int, int, int)") as Libc["socket"],
    setsockopt: library.func(
      "int setsockopt(int, int, int, _In_ void*, uint32_t)",
    ) as unknown as Libc["setsockopt"],
    getsockopt: library.func(
      "int getsockopt(int, int, int, _Out_ void*, _Inout_ uint32_t*)",
    ) as unknown as Libc["getsockopt"],
    bind: library.func("int bind(int, _In_ void*, uint32_t)") as unknown as Libc["bind"],
    connect: library.func("int connect(int, _In_ void*, uint32_t)") as unknown as Libc["connect"],
    recv: library.func("intptr_t recv(int, _Out_ void*, size_t, int)") as unknown as Libc["recv"],
    send: library.func("intptr_t send(int, _In_ void*, size_t, int)") as unknown as Libc["send"],
    sendto: library.func(
      "intptr_t sendto(int, _In_ void*, size_t, int, _In_ void*, uint32_t)",
    ) as unknown as Libc["sendto"],
    fcntl: library.func("int fcntl(int, int, int)") as Libc["fcntl"],
    fcntlWith: library.func("int fcntl(int, int, _In_ void*)") as unknown as Libc["fcntlWith"],
    dup3: library.func("int dup3(int, int, int)") as Libc["dup3"],
    close: library.func("int close(int)") as Libc["close"],
    clock_gettime: library.func("int clock_gettime(int, _Out_ void*)") as unknown as Libc["clock_gettime"],
    if_nametoindex: library.func("uint32_t if_nametoindex(str)") as Libc["if_nametoindex"],
    errno: () => koffi.errno(),
  };
  return loaded;
}

const CLOCK_MONOTONIC = 1;
const CLOCK_BOOTTIME = 7;

/** Milliseconds that the machine slept since it was started (clock_gettime(2)): one clock counts sleep, one does not. */
export function sleptMs(): number {
  // Elsewhere the wall clock alone has to tell.
  if (process.platform !== "linux") return 0;
  return clockMs(CLOCK_BOOTTIME) - clockMs(CLOCK_MONOTONIC);
}

function clockMs(clock: number): number {
  // `struct timespec`: seconds and nanoseconds, eight bytes each.
  const time = Buffer.alloc(16);
  libc().clock_gettime(clock, time);
  return Number(time.readBigInt64LE(0)) * 1000 + Number(time.readBigInt64LE(8)) / 1e6;
}
