/**
 * Takes possession of the agent's socket path: the folder is tight, nobody else serves there, and a socket that a
 * dead agent left is removed.
 */
import { chmod, chown, lstat, mkdir, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { dirname } from "node:path";

/** Longest path of a unix socket that works everywhere, bytes (`sun_path` is 104 on macOS, 108 on Linux). */
export const MAX_SOCKET_PATH = 100;

/** Why a socket path cannot be used, as a sentence with its remedy. */
export class SocketPathError extends Error {}

/** Refuses a path that the kernel would cut or refuse. Returns it otherwise. */
export function checkSocketPath(path: string): string {
  const length = Buffer.byteLength(path);
  if (length > MAX_SOCKET_PATH)
    throw new SocketPathError(
      `socket path ${path}: ${length} bytes, and a unix socket takes at most ${MAX_SOCKET_PATH}; use a shorter folder`,
    );
  return path;
}

/** Whether something accepts connections at the path. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") resolve(false);
      else if (error.code === "EAGAIN") resolve(true);
      else reject(error);
    });
  });
}

async function existing(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Prepares the path. The folder is made 0700, or 0750 and of the group `gid` where there is one; one that is
 * there already (a service manager made it) must belong to us and be writable by nobody else. Throws
 * `SocketPathError` when another agent answers there, or the folder or the file is not what it should be.
 */
export async function claimSocket(path: string, gid: number | undefined): Promise<void> {
  checkSocketPath(path);
  const folder = dirname(path);
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made !== undefined && gid !== undefined) {
    await chown(folder, -1, gid);
    await chmod(folder, 0o750);
  }
  const found = await lstat(folder);
  const uid = process.getuid?.();
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0)
    throw new SocketPathError(
      `socket folder ${folder}: must be a folder of uid ${uid ?? "unknown"} that nobody else can write to; choose another, or remove it and it is made anew`,
    );
  const file = await existing(path);
  if (file === undefined) return;
  if (!file.isSocket())
    throw new SocketPathError(`socket path ${path}: a file that is not a socket is there`);
  if (await answers(path))
    throw new SocketPathError(`socket path ${path}: another agent is running there; stop it first`);
  await unlink(path);
}

/** Lets faces connect: the folder decides who reaches the socket, and the peer's credentials what it may do. */
export async function openSocket(path: string): Promise<void> {
  await chmod(path, 0o666);
}
