/**
 * The text of a configuration as it may be shown beside its findings: of each value only words of a shape in which no
 * secret hides, no key, no comment, nothing that steers a screen. Columns stay what they are in findings (bytes), so
 * that a mark can be put below the place.
 */
import { FOREIGN_KEYS, FOREIGN_SECTIONS } from "./foreign.ts";
import { SecretParts } from "./secret-parts.ts";
import { INTERFACE_KEYS, PEER_KEYS } from "./values.ts";

const MASK = "*";
/** Shown for each byte that is no printable ASCII character. */
const OTHER = "·";
const SECRET = new Set(["privatekey", "presharedkey", "private-key", "preshared-key"]);
/** A misspelt key may be shown; a fragment of base64 is not followed by "= something". */
const KEY_LIKE = /^[A-Za-z][A-Za-z-]{0,18}$/;
/** A whole key, wherever it stands. */
const WHOLE_KEY = /[A-Za-z0-9+/]{40,}/g;

type Shape = (word: string, index: number) => boolean;

/** Addresses, prefixes and what goes wrong with them: no longer run of letters and digits than they have. */
const address: Shape = (word) => /^[0-9a-fx.:/%+[\]-]{1,60}$/i.test(word) && !/[0-9a-z]{6}/i.test(word);
/** Names with or without a port. Long runs without a hyphen are more often keys. */
const host: Shape = (word) =>
  /^[a-z0-9._-]{1,253}(?::[0-9]{0,6})?$/i.test(word) && !/[a-z0-9]{20}/i.test(word);
const number: Shape = (word) =>
  /^(?:[+-]?[0-9]{1,6}[a-z]{0,2}|0x[0-9a-f]{1,8}|off|on|auto|true|false|main|default)$/i.test(word);
const PROGRAMS =
  "bash conntrack curl dash echo ip ip6tables iptables logger networksetup nft ping powershell powershell.exe resolvconf resolvectl route sh sleep sudo sysctl systemctl systemd-resolve touch ufw wg wget";
/** Of a command the program alone, where it is a well-known one: passwords stand in arguments and in paths. */
const program: Shape = (word, index) => {
  const name = /^(?:\/(?:usr\/(?:local\/)?)?s?bin\/)?([a-z0-9.-]+)$/.exec(word)?.[1];
  return index === 0 && name !== undefined && PROGRAMS.split(" ").includes(name);
};

const ADDRESSES = [address];
const NAMES_TOO = [address, host];
const NUMBERS = [number];
const COMMAND = [program];

/** The shapes in which words of a value are shown; of all other keys none is. */
const SHOWN: ReadonlyMap<string, readonly Shape[]> = new Map([
  ["address", ADDRESSES],
  ["allowedips", ADDRESSES],
  ["dns", NAMES_TOO],
  ["endpoint", NAMES_TOO],
  ["mtu", NUMBERS],
  ["listenport", NUMBERS],
  ["persistentkeepalive", NUMBERS],
  ["table", NUMBERS],
  ["fwmark", NUMBERS],
  ["saveconfig", NUMBERS],
  ["preup", COMMAND],
  ["postup", COMMAND],
  ["predown", COMMAND],
  ["postdown", COMMAND],
]);

/**
 * The lines of a file, each as long as its content is in bytes; comments are shortened to `#…`.
 *
 * @param complete the file with its keys, where they stand in `bytes` as `(kept)`
 */
export function maskSource(bytes: Uint8Array, complete = bytes): readonly string[] {
  const parts = new SecretParts(secretsIn(complete));
  const lines = linesOf(bytes).map((line) => maskLine(line, parts));
  // A key may be spread over names on several lines, each of which is harmless.
  const names = lines.map((line) => NAMES.exec(line)?.[1] ?? "").join("");
  return parts.standIn(names) ? lines.map((line) => (NAMES.test(line) ? maskWords(line) : line)) : lines;
}

const NAMES = /^ *(?:dns|endpoint) *=(.*)/i;

/** What stands in the place of secret keys in a file, sound or not, and every whole key that is not a public one. */
export function secretsIn(bytes: Uint8Array): readonly string[] {
  return linesOf(bytes).flatMap((line) => {
    const [, name = "", value = ""] = /^([^=#]*)=([^#]*)/.exec(line) ?? [];
    const key = name.trim().toLowerCase();
    if (SECRET.has(key)) return [value.trim()];
    return key === "publickey" ? [] : (line.match(WHOLE_KEY) ?? []);
  });
}

function linesOf(bytes: Uint8Array): readonly string[] {
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const text = Buffer.from(bytes.subarray(bom)).toString("latin1");
  return text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

function maskLine(line: string, parts: SecretParts): string {
  const hash = line.indexOf("#");
  const content = (hash === -1 ? line : line.slice(0, hash)).replaceAll("\t", " ").replace(/[^ -~]/g, OTHER);
  return maskContent(content, parts) + (hash === -1 ? "" : hash === line.length - 1 ? "#" : "#…");
}

function maskContent(content: string, parts: SecretParts): string {
  const equals = content.indexOf("=");
  if (equals === -1 || content.trimStart().startsWith("[")) return maskWords(content);
  const name = content.slice(0, equals).trim();
  const value = content.slice(equals + 1);
  const misspelt = KEY_LIKE.test(name) && value.trim() !== "" && !parts.standIn(name);
  if (!isKnown(name.toLowerCase()) && !misspelt) return maskWords(content);
  const shapes = SHOWN.get(name.toLowerCase()) ?? [];
  let index = 0;
  const shown = value.replace(/[^\s,]+/g, (word) => {
    const fits = shapes.some((shape) => shape(word, index)) && !parts.standIn(word);
    index += 1;
    return fits ? word : hide(word);
  });
  // Words that are harmless each may be a key together.
  return content.slice(0, equals + 1) + (parts.standIn(shown) ? hide(value) : shown);
}

/** Hides every word but the names of keys and sections. */
function maskWords(content: string): string {
  return content.replace(/[^\s=:[\]]+/g, (word) => (isKnown(word.toLowerCase()) ? word : hide(word)));
}

function isKnown(name: string): boolean {
  return (
    INTERFACE_KEYS.has(name) ||
    PEER_KEYS.has(name) ||
    FOREIGN_KEYS.has(name) ||
    FOREIGN_SECTIONS.has(name) ||
    SECRET.has(name) ||
    name === "interface" ||
    name === "peer"
  );
}

function hide(text: string): string {
  return text.replace(/\S/g, MASK);
}
