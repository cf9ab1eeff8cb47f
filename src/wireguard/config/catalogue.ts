/**
 * Every finding that checking a configuration file can make, as data. A message is the title, why it matters and
 * what to do; none repeats text of the file, because people paste keys in the wrong places. `docs/findings.md` is
 * written from this table and a test holds it to it.
 */
import { container } from "../container/catalogue.ts";

export type Severity = "error" | "warning" | "info";

export interface CatalogueEntry {
  readonly severity: Severity;
  /** What is the case, without the full stop. */
  readonly title: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do. */
  readonly remedy: string;
  /** Something in the file was left out on purpose. */
  readonly leavesOut?: true;
}

const ONE_MEANING = "Programs read it differently, and a file that means two things is an attack.";

const file = {
  file_too_large: {
    severity: "error",
    title: "The file is larger than 64 KiB",
    why: "No WireGuard configuration is; reading more would let a file keep this machine busy.",
    remedy: "Check that this is the right file, or split it into several tunnels.",
  },
  line_too_long: {
    severity: "error",
    title: "The line is longer than 1024 bytes",
    why: "Long lines hide what stands at their end.",
    remedy: "Spread the list over several lines with the same key: they add up.",
  },
  not_utf8: {
    severity: "error",
    title: "A comment is not valid UTF-8",
    why: "What you would see in an editor is not what is in the file.",
    remedy: "Save the file as UTF-8, or remove the comment.",
  },
  control_character: {
    severity: "error",
    title: "There is a NUL or another control character, or a carriage return that ends no line",
    why: "Such characters hide text from the eye and end it early for some programs.",
    remedy: "Remove the character; lines end in LF or CR LF.",
  },
  non_ascii: {
    severity: "error",
    title: "There is a character outside ASCII where no comment is",
    why: "Letters that look alike make one key pass for another.",
    remedy: "Type the line again in plain letters; other characters may stand in comments (after #).",
  },
  byte_order_mark: {
    severity: "info",
    title: "The file begins with a byte order mark",
    why: "The program `wg` would not read it; here it is skipped.",
    remedy: "Save the file without the mark if other programs shall read it too.",
  },
  comment_disguise: {
    severity: "warning",
    title: "A comment contains characters that turn, break or hide text on screen",
    why: "An editor may then show something else than what is read.",
    remedy: "Trust the report, not the look of the file, or remove the comment.",
  },
  too_many_findings: {
    severity: "error",
    title: "There are more than 1000 findings, so reading stopped here",
    why: "This is hardly a WireGuard configuration.",
    remedy: "Check that this is the right file.",
  },
} satisfies Record<string, CatalogueEntry>;

