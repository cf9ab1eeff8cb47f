/**
 * Whose program is on the other end of a loopback connection. An address with the pass stands in the arguments of
 * the browser that opens it, where every user of the machine can read it: it has to be worth nothing to them.
 */
import { readFileSync } from "node:fs";

/**
 * The uid that owns the socket with these ports on 127.0.0.1, in the text of `/proc/net/tcp` (proc(5)): `local` is
 * the peer's own port, `remote` ours. undefined = there is none.
 */
export function uidOfSocket(text: string, local: number, remote: number): number | undefined {
  // Addresses are in the byte order of the machine; both of ours are.
  const hex = (port: number): string => `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of text.split("\n")) {
    const [, from, to, , , , , uid] = line.trim().split(/\s+/);
    if (from === hex(local) && to === hex(remote)) return Number(uid);
  }
  return undefined;
}

/** Whether it can be told here whose program a peer is: the list is Linux's own. */
export const TELLS_OWNERS = process.platform === "linux" && process.getuid !== undefined;

/** Whether the peer is a program of the user whom we run as. Where that cannot be told, it is taken for one. */
export function isOurs(peerPort: number | undefined, ourPort: number): boolean {
  if (!TELLS_OWNERS || process.getuid === undefined) return true;
  if (peerPort === undefined) return false;
  return uidOfSocket(readFileSync("/proc/net/tcp", "utf8"), peerPort, ourPort) === process.getuid();
}
