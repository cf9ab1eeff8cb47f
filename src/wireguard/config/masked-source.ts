/**
 * The text of a configuration as it may be shown beside its findings: no key, no comment, nothing that steers a
 * screen. Columns stay what they are in findings (bytes), so that a mark can be put below the place.
 */
import { FOREIGN_KEYS } from "./foreign.ts";
import { INTERFACE_KEYS, PEER_KEYS } from "./values.ts";

const MASK = "*";
/** Shown for each byte that is no printable ASCII character. */
const OTHER = "·";
const SECRET = new Set(["privatekey", "presharedkey", "private-key", "preshared-key"]);
/** Runs of base64 that are long enough to be a good part of a key. Addresses and most names have none. */
const LONG_RUN = /[A-Za-z0-9+/=]{20,}/g;
/** A misspelt key may be shown; a fragment of base64 is not followed by "= something". */
const KEY_LIKE = /^[A-Za-z][A-Za-z-]{0,23}$/;
const HEADING = /^\s*\[[A-Za-z0-9_.: -]{0,40}\]\s*$/;

/** The lines of a file, each as long as its content is in bytes; comments are shortened to `#…`. */
export function maskSource(bytes: Uint8Array): readonly string[] {
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const text = Buffer.from(bytes.subarray(bom)).toString("latin1");
  return text.split("\n").map((line) => maskLine(line.endsWith("\r") ? line.slice(0, -1) : line));
}

function maskLine(line: string): string {
  const hash = line.indexOf("#");
  const content = (hash === -1 ? line : line.slice(0, hash)).replaceAll("\t", " ").replace(/[^ -~]/g, OTHER);
  return maskContent(content) + (hash === -1 ? "" : hash === line.length - 1 ? "#" : "#…");
}

function maskContent(content: string): string {
  if (HEADING.test(content)) return content.replace(LONG_RUN, hide);
  const equals = content.indexOf("=");
  if (equals === -1) return maskWords(content);
  const name = content.slice(0, equals).trim();
  const value = content.slice(equals + 1);
  const known = isKnown(name.toLowerCase());
  if (!known && (!KEY_LIKE.test(name) || value.trim() === "")) return maskWords(content);
  const shown = known && !SECRET.has(name.toLowerCase()) ? value.replace(LONG_RUN, hide) : hide(value);
  return content.slice(0, equals + 1) + shown;
}

/** Hides every word but the names of keys. */
function maskWords(content: string): string {
  return content.replace(/[^\s=:[\]]+/g, (word) => (isKnown(word.toLowerCase()) ? word : hide(word)));
}

function isKnown(name: string): boolean {
  return (
    INTERFACE_KEYS.has(name) ||
    PEER_KEYS.has(name) ||
    FOREIGN_KEYS.has(name) ||
    SECRET.has(name) ||
    name === "interface" ||
    name === "peer"
  );
}

function hide(text: string): string {
  return text.replace(/\S/g, MASK);
}
