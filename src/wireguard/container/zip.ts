/**
 * Zip archives of configurations, read from memory within limits. Each entry gets a verdict of its own; an
 * archive whose directory is not plain and whole is refused altogether. Nothing is ever written to a file.
 */

import {
  fromBufferPromise,
  getFileNameLowLevel,
  type Entry,
  type LocalFileHeader,
  type ZipFile,
} from "yauzl";
import { crc32 } from "./crc32.ts";
import { displayName, nameKey, nameProblem } from "./entry-name.ts";
import { withFinding } from "./finding.ts";
import { recognise } from "./format.ts";
import { inflate, type Inflated } from "./inflate.ts";
import { CONTAINER_LIMITS, type Document } from "./types.ts";

/** The end of the central directory (APPNOTE 4.3.16), the one place that says how many entries there are. */
interface End {
  readonly offset: number;
  readonly entries: number;
  readonly directoryOffset: number;
  readonly directorySize: number;
}

/** The entries of an archive of at most 1 MiB. Never throws for what the archive contains. */
export async function readZip(bytes: Uint8Array): Promise<readonly Document[]> {
  if (bytes.length > CONTAINER_LIMITS.zipBytes) return [withFinding(null, "zip_too_large")];
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(buffer);
  if (end === null) return [withFinding(null, "zip_damaged")];
  if (end.entries > CONTAINER_LIMITS.zipEntries) return [withFinding(null, "zip_too_many_entries")];
  try {
    const archive = await fromBufferPromise(buffer, { decodeStrings: false, validateEntrySizes: false });
    const entries = await listEntries(archive, end);
    if (entries === null) return [withFinding(null, "zip_damaged")];
    return await readEntries(archive, entries, buffer);
  } catch {
    return [withFinding(null, "zip_damaged")];
  }
}

const END_SIGNATURE = 0x06054b50;
const END_SIZE = 22;
const LONGEST_COMMENT = 0xffff;

/** Finds the end record. One that does not close the file, spans disks or refers to a 64-bit record is none. */
function findEnd(buffer: Buffer): End | null {
  const first = Math.max(0, buffer.length - END_SIZE - LONGEST_COMMENT);
  for (let offset = buffer.length - END_SIZE; offset >= first; offset -= 1) {
    if (buffer.readUInt32LE(offset) !== END_SIGNATURE) continue;
    const entries = buffer.readUInt16LE(offset + 10);
    const directorySize = buffer.readUInt32LE(offset + 12);
    const directoryOffset = buffer.readUInt32LE(offset + 16);
    const plain =
      buffer.readUInt32LE(offset + 4) === 0 &&
      buffer.readUInt16LE(offset + 8) === entries &&
      offset + END_SIZE + buffer.readUInt16LE(offset + 20) === buffer.length &&
      directoryOffset + directorySize === offset;
    return plain ? { offset, entries, directoryOffset, directorySize } : null;
  }
  return null;
}

/** Bytes of a directory record without its variable fields. */
const RECORD_SIZE = 46;

/** All entries, or null when the directory holds more or less than its end says. */
async function listEntries(archive: ZipFile, end: End): Promise<readonly Entry[] | null> {
  const entries: Entry[] = [];
  let size = 0;
  for await (const entry of archive.eachEntry()) {
    entries.push(entry);
    size += RECORD_SIZE + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
  }
  return size === end.directorySize && entries.length === end.entries ? entries : null;
}

async function readEntries(
  archive: ZipFile,
  entries: readonly Entry[],
  buffer: Buffer,
): Promise<readonly Document[]> {
  const files = entries
    .map((entry) => ({ entry, name: nameOf(entry) }))
    .filter(({ entry, name }) => !(name.endsWith("/") && entry.compressedSize === 0));
  const uses = new Map<string, number>();
  for (const { name } of files) uses.set(nameKey(name), (uses.get(nameKey(name)) ?? 0) + 1);
  const documents: Document[] = [];
  let left: number = CONTAINER_LIMITS.totalBytes;
  for (const { entry, name } of files) {
    const document =
      (uses.get(nameKey(name)) ?? 0) > 1
        ? withFinding(displayName(name), "zip_entry_duplicate")
        : await readEntry(archive, entry, name, buffer, left);
    left -= unpackedSize(document);
    documents.push(document);
  }
  const any = documents.some(
    ({ content }) => content.kind === "text" || content.finding.severity === "error",
  );
  return any ? documents : [...documents, withFinding(null, "zip_without_configuration")];
}

