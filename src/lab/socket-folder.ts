import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Longest path of a unix socket that every system takes, bytes. */
const MAX_SOCKET_PATH = 100;

/** A fresh folder for an agent's socket: in the temp folder, or in /tmp where that path is too long. */
export async function makeSocketFolder(): Promise<string> {
  const fits = Buffer.byteLength(join(tmpdir(), "nanami-123456", "agent.sock")) <= MAX_SOCKET_PATH;
  return mkdtemp(join(fits ? tmpdir() : "/tmp", "nanami-"));
}
