/**
 * What a network says about its sign-in page (RFC 8910: DHCP option 114, option 37 of a router advertisement). It is
 * a stranger's text: it is checked, a part of it is shown, and nobody here ever opens it.
 */

/** RFC 8910, section 2: the longest that a DHCP option can carry. */
const LONGEST = 255;
/** Says that there is no captive portal (RFC 8910, section 2). */
export const UNRESTRICTED = "urn:ietf:params:capport:unrestricted";

const NAME = /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/;

/**
 * The host of a sign-in page, as it may be shown: a name or an address in ASCII, with its port where it is unusual.
 * Null for everything that is not an https URL without credentials, and for `UNRESTRICTED`.
 */
export function portalHost(text: string): string | null {
  // Control characters, spaces and bytes beyond ASCII are tolerated by many parsers of URLs, not here.
  if (text.length > LONGEST || !/^https:\/\/[\x21-\x7e]+$/.test(text) || text.includes("\\")) return null;
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return null;
  // An address, or a name as DNS has it; `URL` has it in lower case and Punycode by now.
  const isAddress = /^\[[0-9a-f:.]+\]$/.test(url.hostname);
  if (!isAddress && !NAME.test(url.hostname)) return null;
  return url.host;
}
