/**
 * Prefixes as canonical text (`10.0.0.0/8`, `2001:db8::/32`) and the arithmetic on them. Everything here takes
 * text that this room has parsed and gives such text back.
 */
import { excludeCidr } from "cidr-tools";
import {
  bytesOf,
  familyOf,
  formatAddress,
  parseAddressBytes,
  parseDecimal,
  parseKernelAddressBytes,
  type Address,
  type AddressBytes,
  type AddressCode,
  type Family,
} from "./address.ts";
import { failure, success, type Result } from "./result.ts";

declare const prefixBrand: unique symbol;
/** Canonical text of a network: no bits set behind the length, the length always written. */
export type Prefix = string & { readonly [prefixBrand]: true };

declare const interfaceAddressBrand: unique symbol;
/** Canonical text of a host's own address with the length of its network: `10.0.0.5/24`. */
export type InterfaceAddress = string & { readonly [interfaceAddressBrand]: true };

export type PrefixCode = AddressCode | "prefix_length" | "prefix_host_bits";

/** A prefix taken apart. */
export interface PrefixParts {
  readonly family: Family;
  readonly address: Address;
  readonly length: number;
}

/** A prefix as bytes, for many comparisons. */
export interface PrefixBytes {
  readonly bytes: AddressBytes;
  readonly length: number;
}

/** Parses `address/length`; a bare address is its `/32` or `/128`. Bits behind the length are refused. */
export function parsePrefix(text: string): Result<Prefix, PrefixCode> {
  const parsed = parsePrefixMasking(text);
  if (!parsed.ok) return parsed;
  return parsed.value.hostBits
    ? failure(
        "prefix_host_bits",
        `Bits behind the prefix length are set. The network is ${parsed.value.prefix}: write that.`,
      )
    : success(parsed.value.prefix);
}

/** A prefix as somebody wrote it: canonical, the bytes beside the text, and whether bits had to be cleared. */
export interface MaskedPrefix extends PrefixBytes {
  readonly prefix: Prefix;
  readonly hostBits: boolean;
}

/** As `parsePrefix`, but masks bits behind the length away and says so in `hostBits`. */
export function parsePrefixMasking(text: string): Result<MaskedPrefix, PrefixCode> {
  const read = readPrefix(text);
  if (!read.ok) return read;
  const { length } = read.value;
  const bytes = mask(read.value.bytes, length);
  return success({
    prefix: `${formatAddress(bytes)}/${length}` as Prefix,
    hostBits: bytes.some((byte, index) => byte !== read.value.bytes[index]),
    bytes,
    length,
  });
}

/** As `parsePrefix`, for what the kernel holds: IPv4-mapped IPv6 is there what it is not in a file, plain IPv6. */
export function parseKernelPrefix(text: string): Result<Prefix, PrefixCode> {
  const read = readPrefix(text, parseKernelAddressBytes);
  return read.ok ? success(`${formatAddress(read.value.bytes)}/${read.value.length}` as Prefix) : read;
}

/** Parses a host's own address with the length of its network; a bare address is a `/32` or `/128`. */
export function parseInterfaceAddress(text: string): Result<InterfaceAddress, PrefixCode> {
  const read = readPrefix(text);
  if (!read.ok) return read;
  return success(`${formatAddress(read.value.bytes)}/${read.value.length}` as InterfaceAddress);
}

/** Takes parsed text apart. */
export function prefixParts(prefix: Prefix | InterfaceAddress): PrefixParts {
  const slash = prefix.lastIndexOf("/");
  const address = prefix.slice(0, slash) as Address;
  return { family: familyOf(address), address, length: Number(prefix.slice(slash + 1)) };
}

/** The `/32` or `/128` of one address. */
export function hostPrefix(address: Address): Prefix {
  return `${address}/${familyOf(address) === 4 ? 32 : 128}` as Prefix;
}

/** The network that an interface address belongs to. */
export function networkOf(address: InterfaceAddress): Prefix {
  const parts = prefixParts(address);
  return `${formatAddress(mask(bytesOf(parts.address), parts.length))}/${parts.length}` as Prefix;
}

/** Whether a prefix is a single address. */
export function isHostPrefix(prefix: Prefix): boolean {
  const { family, length } = prefixParts(prefix);
  return length === (family === 4 ? 32 : 128);
}

/** Whether `outer` covers all of `inner`. False across families. */
export function contains(outer: Prefix, inner: Prefix | Address): boolean {
  return containsBytes(prefixBytes(outer), prefixBytes(inner));
}