const structure = {
  line_syntax: {
    severity: "error",
    title: "The line is neither a [Section] nor Key = Value",
    why: "It cannot be given a meaning, and nothing in a file is skipped silently.",
    remedy: "Correct or remove the line; put remarks behind a #.",
  },
  outside_section: {
    severity: "error",
    title: "A key stands before the first section",
    why: "It belongs to nothing.",
    remedy: "Begin the file with [Interface].",
  },
  section_syntax: {
    severity: "error",
    title: "This is no section heading",
    why: ONE_MEANING,
    remedy: "Write [Interface] or [Peer] alone on the line, without spaces inside the brackets.",
  },
  unknown_section: {
    severity: "error",
    title: "The section is neither [Interface] nor [Peer]",
    why: "WireGuard has no other sections; leaving it out could change what the file means.",
    remedy: "Remove the section, or use the program that the file was written for.",
  },
  foreign_section: {
    severity: "error",
    title: "The section belongs to another program",
    why: "Its settings have no meaning here, and leaving them out could change what the file means.",
    remedy: "Use that program, or ask for a plain WireGuard file.",
  },
  interface_missing: {
    severity: "error",
    title: "There is no [Interface] section",
    why: "Without it there is no tunnel: it holds the private key and the addresses.",
    remedy: "Ask for the whole file.",
  },
  interface_repeated: {
    severity: "error",
    title: "There is a second [Interface] section",
    why: ONE_MEANING,
    remedy: "Keep one, or make two files of it.",
  },
  interface_after_peer: {
    severity: "error",
    title: "A [Peer] stands before [Interface]",
    why: ONE_MEANING,
    remedy: "Move [Interface] to the beginning.",
  },
  unknown_key: {
    severity: "error",
    title: "The key is unknown",
    why: "Leaving it out could change what the file means.",
    remedy: "Check the spelling, or remove the line.",
  },
  foreign_key: {
    severity: "error",
    title: "The key belongs to another program",
    why: "A tunnel without it may not work, or may do something else than its author meant.",
    remedy: "Use that program, or ask for a plain WireGuard file.",
  },
  wrong_section: {
    severity: "error",
    title: "The key belongs in the other section",
    why: "A key in the wrong section has no meaning, or somebody else's.",
    remedy: "Move the line.",
  },
  duplicate_key: {
    severity: "error",
    title: "The key appears twice, and may appear once",
    why: "Some programs take the first value, some the last.",
    remedy: "Keep the line that is meant.",
  },
  empty_value: {
    severity: "error",
    title: "The key has no value",
    why: ONE_MEANING,
    remedy: "Give it a value or remove the line.",
  },
  empty_element: {
    severity: "error",
    title: "The list has an empty element",
    why: "Something may have been lost there.",
    remedy: "Remove the comma that is too many.",
  },
  too_many_peers: {
    severity: "error",
    title: "There are more than 64 peers",
    why: "A device's tunnel has a few; this is a server's file.",
    remedy: "Keep the peers that this device needs.",
  },
  too_many_prefixes: {
    severity: "error",
    title: "A peer has more than 256 prefixes",
    why: "Each becomes a route of this machine.",
    remedy: "Join neighbouring prefixes into larger ones.",
  },
  too_many_elements: {
    severity: "error",
    title: "There are more than 64 addresses, or more than 64 DNS entries",
    why: "A device has a few of each.",
    remedy: "Keep those that are needed.",
  },
} satisfies Record<string, CatalogueEntry>;

const leftOut = {
  hook_left_out: {
    severity: "warning",
    title: "A hook (PreUp, PostUp, PreDown or PostDown) is left out",
    why: "It is a command that other programs run as the administrator; a file is data here and runs nothing.",
    remedy:
      "If it is needed, ask the author what it is for; most such commands are covered by Nanami itself.",
    leavesOut: true,
  },
  save_config_left_out: {
    severity: "warning",
    title: "SaveConfig is left out",
    why: "It would let a running tunnel overwrite its own file.",
    remedy: "Edit the profile instead.",
    leavesOut: true,
  },
  table_left_out: {
    severity: "warning",
    title: "Table is left out",
    why: "Nanami keeps routes in a table of its own, which is what makes the tunnel leak-free.",
    remedy: "To steer less than AllowedIPs says, narrow the profile after import.",
    leavesOut: true,
  },
  fwmark_left_out: {
    severity: "warning",
    title: "FwMark is left out",
    why: "Nanami marks the tunnel's packets with a mark of its own, on which its firewall stands.",
    remedy: "Remove the line, or keep in mind that rules of yours will not see this mark.",
    leavesOut: true,
  },
  applications_left_out: {
    severity: "warning",
    title: "IncludedApplications and ExcludedApplications are left out",
    why: "They choose apps on Android; here the tunnel is for the whole machine.",
    remedy: "Remove the line, or narrow the profile after import.",
    leavesOut: true,
  },
} satisfies Record<string, CatalogueEntry>;

