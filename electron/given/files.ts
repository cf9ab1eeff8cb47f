/**
 * Reads files that somebody named: regular files alone, of bounded size. What is in them is for the agent to judge;
 * their names are for people and never used again.
 */
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import type { GivenFile } from "../../src/bridge/state.ts";
import { shortened } from "../shortened.ts";
import type { HostTexts } from "../texts/index.ts";

/** Most bytes of all files together. */
const MAX_BYTES = 5 * 1024 * 1024;

export type FilesRead =
  { readonly ok: true; readonly files: GivenFile[] } | { readonly ok: false; readonly message: string };

/** Reads all of them, or says which one cannot be taken, and why. */
export async function readFiles(paths: readonly string[], texts: HostTexts["given"]): Promise<FilesRead> {
  const files: GivenFile[] = [];
  let room = MAX_BYTES;
  for (const path of paths) {
    const name = shownName(path);
    const bytes = await readRegular(path, room);
    if (bytes === "not_a_file") return { ok: false, message: texts.notAFile(name) };
    if (bytes === "unreadable") return { ok: false, message: texts.unreadable(name) };
    if (bytes === "too_large") return { ok: false, message: texts.tooLarge(name) };
    room -= bytes.length;
    files.push({ name, bytes: bytes.toString("base64") });
  }
  return { ok: true, files };
}

/** The last part of a path as it may be shown: without what steers a terminal or turns the direction of text. */
function shownName(path: string): string {
  const name = basename(path).replaceAll(/[\p{C}\u2028\u2029]/gu, "\ufffd");
  return name === "" ? "\ufffd" : shortened(name, 120);
}

/** At most `room` bytes of a regular file. */
async function readRegular(
  path: string,
  room: number,
): Promise<Buffer | "not_a_file" | "unreadable" | "too_large"> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK a named pipe would hold the app up until somebody writes to it.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { size } = await regular(handle);
    if (size > room) return "too_large";
    // One byte more than fits tells a file that grew, and those of a kernel that say no size.
    const bytes = Buffer.alloc(Math.min(room, size + 64 * 1024) + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, null);
      if (bytesRead === 0) return bytes.subarray(0, length);
      length += bytesRead;
      if (length === bytes.length) return "too_large";
    }
  } catch (error) {
    return error instanceof NotRegular || codeOf(error) === "EISDIR" ? "not_a_file" : "unreadable";
  } finally {
    await handle?.close();
  }
}

class NotRegular extends Error {}

async function regular(handle: FileHandle) {
  const status = await handle.stat();
  if (!status.isFile()) throw new NotRegular();
  return status;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
