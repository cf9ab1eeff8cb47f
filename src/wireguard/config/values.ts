/** The keys of both sections and how their values are read. One table each; what is not in it is not understood. */
import { addressKind } from "../address-kind.ts";
import { parseAddress, parseDecimal } from "../address.ts";
import { parseEndpoint, parseHostName } from "../endpoint.ts";
import { parsePresharedKey, parsePrivateKey, parsePublicKey } from "../keys.ts";
import { parseInterfaceAddress, parsePrefixMasking, prefixParts } from "../prefix.ts";
import type { Draft, DraftInterface, DraftPeer } from "./draft.ts";
import type { FindingCode } from "./catalogue.ts";
import type { Report } from "./finding.ts";
import type { EntryLine } from "./lexer.ts";
import { LIMITS, type Located, type Place } from "./types.ts";

export interface KeyRule<Section> {
  /** As people write it. */
  readonly name: string;
  /** Whether the key may appear once only; the others add up. */
  readonly once: boolean;
  readonly read: (section: Section, entry: EntryLine, report: Report, draft: Draft) => void;
}

function once<Section>(name: string, read: KeyRule<Section>["read"]): [string, KeyRule<Section>] {
  return [name.toLowerCase(), { name, once: true, read }];
}

function many<Section>(name: string, read: KeyRule<Section>["read"]): [string, KeyRule<Section>] {
  return [name.toLowerCase(), { name, once: false, read }];
}

function leaveOut(code: FindingCode): KeyRule<DraftInterface>["read"] {
  return (_section, entry, report) => report.add(code, entry);
}

export const INTERFACE_KEYS: ReadonlyMap<string, KeyRule<DraftInterface>> = new Map([
  once<DraftInterface>("PrivateKey", (section, entry, report) => {
    const key = parsePrivateKey(entry.value);
    if (key.ok) section.privateKey = at(entry, key.value);
    else report.add(key.code, valuePlace(entry));
  }),
  many<DraftInterface>("Address", readAddresses),
  many<DraftInterface>("DNS", readDns),
  once<DraftInterface>("MTU", (section, entry, report) => {
    const mtu = parseDecimal(entry.value, 65535);
    if (mtu === null || mtu < 576) report.add("mtu", valuePlace(entry));
    else section.mtu = at(entry, mtu);
  }),
  once<DraftInterface>("ListenPort", (section, entry, report) => {
    const port = parseDecimal(entry.value, 65535);
    if (port === null) report.add("listen_port", valuePlace(entry));
    // Port 0 means any port, as does no line at all.
    else section.listenPort = port === 0 ? null : at(entry, port);
  }),
  ...["PreUp", "PostUp", "PreDown", "PostDown"].map((name) =>
    many<DraftInterface>(name, (_section, entry, report) =>
      report.add("hook_left_out", entry, `${name} is left out`),
    ),
  ),
  once<DraftInterface>("SaveConfig", leaveOut("save_config_left_out")),
  once<DraftInterface>("Table", leaveOut("table_left_out")),
  once<DraftInterface>("FwMark", leaveOut("fwmark_left_out")),
  many<DraftInterface>("IncludedApplications", leaveOut("applications_left_out")),
  many<DraftInterface>("ExcludedApplications", leaveOut("applications_left_out")),
]);

export const PEER_KEYS: ReadonlyMap<string, KeyRule<DraftPeer>> = new Map([
  once<DraftPeer>("PublicKey", (section, entry, report) => {
    const key = parsePublicKey(entry.value);
    if (key.ok) section.publicKey = at(entry, key.value);
    else report.add(key.code, valuePlace(entry));
  }),
  once<DraftPeer>("PresharedKey", (section, entry, report) => {
    const key = parsePresharedKey(entry.value);
    if (key.ok) section.presharedKey = at(entry, key.value);
    else report.add(key.code, valuePlace(entry));
  }),
  once<DraftPeer>("Endpoint", (section, entry, report) => {
    const endpoint = parseEndpoint(entry.value);
    if (endpoint.ok) section.endpoint = at(entry, endpoint.value);
    else report.add(endpoint.code, valuePlace(entry));
  }),
  many<DraftPeer>("AllowedIPs", readAllowedIps),
  once<DraftPeer>("PersistentKeepalive", (section, entry, report) => {
    // WireGuard for Windows knows "off" in lower case alone.
    const seconds = entry.value === "off" ? 0 : parseDecimal(entry.value, 65535);
    if (seconds === null) report.add("keepalive", valuePlace(entry));
    else section.persistentKeepalive = seconds === 0 ? null : seconds;
  }),
]);