const keys = {
  private_key_missing: {
    severity: "error",
    title: "There is no private key",
    why: "Without it the tunnel has no identity.",
    remedy: "Add PrivateKey to [Interface]; if you were given none, ask for the whole file.",
  },
  public_key_missing: {
    severity: "error",
    title: "A peer has no public key",
    why: "Nobody could be recognised as this peer.",
    remedy: "Add PublicKey to this [Peer].",
  },
  key_length: {
    severity: "error",
    title: "A key does not have exactly 44 characters",
    why: "Part of it is missing or something was added.",
    remedy: "Copy the whole key again, without spaces.",
  },
  key_padding: {
    severity: "error",
    title: 'A key does not end in exactly one "="',
    why: "It is not the base64 of 32 bytes.",
    remedy: "Copy the whole key again.",
  },
  key_character: {
    severity: "error",
    title: "A key has a character that base64 does not have",
    why: ONE_MEANING,
    remedy: "Copy the whole key again: A–Z, a–z, 0–9, + and / only.",
  },
  key_not_canonical: {
    severity: "error",
    title: "A key is written in a second spelling of the same bytes",
    why: "With aliases, one peer could pass for two.",
    remedy: "Ask for the key as `wg` prints it.",
  },
  key_zero: {
    severity: "error",
    title: "A key is all zero",
    why: "That is no key: anybody has it.",
    remedy: "Generate one with `wg genkey` or `wg genpsk`.",
  },
  own_key_as_peer: {
    severity: "error",
    title: "A peer has this tunnel's own public key",
    why: "The tunnel would talk to itself.",
    remedy: "Put the public key of the other side here.",
  },
  duplicate_peer: {
    severity: "error",
    title: "Two peers have the same public key",
    why: "WireGuard would merge them, and the last value of each setting would win.",
    remedy: "Join them into one [Peer].",
  },
  secret_as_public_key: {
    severity: "error",
    title: "A secret key of this file, or a part of one, stands as a public key",
    why: "Public keys are shown and sent to others; this one would give the secret away.",
    remedy: "Put the other side's public key here. If the file was shared, generate new keys.",
  },
  secret_in_address: {
    severity: "error",
    title: "An address holds a part of a secret key of this file",
    why: "Addresses are shown and stand on every packet; this one would give the secret away.",
    remedy: "Write the address that is meant. If the file was shared, generate new keys.",
  },
  secret_in_name: {
    severity: "error",
    title: "A name holds a part of a secret key of this file",
    why: "Names are shown, stored and sent to resolvers; this one would give the secret away.",
    remedy: "Write the name that is meant. If the file was shared, generate new keys.",
  },
} satisfies Record<string, CatalogueEntry>;

