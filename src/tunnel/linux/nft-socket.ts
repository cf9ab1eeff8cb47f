/**
 * The sockets over which libnftables speaks with the kernel. Where a call of it is given up, they are taken from it: what
 * it has not sent by then it cannot send any more, and nothing older comes after something newer.
 */
import { closeSync, openSync, readdirSync } from "node:fs";
import { AF_NETLINK, libc, SOL_SOCKET } from "./libc.ts";

const SO_PROTOCOL = 38;
const SO_DOMAIN = 39;
const NETLINK_NETFILTER = 12;
const O_CLOEXEC = 0o2000000;

/** Runs something, and answers what it made together with the sockets to the kernel's firewall that it opened. */
export function withItsSockets<T>(make: () => T): { readonly made: T; readonly sockets: readonly number[] } {
  const before = firewallSockets();
  const made = make();
  return { made, sockets: firewallSockets().filter((fd) => !before.includes(fd)) };
}

/**
 * Puts nothing in the place of these sockets, and leaves their numbers taken. A number that has become something else
 * since (older versions of the library close their socket and open another) is left alone.
 */
export function takeAway(sockets: readonly number[]): void {
  const nothing = openSync("/dev/null", "r");
  for (const fd of firewallSockets().filter((one) => sockets.includes(one)))
    libc().dup3(nothing, fd, O_CLOEXEC);
  closeSync(nothing);
}

function firewallSockets(): readonly number[] {
  const open = readdirSync("/proc/self/fd").map(Number);
  return open.filter(
    (fd) => optionOf(fd, SO_DOMAIN) === AF_NETLINK && optionOf(fd, SO_PROTOCOL) === NETLINK_NETFILTER,
  );
}

/** A number that describes a socket; null for what is none. */
function optionOf(fd: number, option: number): number | null {
  const value = Buffer.alloc(4);
  return libc().getsockopt(fd, SOL_SOCKET, option, value, new Uint32Array([4])) === 0
    ? value.readInt32LE(0)
    : null;
}
