/**
 * Hears what the kernel reports over netlink, the moment it happens. Node cannot wait for such a socket; the kernel
 * can send a signal when something arrived (`O_ASYNC`, fcntl(2)), and that Node can wait for. Linux only.
 */
import { AF_NETLINK, libc, SOCK_FLAGS, SOCK_RAW } from "./libc.ts";

const F_SETFL = 4;
const F_SETSIG = 10;
const F_SETOWN_EX = 15;
const F_OWNER_TID = 0;
/** In place of SIGIO: a process that does not wait for it is not ended by it, and no library takes it for the end. */
const SIGNAL = { name: "SIGURG", number: 23 } as const;
const O_NONBLOCK = 0o4000;
const O_ASYNC = 0o20000;
/** Reports were lost, for there were too many (netlink(7)). */
const ENOBUFS = 105;
const BUFFER = 65_536;

/** Which subsystem reports: `NETLINK_ROUTE`, `NETLINK_NETFILTER`. */
export const FROM = { network: 0, firewall: 12 } as const;

/** Numbers of the groups of reports that are listened to (linux/rtnetlink.h, linux/netfilter/nfnetlink.h). */
export const GROUP = {
  link: 1,
  address4: 5,
  route4: 7,
  rule4: 8,
  address6: 9,
  route6: 11,
  rule6: 19,
  routerOption: 20,
  /** What an interface does with packets: forwarding for one. */
  netconf4: 24,
  netconf6: 25,
  nftables: 7,
} as const;

/**
 * `struct f_owner_ex`: the thread that Node's own code runs in, whose number is the process's. Any other may be inside of a
 * call that a signal cuts short, one of libnftables for one.
 */
function mainThread(): Buffer {
  const owner = Buffer.alloc(8);
  owner.writeInt32LE(F_OWNER_TID, 0);
  owner.writeInt32LE(process.pid, 4);
  return owner;
}

/** Who reads when the signal came. */
const readers = new Set<() => void>();
let waits = false;

function waitForSignal(): void {
  if (waits) return;
  waits = true;
  process.on(SIGNAL.name, () => {
    for (const read of readers) read();
  });
}

/** `struct sockaddr_nl`: what a socket is bound to that listens to these groups, each below 33. */
export function groupsAddress(groups: readonly number[]): Buffer {
  const address = Buffer.alloc(12);
  address.writeUInt16LE(AF_NETLINK, 0);
  address.writeUInt32LE(
    groups.reduce((mask, group) => (mask | (1 << (group - 1))) >>> 0, 0),
    8,
  );
  return address;
}

/**
 * Listens from the return of this call on. `heard` gets each datagram, and null where some were lost. Dispose to stop.
 * Throws where the kernel refuses (reports of the firewall need CAP_NET_ADMIN).
 */
export function listenToKernel(
  protocol: (typeof FROM)[keyof typeof FROM],
  groups: readonly number[],
  heard: (datagram: Buffer | null) => void,
): Disposable {
  const { socket, bind, recv, fcntl, fcntlWith, close, errno } = libc();
  const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_FLAGS, protocol);
  if (fd < 0) throw new Error(`no netlink socket: errno ${errno()}`);
  const buffer = Buffer.alloc(BUFFER);
  const read = (): void => {
    for (;;) {
      const length = recv(fd, buffer, buffer.length, 0);
      if (length > 0) heard(buffer.subarray(0, length));
      else if (length < 0 && errno() === ENOBUFS) heard(null);
      else return;
    }
  };
  waitForSignal();
  readers.add(read);
  const stop = (): void => {
    readers.delete(read);
    close(fd);
  };
  const address = groupsAddress(groups);
  const started =
    fcntlWith(fd, F_SETOWN_EX, mainThread()) === 0 &&
    fcntl(fd, F_SETSIG, SIGNAL.number) === 0 &&
    fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC) === 0 &&
    bind(fd, address, address.length) === 0;
  if (!started) {
    const code = errno();
    stop();
    throw new Error(`the kernel's reports cannot be had: errno ${code}`);
  }
  return { [Symbol.dispose]: stop };
}
