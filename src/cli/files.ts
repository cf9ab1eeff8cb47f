/** Files that a person names, read and written with that person's rights. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:fs";
import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "./problem.ts";

/** How commands reach files; tests hand in their own. */
export interface Files {
  /**
   * Reads a file, or standard input for `-`, to its end, but never more than one byte beyond `limit`: whoever gets
   * that byte knows that there is too much. Throws `UsageError` when it cannot be read.
   */
  readonly read: (path: string, limit: number) => Promise<Uint8Array>;
  /** Writes a new file that only this user may read. Throws `UsageError` when there is one already, or a link. */
  readonly create: (path: string, bytes: Uint8Array) => Promise<void>;
  /** Lets the person edit a text with the editor of their choice, and returns what they left. */
  readonly edit: (text: string) => Promise<string>;
}

const CHUNK = 64 * 1024;
/** Bytes of an edited text; the checks refuse far less. */
const LARGEST_EDIT = 128 * 1024 - 1;

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

function unwritable(path: string, error: unknown): UsageError {
  const reasons: Record<string, string> = {
    EEXIST: "there is such a file already, and it is not overwritten; choose another name",
    ENOENT: "there is no such folder",
    EACCES: "you may not write there",
    ENOSPC: "the disk is full",
  };
  const code = (error as NodeJS.ErrnoException).code ?? "unknown";
  return new UsageError(`${path}: ${reasons[code] ?? `it cannot be written (${code})`}`);
}

/** `VISUAL` and `EDITOR` are command lines by convention (`code --wait`), so a shell of the person's reads them. */
async function edit(text: string): Promise<string> {
  // Set to nothing means not set; the shell would take the file itself for the program.
  const editor = [process.env["VISUAL"], process.env["EDITOR"]].find((one) => one?.trim()) ?? "vi";
  const folder = await mkdtemp(join(tmpdir(), "nanami-edit-"));
  const path = join(folder, "profile.conf");
  try {
    await realFiles.create(path, Buffer.from(text));
    const child = spawn("/bin/sh", ["-c", `${editor} "$1"`, "sh", path], { stdio: "inherit" });
    const [status] = (await once(child, "exit")) as [number | null];
    if (status !== 0)
      throw new UsageError(`the editor "${editor}" ended with ${status ?? "a signal"}; nothing was changed`);
    const edited = await realFiles.read(path, LARGEST_EDIT);
    return Buffer.from(edited).toString("utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
  create: async (path, bytes) => {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    let made = false;
    try {
      await using file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      made = true;
      await file.writeFile(bytes);
      await file.sync();
    } catch (error) {
      // A part of a key is no export, and it would lie there for ever.
      if (made) await rm(path, { force: true });
      throw unwritable(path, error);
    }
  },
  edit,
};
