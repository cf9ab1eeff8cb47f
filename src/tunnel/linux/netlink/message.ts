/**
 * Messages of netlink(7) as bytes: a header, a fixed structure of the message's type, attributes. Numbers are in the
 * machine's own order, which is little-endian wherever this runs. All that is read of netlink is read here; no length
 * is believed before what it counts is known to be there. Pure.
 */

export const MESSAGE = {
  error: 2,
  done: 3,
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  newAddress: 20,
  deleteAddress: 21,
  getAddress: 22,
  newRoute: 24,
  deleteRoute: 25,
  getRoute: 26,
  deleteNeighbour: 29,
  getNeighbour: 30,
  newRule: 32,
  deleteRule: 33,
  getRule: 34,
  /** An option of a router's that the kernel has no use for. */
  newRouterOption: 68,
} as const;

export const FLAG = {
  request: 0x1,
  acknowledge: 0x4,
  /** Of a question: everything, not one thing. */
  dump: 0x300,
  /** Of a dump: something changed while it was made. */
  interrupted: 0x10,
  /** Of a new thing. */
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
} as const;

export const FAMILY = { 4: 2, 6: 10 } as const;

const HEADER = 16;
const ATTRIBUTE_HEADER = 4;
/** The flags in an attribute's type: nested, and in network order. */
const TYPE_MASK = 0x3fff;
const NESTED = 0x8000;

export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly body: Buffer;
}

/** What was read of a datagram. */
export interface Datagram {
  readonly messages: readonly Message[];
  /** The rest was cut off: nobody knows what else it said. */
  readonly cut: boolean;
}

export type Attributes = ReadonlyMap<number, Buffer>;

/** One message. `body` = the fixed structure with its attributes. */
export function message(type: number, flags: number, sequence: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(HEADER + body.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt32LE(sequence, 8);
  return Buffer.concat([header, body]);
}

/** The messages in one datagram. They share its memory. */
export function messagesIn(datagram: Buffer): Datagram {
  const messages: Message[] = [];
  let at = 0;
  while (at + HEADER <= datagram.length) {
    const length = datagram.readUInt32LE(at);
    if (length < HEADER || at + length > datagram.length) break;
    messages.push({
      type: datagram.readUInt16LE(at + 4),
      flags: datagram.readUInt16LE(at + 6),
      sequence: datagram.readUInt32LE(at + 8),
      body: datagram.subarray(at + HEADER, at + length),
    });
    at += aligned(length);
  }
  // The last one may do without what pads it.
  return { messages, cut: at < datagram.length };
}

/** One attribute, padded to the next multiple of four. */
export function attribute(type: number, value: Buffer | readonly number[]): Buffer {
  const length = ATTRIBUTE_HEADER + value.length;
  const bytes = Buffer.alloc(aligned(length));
  bytes.writeUInt16LE(length, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.set(value, ATTRIBUTE_HEADER);
  return bytes;
}

/** An attribute that consists of attributes. */
export function nested(type: number, attributes: readonly Buffer[]): Buffer {
  return attribute(type | NESTED, Buffer.concat(attributes));
}

/** A number of 32 bits without sign. */
export function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0, 0);
  return bytes;
}

/** A name as C has it. */
export function nameBytes(name: string): Buffer {
  return Buffer.from(`${name}\0`, "latin1");
}

/**
 * The attributes behind a fixed structure of `offset` bytes, or those of one type alone; of two of one type the last
 * counts, as in the kernel. What is cut short ends them.
 */
export function attributesIn(body: Buffer, offset: number, only?: number): Attributes {
  const attributes = new Map<number, Buffer>();
  for (let at = offset; at + ATTRIBUTE_HEADER <= body.length;) {
    const length = body.readUInt16LE(at);
    if (length < ATTRIBUTE_HEADER || at + length > body.length) break;
    const type = body.readUInt16LE(at + 2) & TYPE_MASK;
    if (only === undefined || type === only)
      attributes.set(type, body.subarray(at + ATTRIBUTE_HEADER, at + length));
    at += aligned(length);
  }
  return attributes;
}

/** An attribute of 32 bits; undefined where it is missing or cut short. */
export function numberIn(attributes: Attributes, type: number): number | undefined {
  const value = attributes.get(type);
  return value === undefined || value.length < 4 ? undefined : value.readUInt32LE(0);
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}
