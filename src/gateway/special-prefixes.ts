/**
 * Networks that a gateway treats specially, after the IANA special-purpose registries (RFC 6890, RFC 8190).
 * Documentation prefixes (RFC 5737, RFC 3849) are in neither list: nobody's internal network is there.
 */
import { parsePrefix, type Prefix } from "../wireguard/prefix.ts";

const prefixes = (...texts: string[]): readonly Prefix[] =>
  texts.map((text) => {
    const parsed = parsePrefix(text);
    if (!parsed.ok) throw new Error(`special prefix ${text}: ${parsed.message}`);
    return parsed.value;
  });

/** Never forwarded, never granted, never an overlay: this host, its link, groups, reserved space. */
export const UNROUTABLE = prefixes(
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/8",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
);

/** Where clouds hand out credentials to whoever asks from the gateway; refused even inside a granted prefix. */
export const METADATA = prefixes(
  "192.0.0.192/32",
  "100.100.100.200/32",
  "168.63.129.16/32",
  "fd00:ec2::254/128",
  "fd00:ec2::23/128",
  "fd20:ce::254/128",
  "fd00:42::42/128",
);

/**
 * What "the Internet" is not, besides the above, the overlay and the private prefixes: a gateway's own LAN and
 * whatever stands behind it must not be reachable for a device that was granted the Internet. IPv6 is global
 * unicast space 2000::/3 without the blocks that embed IPv4 (Teredo, 6to4) or name protocols. NAT64
 * (64:ff9b::/96) is outside, since behind it lies every IPv4 address, private ones too.
 */
export const NOT_INTERNET = prefixes(
  "10.0.0.0/8",
  "100.64.0.0/10",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "::/3",
  "4000::/2",
  "8000::/1",
  "2001::/23",
  "2002::/16",
);