const values = {
  address_syntax: {
    severity: "error",
    title: "This is no IP address",
    why: "Short, octal and hexadecimal forms mean different addresses to different programs.",
    remedy: "Write four decimal numbers from 0 to 255 without leading zeros, or full IPv6 text.",
  },
  address_zone: {
    severity: "error",
    title: "An address has a zone (%…)",
    why: "A zone names an interface of one machine.",
    remedy: "Remove the zone.",
  },
  address_mapped: {
    severity: "error",
    title: "An IPv4 address is dressed as IPv6 (::ffff:…)",
    why: ONE_MEANING,
    remedy: "Write the IPv4 address.",
  },
  prefix_length: {
    severity: "error",
    title: "What follows the / is no prefix length",
    why: "Dotted masks, signs and leading zeros mean different networks to different programs.",
    remedy: "Write a decimal number, up to 32 for IPv4 and 128 for IPv6.",
  },
  incremental_prefix: {
    severity: "error",
    title: "A prefix begins with + or -",
    why: "Newer versions of `wg` add or remove it from what is there; a file must stand alone.",
    remedy: "Write the prefixes that are meant, without signs.",
  },
  prefix_host_bits: {
    severity: "warning",
    title: "A prefix has bits set behind its length, which were cleared",
    why: "The network is larger than the single address that is written there.",
    remedy: "Write the network's first address, or /32 (IPv6: /128) if the one host was meant.",
  },
  duplicate_element: {
    severity: "info",
    title: "The same element was already listed",
    why: "Once is enough; the repetition changes nothing.",
    remedy: "Remove it, unless another one was meant.",
  },
  allowed_ips_conflict: {
    severity: "error",
    title: "Two peers ask for the same prefix",
    why: "WireGuard would give it to the last one and take it from the first, silently.",
    remedy: "Leave it with the peer that is meant.",
  },
  address_whole_family: {
    severity: "error",
    title: "The tunnel's own address has the length 0",
    why: "That claims every address there is as this machine's own network.",
    remedy: "Use /32 (IPv6: /128), and AllowedIPs for what shall go through the tunnel.",
  },
  address_forbidden: {
    severity: "error",
    title: "No tunnel may have this address",
    why: "It means this machine, nobody, a group, or a cloud's credentials service; traffic to it would be captured.",
    remedy: "Ask for the address that was assigned to you.",
  },
  endpoint_syntax: {
    severity: "error",
    title: "This is no endpoint",
    why: "Nobody could be reached there.",
    remedy:
      "Write host:port, an IPv6 address in brackets: 192.0.2.1:51820, [2001:db8::1]:51820, vpn.example.com:51820.",
  },
  endpoint_port: {
    severity: "error",
    title: "The port of an endpoint is not a decimal number from 1 to 65535",
    why: "Service names, signs and leading zeros mean different ports to different programs.",
    remedy: "Write the number; 51820 is usual.",
  },
  endpoint_address: {
    severity: "error",
    title: "The brackets of an endpoint hold no plain IPv6 address",
    why: ONE_MEANING,
    remedy: "Write IPv6 in brackets without a zone, IPv4 and names without brackets.",
  },
  endpoint_name: {
    severity: "error",
    title: "The host of an endpoint is neither an IPv4 address nor a host name",
    why: "Resolvers take odd names for addresses, and programs disagree about them.",
    remedy: "Write a name of letters, digits, hyphens and dots, or a full address.",
  },
  endpoint_local_name: {
    severity: "error",
    title: "The name of an endpoint means this machine or a cloud's credentials service",
    why: "A file must not make this machine talk to itself.",
    remedy: "Write the peer's own name.",
  },
  endpoint_forbidden_address: {
    severity: "error",
    title: "No peer can be at this endpoint",
    why: "The address means this machine, nobody, a group, or a cloud's credentials service.",
    remedy: "Write the address at which the peer listens.",
  },
  endpoint_own_address: {
    severity: "error",
    title: "An endpoint is the tunnel's own address",
    why: "The tunnel's packets would go into the tunnel.",
    remedy: "Write the address that the peer has outside the tunnel.",
  },
  mtu: {
    severity: "error",
    title: "The MTU is not a decimal number from 576 to 65535",
    why: "Smaller links carry no IPv4, larger ones do not exist.",
    remedy: "Write 1420, or leave the line out.",
  },
  listen_port: {
    severity: "error",
    title: "ListenPort is not a decimal number from 0 to 65535",
    why: "Programs disagree about other spellings.",
    remedy: "Write the number, or leave the line out: any port will do for a device.",
  },
  keepalive: {
    severity: "error",
    title: "PersistentKeepalive is neither off nor a decimal number from 0 to 65535",
    why: "Programs disagree about other spellings.",
    remedy: "Write the seconds; 25 is usual behind NAT.",
  },
  dns_syntax: {
    severity: "error",
    title: "A DNS entry is neither an IP address nor a domain name",
    why: "What it would steer is not clear.",
    remedy: "Write the resolver's address, or a search domain of letters, digits, hyphens and dots.",
  },
  dns_forbidden_address: {
    severity: "error",
    title: "No resolver can be at this DNS address",
    why: "It is nobody's or a group's address; names would not resolve.",
    remedy: "Write the resolver's address.",
  },
} satisfies Record<string, CatalogueEntry>;

