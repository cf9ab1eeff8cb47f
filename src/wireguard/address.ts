/**
 * IPv4 and IPv6 addresses as strict text. One spelling in, one meaning out: dotted quads without leading zeros,
 * RFC 4291 text for IPv6 (written back as RFC 5952 wants it), no zones, no IPv4-mapped IPv6, nothing short,
 * octal or hexadecimal.
 */
import { failure, success, type Result } from "./result.ts";

declare const addressBrand: unique symbol;
/** Canonical text of an IP address without a prefix length. */
export type Address = string & { readonly [addressBrand]: true };

export type Family = 4 | 6;
export type AddressCode = "address_syntax" | "address_zone" | "address_mapped";

/** The bytes of an address in network order: 4 or 16 of them. */
export type AddressBytes = readonly number[];

/** Parses one address; the value is canonical. */
export function parseAddress(text: string): Result<Address, AddressCode> {
  const bytes = parseAddressBytes(text);
  return bytes.ok ? success(formatAddress(bytes.value)) : bytes;
}

/** Parses one address to its bytes. */
export function parseAddressBytes(text: string): Result<AddressBytes, AddressCode> {
  if (!text.includes(":")) {
    const bytes = parseIPv4(text);
    return bytes === null
      ? failure(
          "address_syntax",
          "This is not an IP address. IPv4 is four decimal numbers from 0 to 255 without leading zeros, IPv6 is groups of hexadecimal digits.",
        )
      : success(bytes);
  }
  if (text.includes("%"))
    return failure(
      "address_zone",
      "An address with a zone (%…) means something on one machine only. Remove the zone.",
    );
  const bytes = parseIPv6(text);
  if (bytes === null)
    return failure(
      "address_syntax",
      "This is not an IPv6 address: eight groups of one to four hexadecimal digits, one run of zero groups may be written as ::.",
    );
  if (isMapped(bytes))
    return failure(
      "address_mapped",
      "This is an IPv4 address dressed as IPv6 (::ffff:…), which programs read differently. Write the IPv4 address.",
    );
  return success(bytes);
}

/** The family of canonical (or at least well-formed) text. */
export function familyOf(text: string): Family {
  return text.includes(":") ? 6 : 4;
}

/** The bytes of text that was parsed before. Throws when it was not. */
export function bytesOf(address: string): AddressBytes {
  const parsed = parseAddressBytes(address);
  if (!parsed.ok) throw new Error(`not an address: ${JSON.stringify(address)}`);
  return parsed.value;
}

/** Canonical text: dotted quad, or RFC 5952 (lower case, the longest run of zeros as `::`, the first of equals). */
export function formatAddress(bytes: AddressBytes): Address {
  return (bytes.length === 4 ? bytes.join(".") : formatIPv6(bytes)) as Address;
}

function parseIPv4(text: string): number[] | null {
  if (text.length > 15) return null;
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  const bytes: number[] = [];
  for (const part of parts) {
    const value = parseDecimal(part, 255);
    if (value === null) return null;
    bytes.push(value);
  }
  return bytes;
}

/** A decimal number of ASCII digits without sign or leading zeros, at most `max`; null otherwise. */
export function parseDecimal(text: string, max: number): number | null {
  if (text.length === 0 || text.length > 10 || (text.length > 1 && text.startsWith("0"))) return null;
  let value = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return value <= max ? value : null;
}

const GROUP = /^[0-9A-Fa-f]{1,4}$/;
const LONGEST_IPV6 = 45;

function parseIPv6(text: string): number[] | null {
  if (text.length > LONGEST_IPV6) return null;
  const gap = text.indexOf("::");
  if (gap === -1) {
    const whole = parseGroups(text);
    return whole?.length === 16 ? whole : null;
  }
  if (text.includes("::", gap + 1)) return null;
  const head = gap === 0 ? [] : parseGroups(text.slice(0, gap), false);
  const tail = gap + 2 === text.length ? [] : parseGroups(text.slice(gap + 2));
  if (head === null || tail === null || head.length + tail.length > 14) return null;
  return [...head, ...Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

/** Bytes of groups between colons; the last may be a dotted quad where `quad` allows it. */
function parseGroups(text: string, quad = true): number[] | null {
  const parts = text.split(":");
  const bytes: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (GROUP.test(part)) {
      const value = Number.parseInt(part, 16);
      bytes.push(value >> 8, value & 255);
    } else {
      const last = quad && index === parts.length - 1 ? parseIPv4(part) : null;
      if (last === null) return null;
      bytes.push(...last);
    }
  }
  return bytes;
}

function formatIPv6(bytes: AddressBytes): string {
  const groups: number[] = [];
  for (let index = 0; index < 16; index += 2)
    groups.push(((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0));
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.length < 2) return hex.join(":");
  return `${hex.slice(0, best.start).join(":")}::${hex.slice(best.start + best.length).join(":")}`;
}

function isMapped(bytes: AddressBytes): boolean {
  return bytes.every((byte, index) => index >= 12 || byte === (index < 10 ? 0 : 255));
}
