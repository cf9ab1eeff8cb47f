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
  const bytes = parseKernelAddressBytes(text);
  return bytes.ok && isMapped(bytes.value)
    ? failure(
        "address_mapped",
        "This is an IPv4 address dressed as IPv6 (::ffff:…), which programs read differently. Write the IPv4 address.",
      )
    : bytes;
}

/** As `parseAddressBytes`, for text that the kernel gave: it knows IPv4-mapped IPv6 and means IPv6 by it. */
export function parseKernelAddressBytes(text: string): Result<AddressBytes, AddressCode> {
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
  return success(bytes);
}

/** The family of canonical (or at least well-formed) text. */
export function familyOf(text: string): Family {
  return text.includes(":") ? 6 : 4;
}

/** The bytes of text that was parsed before. Throws when it was not. */
export function bytesOf(address: string): AddressBytes {
  const parsed = parseKernelAddressBytes(address);
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

const LONGEST_IPV6 = 45;
const COLON = 0x3a;
const DOT = 0x2e;

/** One pass over the text, group by group; `gap` is where `::` stands among the bytes. */
function parseIPv6(text: string): number[] | null {
  if (text.length > LONGEST_IPV6) return null;
  const bytes: number[] = [];
  let gap = text.startsWith("::") ? 0 : -1;
  let at = gap === 0 ? 2 : 0;
  while (at < text.length) {
    const begin = at;
    let group = 0;
    for (let digit = hexDigit(text, at); digit !== -1; digit = hexDigit(text, at)) {
      group = group * 16 + digit;
      at += 1;
    }
    if (text.charCodeAt(at) === DOT) {
      const quad = parseIPv4(text.slice(begin));
      if (quad === null) return null;
      bytes.push(...quad);
      break;
    }
    if (at === begin || at > begin + 4) return null;
    bytes.push(group >> 8, group & 255);
    if (at === text.length) break;
    // What follows a group is a colon and another group, or the gap.
    if (text.charCodeAt(at) !== COLON || at + 1 === text.length) return null;
    at += 1;
    if (text.charCodeAt(at) === COLON) {
      if (gap !== -1) return null;
      gap = bytes.length;
      at += 1;
    }
  }
  if (gap === -1) return bytes.length === 16 ? bytes : null;
  if (bytes.length > 14) return null;
  bytes.splice(gap, 0, ...ZEROS.slice(bytes.length));
  return bytes;
}

const ZEROS: readonly number[] = Array<number>(16).fill(0);

/** The value of a hexadecimal digit, -1 for anything else and behind the end. */
function hexDigit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function formatIPv6(bytes: AddressBytes): string {
  const { start, end } = longestZeros(bytes);
  let text = "";
  for (let group = 0; group < 8; group += 1) {
    if (group === start) {
      text += "::";
      group = end - 1;
      continue;
    }
    if (group !== 0 && group !== end) text += ":";
    text += (((bytes[2 * group] ?? 0) << 8) | (bytes[2 * group + 1] ?? 0)).toString(16);
  }
  return text;
}

/** The first of the longest runs of at least two zero groups; both -1 when there is none. */
function longestZeros(bytes: AddressBytes): { readonly start: number; readonly end: number } {
  let best = { start: -1, end: -1 };
  let start = 0;
  for (let group = 0; group <= 8; group += 1) {
    if (group < 8 && bytes[2 * group] === 0 && bytes[2 * group + 1] === 0) continue;
    if (group - start >= 2 && group - start > best.end - best.start) best = { start, end: group };
    start = group + 1;
  }
  return best;
}

function isMapped(bytes: AddressBytes): boolean {
  return bytes.length === 16 && bytes.every((byte, index) => index >= 12 || byte === (index < 10 ? 0 : 255));
}