/** As `contains`, on what `prefixBytes` gave. */
export function containsBytes(outer: PrefixBytes, inner: PrefixBytes): boolean {
  if (outer.bytes.length !== inner.bytes.length || outer.length > inner.length) return false;
  const whole = outer.length >> 3;
  for (let index = 0; index < whole; index += 1) if (outer.bytes[index] !== inner.bytes[index]) return false;
  const rest = outer.length & 7;
  return rest === 0 || ((outer.bytes[whole] ?? 0) ^ (inner.bytes[whole] ?? 0)) >> (8 - rest) === 0;
}

/** Whether two prefixes have an address in common. False across families. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return contains(a, b) || contains(b, a);
}

/**
 * Positions of prefixes that overlap: each prefix at most once, with one that it equals or lies in. `first` is the
 * lower position. Takes time linear in their number (times the lengths that occur), for tens of thousands.
 */
export function findOverlaps(prefixes: readonly Prefix[]): readonly { first: number; second: number }[] {
  const positions = new Map<string, number>();
  const lengths = new Set<number>();
  for (const [index, prefix] of prefixes.entries()) {
    lengths.add(prefixParts(prefix).length);
    if (!positions.has(prefix)) positions.set(prefix, index);
  }
  const found: { first: number; second: number }[] = [];
  for (const [index, prefix] of prefixes.entries()) {
    const { bytes, length } = prefixBytes(prefix);
    for (const shorter of lengths) {
      if (shorter > length) continue;
      const other = positions.get(`${formatAddress(mask(bytes, shorter))}/${shorter}`);
      if (other === undefined || other === index) continue;
      found.push({ first: Math.min(index, other), second: Math.max(index, other) });
      break;
    }
  }
  return found;
}

/** What is left of `from` without `remove`: the fewest prefixes, IPv4 first, ascending. */
export function subtract(from: readonly Prefix[], remove: readonly Prefix[]): readonly Prefix[] {
  if (from.length === 0) return [];
  return excludeCidr([...from], [...remove]).map((text) => {
    const parsed = parsePrefix(text);
    if (!parsed.ok) throw new Error(`prefix arithmetic answered with ${JSON.stringify(text)}`);
    return parsed.value;
  });
}

/** The fewest prefixes that are exactly the addresses from the first to the last, ascending; none across families. */
export function prefixesBetween(first: Address, last: Address): readonly Prefix[] {
  if (familyOf(first) !== familyOf(last)) return [];
  const bits = familyOf(first) === 4 ? 32 : 128;
  const sizeOf = (length: number): bigint => 1n << BigInt(bits - length);
  const end = numberOf(bytesOf(last));
  const found: Prefix[] = [];
  let begin = numberOf(bytesOf(first));
  while (begin <= end) {
    let length = bits;
    // As long as a network of twice the size begins here too, and ends in time.
    while (length > 0 && begin % sizeOf(length - 1) === 0n && begin + sizeOf(length - 1) - 1n <= end)
      length -= 1;
    found.push(`${formatAddress(toBytes(begin, bits / 8))}/${length}` as Prefix);
    begin += sizeOf(length);
  }
  return found;
}

/** The bytes of parsed text; a bare address counts as its `/32` or `/128`. Throws when it was not parsed. */
export function prefixBytes(text: Prefix | Address | InterfaceAddress): PrefixBytes {
  const parsed = readPrefix(text, parseKernelAddressBytes);
  if (!parsed.ok) throw new Error(`not a prefix: ${JSON.stringify(text)}`);
  return parsed.value;
}

function readPrefix(text: string, parse = parseAddressBytes): Result<PrefixBytes, PrefixCode> {
  const slash = text.indexOf("/");
  const address = parse(slash === -1 ? text : text.slice(0, slash));
  if (!address.ok) return address;
  const bits = address.value.length * 8;
  if (slash === -1) return success({ bytes: address.value, length: bits });
  const length = parseDecimal(text.slice(slash + 1), bits);
  if (length === null)
    return failure(
      "prefix_length",
      `What follows the / is not a prefix length: a decimal number from 0 to ${bits} without sign or leading zeros, no dotted mask.`,
    );
  return success({ bytes: address.value, length });
}

function numberOf(bytes: AddressBytes): bigint {
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function toBytes(number: bigint, count: number): AddressBytes {
  return Array.from({ length: count }, (_, index) =>
    Number((number >> BigInt(8 * (count - 1 - index))) & 255n),
  );
}

function mask(bytes: AddressBytes, length: number): AddressBytes {
  return bytes.map((byte, index) => byte & maskOfByte(length - index * 8));
}

function maskOfByte(bits: number): number {
  return bits >= 8 ? 255 : bits <= 0 ? 0 : (255 << (8 - bits)) & 255;
}
