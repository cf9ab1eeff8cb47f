/** Where DHCP clients write down what a network said of its sign-in page. Pure readers of their files. */

/** systemd-networkd's file of a link or of a lease (`KEY=value` lines); 254 and later name the page, RA's included. */
export function portalOfNetworkd(text: string): string | null {
  return /^CAPTIVE_PORTAL=(.+)$/m.exec(text)?.[1] ?? null;
}

/**
 * dhclient.leases(5): the newest lease of an interface, which is the last, and counts until it expires. Option 114
 * is `default-url` there, or `v4-captive-portal` in its last releases; a plain `option-114` where nobody named it.
 * `now`: milliseconds since the epoch.
 */
export function portalOfDhclient(text: string, interfaceName: string, now: number): string | null {
  const leases = [...text.matchAll(/^lease \{\n([\s\S]*?)^\}/gm)].map((match) => match[1] ?? "");
  const lease = leases.filter((body) => body.includes(`interface "${interfaceName}";`)).at(-1);
  if (lease === undefined) return null;
  const expires = expiryOf(lease);
  if (expires !== null && expires < now) return null;
  const option = /^\s*option (?:default-url|v4-captive-portal|option-114|unknown-114) "([^"]*)";/m.exec(
    lease,
  );
  return option?.[1] ?? null;
}

/**
 * When a lease expires, milliseconds since the epoch; null = never. In UTC, or, where the client was told
 * `db-time-format local`, as seconds since the epoch.
 */
function expiryOf(lease: string): number | null {
  const seconds = /^\s*expire epoch (\d{1,12});/m.exec(lease)?.[1];
  if (seconds !== undefined) return Number(seconds) * 1000;
  const date = /^\s*expire \d (\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d);/m.exec(lease);
  if (date === null) return null;
  const [, year = "", month = "", day = "", time = ""] = date;
  return Date.parse(`${year}-${month}-${day}T${time}Z`);
}

/** Where the options of a DHCP message begin: after the fixed part and the magic cookie (RFC 2131, section 3). */
const OPTIONS = 240;
const COOKIE = 0x63_82_53_63;
const CAPTIVE_PORTAL = 114;
const PAD = 0;
const END = 255;

/** dhcpcd keeps the server's message as it came (`*.lease`). */
export function portalOfDhcpMessage(message: Buffer): string | null {
  if (message.length < OPTIONS || message.readUInt32BE(OPTIONS - 4) !== COOKIE) return null;
  for (let at = OPTIONS; at < message.length;) {
    const code = message[at] ?? END;
    if (code === END) return null;
    if (code === PAD) {
      at += 1;
      continue;
    }
    const length = message[at + 1] ?? 0;
    const value = message.subarray(at + 2, at + 2 + length);
    if (code === CAPTIVE_PORTAL) return value.length === length ? value.toString("latin1") : null;
    at += 2 + length;
  }
  return null;
}
