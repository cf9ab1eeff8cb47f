/**
 * What the kernel reports of changes (rtnetlink(7), nfnetlink), and which of it is news: a router advertises the same
 * address and routes every few seconds to minutes, and only their lifetimes differ (RFC 4861, section 6.2.1). Pure.
 */

import {
  attributesIn,
  MESSAGE,
  messagesIn,
  numberIn,
  type Attributes,
  type Message,
} from "./netlink/message.ts";
import { IFA, RTA, STRUCT } from "./netlink/requests.ts";

/** `IFA_F_PERMANENT`: an address that nobody gave a lifetime. */
const PERMANENT = 0x80;
/** `struct rta_cacheinfo`: where the remaining time stands (0 = for ever). */
const EXPIRES = 8;
/** Types of messages of nftables: `NFNL_SUBSYS_NFTABLES`, and what became of a table. */
const NFT = { newTable: 0x0a00, deleteTable: 0x0a02 } as const;
const NFPROTO_INET = 1;
/** Length of `struct nfgenmsg`. */
const NFGEN = 4;
/** In the messages of tables, chains, rules, sets and their elements alike: the name of the table. */
const NFTA_TABLE = 1;

/** What a router advertised, without its lifetimes, as text to compare; null for whatever else happened. */
function advertised({ type, body }: Message): string | null {
  if (type === MESSAGE.newAddress) {
    const attributes = attributesIn(body, STRUCT.address);
    if (((numberIn(attributes, IFA.flags) ?? PERMANENT) & PERMANENT) !== 0) return null;
    return textOf(type, body.subarray(0, STRUCT.address), attributes, IFA.lifetimes);
  }
  if (type !== MESSAGE.newRoute) return null;
  const lifetimes = attributesIn(body, STRUCT.route, RTA.lifetimes).get(RTA.lifetimes);
  if (lifetimes === undefined || lifetimes.length < EXPIRES + 4) return null;
  if (lifetimes.readInt32LE(EXPIRES) === 0) return null;
  return textOf(type, body.subarray(0, STRUCT.route), attributesIn(body, STRUCT.route), RTA.lifetimes);
}

function textOf(type: number, fixed: Buffer, attributes: Attributes, lifetimes: number): string {
  let text = `${type} ${fixed.toString("hex")}`;
  for (const [which, value] of attributes)
    if (which !== lifetimes) text += ` ${which}=${value.toString("hex")}`;
  return text;
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
  return (datagram) => {
    const { messages, cut } = messagesIn(datagram);
    return cut || messages.map(isNews).includes(true);
  };
}

/**
 * What a report of nftables says of this table of the family `inet`: at last that it is there or not (one that is
 * replaced in a transaction is deleted and made), or that something about it changed; null = nothing.
 */
export function newsOfTable(datagram: Buffer, table: string): "made" | "deleted" | "changed" | null {
  const { messages, cut } = messagesIn(datagram);
  // The rest may have been about anything.
  if (cut) return "changed";
  const types = messages.filter((message) => concerns(message, table)).map(({ type }) => type);
  switch (types.findLast((type) => type === NFT.newTable || type === NFT.deleteTable)) {
    case NFT.newTable:
      return "made";
    case NFT.deleteTable:
      return "deleted";
    default:
      return types.length > 0 ? "changed" : null;
  }
}

function concerns({ body }: Message, table: string): boolean {
  if (body[0] !== NFPROTO_INET) return false;
  return attributesIn(body, NFGEN, NFTA_TABLE).get(NFTA_TABLE)?.toString("latin1") === `${table}\0`;
}
