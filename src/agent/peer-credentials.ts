/**
 * Who is behind an accepted unix socket, from the kernel: `SO_PEERCRED` (uid, gid, pid at the time of connect) and
 * `SO_PEERGROUPS` (supplementary groups at that time, Linux ≥ 4.13). Nothing a peer sends can change it.
 */
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { ERRNO, libc, SOL_SOCKET, SO_PEERCRED, SO_PEERGROUPS } from "../tunnel/linux/libc.ts";

export interface PeerCredentials {
  readonly uid: number;
  readonly gids: readonly number[];
  readonly pid: number;
}

/** The descriptor of a socket; Node keeps it on the handle and shows it nowhere else. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { _handle?: { fd?: unknown } | null };
  const fd = handle?.fd;
  if (typeof fd !== "number" || fd < 0) throw new Error("the socket has no descriptor any more");
  return fd;
}

/** Reads the credentials of the peer of an accepted unix socket. Throws when the kernel does not say. */
export function peerCredentials(socket: Socket): PeerCredentials {
  const fd = descriptorOf(socket);
  const { getsockopt, errno } = libc();
  const credentials = Buffer.alloc(12);
  const length = new Uint32Array([credentials.length]);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, length) !== 0 || length[0] !== 12)
    throw new Error(`SO_PEERCRED: errno ${errno()}`);
  const pid = credentials.readInt32LE(0);
  const uid = credentials.readUInt32LE(4);
  const gid = credentials.readUInt32LE(8);
  return { uid, pid, gids: [gid, ...supplementaryGroups(fd)] };
}

function supplementaryGroups(fd: number): readonly number[] {
  const { getsockopt, errno } = libc();
  // The kernel writes the size it needs when there is too little room.
  for (let room = 64 * 4, attempt = 0; attempt < 3; attempt += 1) {
    const groups = Buffer.alloc(room);
    const length = new Uint32Array([room]);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, length) === 0) {
      const count = (length[0] ?? 0) / 4;
      return Array.from({ length: count }, (_, index) => groups.readUInt32LE(index * 4));
    }
    if (errno() === ERRNO.ENOPROTOOPT) return [];
    if (errno() !== ERRNO.ERANGE) throw new Error(`SO_PEERGROUPS: errno ${errno()}`);
    room = length[0] ?? room * 4;
  }
  throw new Error("SO_PEERGROUPS: the groups keep changing");
}

/** The gid of a group by name from `/etc/group` (group(5)); undefined where there is none. */
export function groupId(name: string, file = "/etc/group"): number | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name}:`));
  const gid = Number(line?.split(":")[2]);
  return Number.isInteger(gid) && gid >= 0 ? gid : undefined;
}