/** What a document took of the total: one that was too large, all that it could. */
function unpackedSize({ content }: Document): number {
  if (content.kind === "text") return content.bytes.length;
  return content.finding.code === "zip_entry_too_large" ? CONTAINER_LIMITS.entryBytes : 0;
}

/** The name in the entry's own encoding: UTF-8 where it says so, else the one of old (code page 437). */
function nameOf(entry: Entry): string {
  return getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
}

const STORED = 0;
const DEFLATED = 8;
/** Type bits of a Unix mode, which stands in the upper half of the external attributes. */
const TYPE_MASK = 0o170000;
const REGULAR = 0o100000;

async function readEntry(
  archive: ZipFile,
  entry: Entry,
  name: string,
  buffer: Buffer,
  left: number,
): Promise<Document> {
  const shown = displayName(name);
  const problem = nameProblem(name);
  if (problem !== null) return withFinding(shown, problem);
  const type = (entry.externalFileAttributes >>> 16) & TYPE_MASK;
  if (type !== 0 && type !== REGULAR) return withFinding(shown, "zip_entry_link");
  if (/\.zip$/i.test(name)) return withFinding(shown, "zip_entry_nested");
  if (!/\.conf$/i.test(name)) return withFinding(shown, "zip_entry_left_out");
  if (entry.isEncrypted()) return withFinding(shown, "zip_entry_encrypted");
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED)
    return withFinding(shown, "zip_entry_method");
  let packed: Uint8Array;
  try {
    const local = await archive.readLocalFileHeaderPromise(entry);
    if (!agrees(local, entry)) return withFinding(shown, "zip_entry_damaged");
    const { fileDataStart } = local;
    packed = buffer.subarray(fileDataStart, fileDataStart + entry.compressedSize);
  } catch {
    return withFinding(shown, "zip_entry_damaged");
  }
  const bound = Math.min(CONTAINER_LIMITS.entryBytes, left);
  const unpacked = entry.compressionMethod === DEFLATED ? inflate(packed, bound) : stored(packed, bound);
  if (unpacked.kind === "too_large")
    return withFinding(
      shown,
      bound < CONTAINER_LIMITS.entryBytes ? "zip_total_too_large" : "zip_entry_too_large",
    );
  if (
    unpacked.kind === "damaged" ||
    unpacked.bytes.length !== entry.uncompressedSize ||
    crc32(unpacked.bytes) !== entry.crc32
  )
    return withFinding(shown, "zip_entry_damaged");
  if (recognise(unpacked.bytes).format === "zip") return withFinding(shown, "zip_entry_nested");
  return { name: shown, content: { kind: "text", bytes: unpacked.bytes } };
}

/** Sizes and checksum stand behind the data, and may be zero before it (APPNOTE 4.4.4, bit 3). */
const SIZES_FOLLOW = 0x08;

/** Whether programs that read from the front take the same file from here as those that read the directory. */
function agrees(local: LocalFileHeader, entry: Entry): boolean {
  return (
    local.fileName.equals(entry.fileNameRaw) &&
    local.compressionMethod === entry.compressionMethod &&
    local.generalPurposeBitFlag === entry.generalPurposeBitFlag &&
    ((local.generalPurposeBitFlag & SIZES_FOLLOW) !== 0 ||
      (local.crc32 === entry.crc32 &&
        local.compressedSize === entry.compressedSize &&
        local.uncompressedSize === entry.uncompressedSize))
  );
}

function stored(bytes: Uint8Array, bound: number): Inflated {
  return bytes.length > bound ? { kind: "too_large" } : { kind: "data", bytes };
}