const meaning = {
  no_address: {
    severity: "warning",
    title: "The tunnel has no address",
    why: "Nothing can be sent from it.",
    remedy: "Add the Address that was assigned to you.",
  },
  no_peer: {
    severity: "warning",
    title: "There is no peer",
    why: "The tunnel leads nowhere.",
    remedy: "Add a [Peer].",
  },
  no_allowed_ips: {
    severity: "warning",
    title: "A peer has no AllowedIPs",
    why: "Nothing goes to it and nothing from it is accepted.",
    remedy: "Add the prefixes behind this peer, or 0.0.0.0/0, ::/0 for everything.",
  },
  no_endpoint: {
    severity: "info",
    title: "A peer has no endpoint",
    why: "Other programs wait until that peer calls; this device calls its peers and is not called, so what is for this one goes nowhere.",
    remedy: "Add its Endpoint.",
  },
  endpoint_local_network: {
    severity: "warning",
    title: "An endpoint is on a local or private network",
    why: "It is reached only from there; elsewhere, whoever has that address gets the packets.",
    remedy: "Fine at home or in the lab; otherwise ask for the public address.",
  },
  allowed_ips_cover_endpoint: {
    severity: "warning",
    title: "AllowedIPs cover an endpoint of this file",
    why: "Other traffic to that address goes into the tunnel that it carries; Nanami excepts the tunnel's own packets alone.",
    remedy: "Fine if you want that; otherwise take the address out of AllowedIPs.",
  },
  allowed_ips_cover_lan: {
    severity: "warning",
    title: "AllowedIPs cover addresses of the network this machine is on",
    why: "Printers and other devices there become unreachable, or the far side sees that traffic.",
    remedy: "Narrow the profile after import if you need them.",
  },
  allowed_ips_cover_control_plane: {
    severity: "warning",
    title: "AllowedIPs cover the address of your control plane",
    why: "Programs other than the agent reach it only through this tunnel; the agent itself goes around it.",
    remedy: "Fine unless you manage the control plane from this machine.",
  },
  allowed_ips_cover_dns: {
    severity: "warning",
    title: "AllowedIPs cover the resolver that this machine uses",
    why: "Look-ups go into the tunnel and stop if the far side does not pass them on.",
    remedy: "Add DNS to the file, or take the resolver out of AllowedIPs.",
  },
  allowed_ips_martian: {
    severity: "warning",
    title: "AllowedIPs contain a network that is never routed",
    why: "Loopback, multicast and reserved addresses do not travel as ordinary traffic.",
    remedy: "Take it out, unless you know that the far side expects it.",
  },
  one_family_only: {
    severity: "info",
    title: "All traffic of one IP family goes into the tunnel, none of the other",
    why: "Nothing may leave beside a full tunnel, so the other family is unreachable while connected.",
    remedy: "Add 0.0.0.0/0 or ::/0, whichever is missing, if the far side carries it.",
  },
  dns_outside_tunnel: {
    severity: "warning",
    title: "A DNS server is outside the tunnel",
    why: "No AllowedIPs cover it: look-ups would be seen by the network you are on, and in a full tunnel they are blocked.",
    remedy: "Add the server to AllowedIPs, or use one behind the tunnel.",
  },
  dns_unused: {
    severity: "info",
    title: "The DNS servers are not used",
    why: "Not all traffic goes into this tunnel, and no search domain says which names are theirs.",
    remedy: "Add the domain to the DNS line if names behind the tunnel shall be found.",
  },
  listen_port_unused: {
    severity: "info",
    title: "ListenPort is not used",
    why: "This device calls its peers, from any port; nobody has to find it.",
    remedy: "Nothing to do; the line is kept for other programs.",
  },
  search_domain_captures_public: {
    severity: "warning",
    title: "A search domain is a whole public domain ending",
    why: "Names of other people's sites would be looked up through this tunnel's resolver, which can answer what it likes.",
    remedy: "Use the organisation's own domain.",
  },
  search_domain_public: {
    severity: "info",
    title: "A search domain is part of the public name space",
    why: "All names below it are looked up through this tunnel's resolver.",
    remedy: "Fine if the domain belongs to whoever wrote the file.",
  },
  mtu_unusual: {
    severity: "warning",
    title: "The MTU is unusual",
    why: "Below 1280 IPv6 does not work; above 1440 packets do not fit through ordinary links and get lost or cut.",
    remedy: "Leave the line out: Nanami finds the size that fits.",
  },
  asks_for_more: {
    severity: "info",
    title: "The file asks for more than the gateway will give",
    why: "A file can ask for any prefix; isolation is enforced at the gateway, which refuses what is not granted.",
    remedy: "Nothing to do; ask the operator if you need more.",
  },
} satisfies Record<string, CatalogueEntry>;

/** All of it, in the order of the documentation. */
export const CATALOGUE_GROUPS = [
  ["The file", file],
  ["Sections and keys", structure],
  ["Left out on purpose", leftOut],
  ["WireGuard keys", keys],
  ["Values", values],
  ["What the file asks for", meaning],
  ["Archives and images", container],
] as const;

const entries = { ...file, ...structure, ...leftOut, ...keys, ...values, ...meaning, ...container };

export type FindingCode = keyof typeof entries;
export const CATALOGUE: Readonly<Record<FindingCode, CatalogueEntry>> = entries;
