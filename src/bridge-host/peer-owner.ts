/**
 * Whose program is on the other end of a loopback connection. An address with the pass stands in the arguments of
 * the browser that opens it, where every user of the machine can read it: it has to be worth nothing to them.
 */
import { readFileSync } from "node:fs";

/**
 * The uids that own the sockets connected to 127.0.0.1:`ourPort`, by their own port, in the text of `/proc/net/tcp`
 * (proc(5)).
 */
export function uidsOfPeers(text: string, ourPort: number): ReadonlyMap<number, number> {
  // Addresses are in the byte order of the machine; both of ours are.
  const ours = `0100007F:${ourPort.toString(16).toUpperCase().padStart(4, "0")}`;
  const uids = new Map<number, number>();
  for (const line of text.split("\n")) {
    const [, from, to, , , , , uid] = line.trim().split(/\s+/);
    if (to !== ours) continue;
    const [address, port] = from?.split(":") ?? [];
    if (address === "0100007F" && port !== undefined) uids.set(parseInt(port, 16), Number(uid));
  }
  return uids;
}

/** Whether it can be told here whose program a peer is: the list is Linux's own. */
export const TELLS_OWNERS = process.platform === "linux" && process.getuid !== undefined;

/**
 * Tells of a peer's port whether it is a program of the user whom we run as, from one look at those connected to
 * `ourPort` now. Where that cannot be told, everybody is taken for one.
 */
export function ownPeers(ourPort: number): (peerPort: number | undefined) => boolean {
  const us = process.getuid?.();
  if (!TELLS_OWNERS || us === undefined) return () => true;
  const uids = uidsOfPeers(readFileSync("/proc/net/tcp", "utf8"), ourPort);
  return (peerPort) => peerPort !== undefined && uids.get(peerPort) === us;
}
