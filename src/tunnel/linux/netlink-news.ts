/**
 * What the kernel reports of changes (rtnetlink(7), nfnetlink), and which of it is news: a router advertises the same
 * address and routes every few seconds to minutes, and only their lifetimes differ (RFC 4861, section 6.2.1). Pure.
 */

const HEADER = 16;
/** Types of messages: something was added or changed. */
const RTM = { newAddress: 20, newRoute: 24 } as const;
/** Length of `struct ifaddrmsg` and `struct rtmsg`, after which attributes follow. */
const FIXED = { address: 8, route: 12 } as const;
/** `IFA_CACHEINFO` and `IFA_FLAGS`; the flag of an address that nobody gave a lifetime. */
const IFA = { lifetimes: 6, flags: 8, permanent: 0x80 } as const;
/** `RTA_CACHEINFO`, and where in it the remaining time stands (0 = for ever). */
const RTA = { lifetimes: 12, expires: 8 } as const;
/** Types of messages of nftables: `NFNL_SUBSYS_NFTABLES`, and what became of a table. */
const NFT = { newTable: 0x0a00, deleteTable: 0x0a02 } as const;
const NFPROTO_INET = 1;
/** Length of `struct nfgenmsg`. */
const NFGEN = 4;
/** In the messages of tables, chains, rules, sets and their elements alike: the name of the table. */
const NFTA_TABLE = 1;

interface Message {
  readonly type: number;
  readonly body: Buffer;
}

interface Attribute {
  readonly type: number;
  readonly value: Buffer;
}

/** The messages of a datagram; null where it was cut off, so that nobody knows what else it said. */
function messagesOf(datagram: Buffer): readonly Message[] | null {
  const messages: Message[] = [];
  for (let at = 0; at < datagram.length;) {
    if (at + HEADER > datagram.length) return null;
    const length = datagram.readUInt32LE(at);
    if (length < HEADER || at + length > datagram.length) return null;
    messages.push({
      type: datagram.readUInt16LE(at + 4),
      body: datagram.subarray(at + HEADER, at + length),
    });
    // Messages begin at multiples of four, and so do attributes.
    at += (length + 3) & ~3;
  }
  return messages;
}

/** The attributes after a message's fixed part. */
function attributesOf(body: Buffer, fixed: number): readonly Attribute[] {
  const attributes: Attribute[] = [];
  for (let at = fixed; at + 4 <= body.length;) {
    const length = body.readUInt16LE(at);
    if (length < 4 || at + length > body.length) break;
    attributes.push({ type: body.readUInt16LE(at + 2) & 0x3fff, value: body.subarray(at + 4, at + length) });
    at += (length + 3) & ~3;
  }
  return attributes;
}

/** What a router advertised, without its lifetimes, as text to compare; null for whatever else happened. */
function advertised({ type, body }: Message): string | null {
  if (type === RTM.newAddress) {
    const attributes = attributesOf(body, FIXED.address);
    const flags = attributes.find((one) => one.type === IFA.flags)?.value.readUInt32LE(0) ?? IFA.permanent;
    if ((flags & IFA.permanent) !== 0) return null;
    return textOf(type, body.subarray(0, FIXED.address), attributes, IFA.lifetimes);
  }
  if (type !== RTM.newRoute) return null;
  const attributes = attributesOf(body, FIXED.route);
  const lifetimes = attributes.find((one) => one.type === RTA.lifetimes)?.value;
  if (lifetimes === undefined || lifetimes.length < RTA.expires + 4) return null;
  if (lifetimes.readInt32LE(RTA.expires) === 0) return null;
  return textOf(type, body.subarray(0, FIXED.route), attributes, RTA.lifetimes);
}

function textOf(type: number, fixed: Buffer, attributes: readonly Attribute[], lifetimes: number): string {
  const said = attributes
    .filter((one) => one.type !== lifetimes)
    .map(({ type: which, value }) => `${which}=${value.toString("hex")}`);
  return [String(type), fixed.toString("hex"), ...said].join(" ");
}

/** Advertisements that are told from new ones. */
const MOST_KNOWN = 256;

/**
 * Tells news from repetition in what rtnetlink reports of links, addresses, routes and rules. Whatever else happens
 * makes the next advertisement news again.
 */
export function networkNews(): (datagram: Buffer) => boolean {
  const known = new Set<string>();
  const isNews = (message: Message): boolean => {
    const text = advertised(message);
    if (text === null) {
      known.clear();
      return true;
    }
    if (known.has(text)) return false;
    // Whoever advertises ever new things makes news, and no memory of it.
    if (known.size >= MOST_KNOWN) known.clear();
    known.add(text);
    return true;
  };
  return (datagram) => messagesOf(datagram)?.map(isNews).includes(true) ?? true;
}

/** Whether a report of nftables is about this table of the family `inet`. */
export function isAboutTable(datagram: Buffer, table: string): boolean {
  const messages = messagesOf(datagram);
  return messages === null || messages.some((message) => concerns(message, table));
}

/**
 * What a report of nftables says last of the existence of this table; undefined = nothing. One that is replaced in a
 * transaction is deleted and made.
 */
export function existenceOfTable(datagram: Buffer, table: string): "made" | "deleted" | undefined {
  const types = (messagesOf(datagram) ?? [])
    .filter((message) => concerns(message, table))
    .map(({ type }) => type);
  const last = types.findLast((type) => type === NFT.newTable || type === NFT.deleteTable);
  return last === undefined ? undefined : last === NFT.newTable ? "made" : "deleted";
}

function concerns({ body }: Message, table: string): boolean {
  if (body[0] !== NFPROTO_INET) return false;
  const name = attributesOf(body, NFGEN).find(({ type }) => type === NFTA_TABLE)?.value;
  return name?.toString("latin1") === `${table}\0`;
}
