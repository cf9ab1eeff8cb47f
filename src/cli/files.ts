/** Files that a person names, read and written with that person's rights. */
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { UsageError } from "./problem.ts";

/** How commands reach files; tests hand in their own. */
export interface Files {
  /**
   * Reads a file, or standard input for `-`, to its end, but never more than one byte beyond `limit`: whoever gets
   * that byte knows that there is too much. Throws `UsageError` when it cannot be read.
   */
  readonly read: (path: string, limit: number) => Promise<Uint8Array>;
}

const CHUNK = 64 * 1024;

async function readStart(file: FileHandle, limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length <= limit) {
    const buffer = Buffer.alloc(Math.min(CHUNK, limit + 1 - length));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    length += bytesRead;
  }
  return Buffer.concat(chunks);
}

async function readInput(limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit + 1);
}

function unreadable(path: string, error: unknown): UsageError {
  const reasons: Record<string, string> = {
    ENOENT: "there is no such file",
    EACCES: "you may not read it",
    EISDIR: "it is a folder; name a file",
  };
  const code = (error as NodeJS.ErrnoException).code ?? "unknown";
  return new UsageError(`${path}: ${reasons[code] ?? `it cannot be read (${code})`}`);
}

/** The files of this machine. */
export const realFiles: Files = {
  read: async (path, limit) => {
    try {
      if (path === "-") return await readInput(limit);
      await using file = await open(path, constants.O_RDONLY);
      return await readStart(file, limit);
    } catch (error) {
      throw unreadable(path, error);
    }
  },
};
