/** Builds zip archives byte by byte, so that each field can lie. */
import { crc32, deflateRawSync } from "node:zlib";

export interface MadeEntry {
  readonly name: string | Uint8Array;
  readonly content: string | Uint8Array;
  /** 0 stored, 8 deflated (default), or anything else as a claim. */
  readonly method?: number;
  /** What the headers say instead of the truth. */
  readonly claimedSize?: number;
  readonly claimedPacked?: number;
  readonly claimedChecksum?: number;
  /** The length before the data instead of that of the directory. */
  readonly localSize?: number;
  /** The name before the data instead of that of the directory. */
  readonly localName?: string;
  /** The method before the data instead of that of the directory. */
  readonly localMethod?: number;
  readonly flags?: number;
  readonly mode?: number;
  /** What is stored instead of the packed content. */
  readonly packed?: Uint8Array;
}

export interface MadeEnd {
  readonly entries?: number;
  readonly directorySize?: number;
  readonly comment?: string;
  readonly disk?: number;
  readonly trailing?: string;
}

export function makeZip(entries: readonly MadeEntry[], end: MadeEnd = {}): Buffer {
  const locals: Buffer[] = [];
  const records: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { method = 8, flags = 0x800, mode = 0 } = entry;
    const name = Buffer.from(entry.name);
    const content = Buffer.from(entry.content);
    const packed = Buffer.from(entry.packed ?? (method === 8 ? deflateRawSync(content) : content));
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(entry.claimedChecksum ?? crc32(content), 10);
    fields.writeUInt32LE(entry.claimedPacked ?? packed.length, 14);
    fields.writeUInt32LE(entry.claimedSize ?? content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const localName = Buffer.from(entry.localName ?? name);
    const localFields = Buffer.from(fields);
    localFields.writeUInt16LE(entry.localMethod ?? method, 4);
    localFields.writeUInt16LE(localName.length, 22);
    if (entry.localSize !== undefined) localFields.writeUInt32LE(entry.localSize, 18);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), localFields, localName, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    records.push(Buffer.concat([Buffer.from("PK\u0001\u0002"), Buffer.from([20, 3]), fields, tail, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(records);
  const comment = Buffer.from(end.comment ?? "");
  const last = Buffer.alloc(22);
  last.writeUInt32LE(0x06054b50, 0);
  last.writeUInt16LE(end.disk ?? 0, 4);
  last.writeUInt16LE(end.entries ?? entries.length, 8);
  last.writeUInt16LE(end.entries ?? entries.length, 10);
  last.writeUInt32LE(end.directorySize ?? directory.length, 12);
  last.writeUInt32LE(offset, 16);
  last.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...locals, directory, last, comment, Buffer.from(end.trailing ?? "")]);
}