function readAddresses(section: DraftInterface, entry: EntryLine, report: Report): void {
  for (const element of elements(entry, report)) {
    section.addressCount += 1;
    if (isTooMany(section.addressCount, element, report)) return;
    const parsed = parseInterfaceAddress(element.value);
    if (!parsed.ok) {
      report.add(parsed.code, element);
      continue;
    }
    const { address, length } = prefixParts(parsed.value);
    const kind = addressKind(address);
    if (length === 0) report.add("address_whole_family", element);
    else if (!["private", "shared", "link_local", "global", "documentation"].includes(kind))
      report.add("address_forbidden", element);
    else push(section.addresses, { ...element, value: parsed.value }, report);
  }
}

function readDns(section: DraftInterface, entry: EntryLine, report: Report): void {
  for (const element of elements(entry, report)) {
    section.dnsCount += 1;
    if (isTooMany(section.dnsCount, element, report)) return;
    const address = parseAddress(element.value);
    if (address.ok) {
      if (["unspecified", "multicast", "reserved"].includes(addressKind(address.value)))
        report.add("dns_forbidden_address", element);
      else push(section.dns, { ...element, value: address.value }, report);
      continue;
    }
    const domain = parseHostName(element.value);
    if (domain.ok) push(section.searchDomains, { ...element, value: domain.value }, report);
    else report.add(address.code === "address_syntax" ? "dns_syntax" : address.code, element);
  }
}

function isTooMany(count: number, place: Place, report: Report): boolean {
  if (count === LIMITS.elements + 1) report.add("too_many_elements", place);
  return count > LIMITS.elements;
}

function readAllowedIps(peer: DraftPeer, entry: EntryLine, report: Report, draft: Draft): void {
  for (const element of elements(entry, report)) {
    peer.prefixCount += 1;
    if (peer.prefixCount > LIMITS.prefixesPerPeer) {
      if (peer.prefixCount === LIMITS.prefixesPerPeer + 1) report.add("too_many_prefixes", element);
      return;
    }
    const parsed = parsePrefixMasking(element.value);
    if (!parsed.ok) {
      report.add(/^[+-]/.test(element.value) ? "incremental_prefix" : parsed.code, element);
      continue;
    }
    const { prefix, hostBits, bytes, length } = parsed.value;
    const owner = draft.owners.get(prefix);
    const again = owner === peer;
    // One finding an element: the weightiest.
    if (owner !== undefined && !again)
      report.add(
        "allowed_ips_conflict",
        element,
        `The peer of line ${owner.line} already asks for ${prefix}`,
      );
    else if (hostBits)
      report.add(
        "prefix_host_bits",
        element,
        `Bits behind the length are set: read as ${prefix}${again ? ", which is already listed" : ""}`,
      );
    else if (again) report.add("duplicate_element", element);
    if (owner === undefined) {
      draft.owners.set(prefix, peer);
      peer.allowedIps.push({ line: element.line, column: element.column, value: prefix, bytes, length });
    }
  }
}

/** Adds an element that is not in a short list yet. */
function push<T>(list: Located<T>[], element: Located<T>, report: Report): void {
  report.steps += list.length;
  if (list.some((other) => other.value === element.value)) report.add("duplicate_element", element);
  else list.push(element);
}

/** The elements of a comma-separated list with their places, blanks around them removed. */
function elements(entry: EntryLine, report: Report): readonly Located<string>[] {
  const found: Located<string>[] = [];
  let offset = 0;
  for (const part of entry.value.split(",")) {
    const trimmed = part.trimStart();
    const place = { line: entry.line, column: entry.valueColumn + offset + part.length - trimmed.length };
    const value = trimmed.trimEnd();
    if (value === "") report.add("empty_element", place);
    else found.push({ line: place.line, column: place.column, value });
    offset += part.length + 1;
  }
  return found;
}

function at<T>(entry: EntryLine, value: T): Located<T> {
  return { ...valuePlace(entry), value };
}

function valuePlace(entry: EntryLine): Place {
  return { line: entry.line, column: entry.valueColumn };
}
