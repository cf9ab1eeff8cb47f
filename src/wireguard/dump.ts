/** Reads what `wg show <interface> dump` prints (wg(8)): one line for the interface, one for each peer, tabs between. */
import { parseDecimal } from "./address.ts";
import {
  parsePresharedKey,
  parsePrivateKey,
  parsePublicKey,
  type PublicKey,
  type SecretKey,
} from "./keys.ts";
import { parseKernelPrefix, type Prefix } from "./prefix.ts";
import { failure, success, type Result } from "./result.ts";

export interface DumpPeer {
  readonly publicKey: PublicKey;
  readonly presharedKey: SecretKey | null;
  /** `address:port` or `[address]:port` as the kernel has it now (link-local ones with a zone); null = unknown. */
  readonly endpoint: string | null;
  readonly allowedIps: readonly Prefix[];
  /** Seconds since the epoch; 0 = never. */
  readonly latestHandshake: number;
  readonly rxBytes: number;
  readonly txBytes: number;
  /** Seconds; null = off. */
  readonly persistentKeepalive: number | null;
}

export interface Dump {
  readonly privateKey: SecretKey | null;
  readonly publicKey: PublicKey | null;
  readonly listenPort: number;
  /** 0 = none. */
  readonly fwmark: number;
  readonly peers: readonly DumpPeer[];
}

/** Parses a whole dump. Fails with `dump_syntax` and the number of the line; never repeats its text (keys). */
export function parseDump(text: string): Result<Dump, "dump_syntax"> {
  const [first = "", ...rest] = text.replace(/\n$/, "").split("\n");
  const head = parseInterface(first.split("\t"));
  if (head === null) return bad(1);
  const peers: DumpPeer[] = [];
  for (const [index, line] of rest.entries()) {
    const peer = parsePeer(line.split("\t"));
    if (peer === null) return bad(index + 2);
    peers.push(peer);
  }
  return success({ ...head, peers });
}

function bad(line: number): Result<never, "dump_syntax"> {
  return failure(
    "dump_syntax",
    `Line ${line} of the output of \`wg show … dump\` is not understood. Is this another version of wireguard-tools?`,
  );
}

function parseInterface(fields: readonly string[]): Omit<Dump, "peers"> | null {
  const [privateText, publicText, portText, markText] = fields;
  if (fields.length !== 4 || portText === undefined) return null;
  const privateKey = optional(privateText, parsePrivateKey);
  const publicKey = optional(publicText, parsePublicKey);
  const listenPort = parseDecimal(portText, 65535);
  const fwmark = parseMark(markText);
  if (privateKey === undefined || publicKey === undefined || listenPort === null || fwmark === null)
    return null;
  return { privateKey, publicKey, listenPort, fwmark };
}

function parsePeer(fields: readonly string[]): DumpPeer | null {
  const [publicText, presharedText, endpoint, allowedText, handshake, rx, tx, keepaliveText] = fields;
  if (fields.length !== 8 || endpoint === undefined || publicText === undefined) return null;
  const publicKey = parsePeerKey(publicText);
  const presharedKey = optional(presharedText, parsePresharedKey);
  const allowedIps = parseAllowedIps(allowedText);
  const latestHandshake = parseCount(handshake);
  const rxBytes = parseCount(rx);
  const txBytes = parseCount(tx);
  const keepalive = keepaliveText === "off" ? 0 : parseDecimal(keepaliveText ?? "", 65535);
  if (publicKey === null || presharedKey === undefined || allowedIps === null) return null;
  if (latestHandshake === null || rxBytes === null || txBytes === null || keepalive === null) return null;
  return {
    publicKey,
    presharedKey,
    endpoint: endpoint === NONE ? null : endpoint,
    allowedIps,
    latestHandshake,
    rxBytes,
    txBytes,
    persistentKeepalive: keepalive === 0 ? null : keepalive,
  };
}

/** Whoever configured the interface may have given it a peer with the key zero, which no file of ours has. */
function parsePeerKey(text: string): PublicKey | null {
  const key = parsePublicKey(text);
  return key.ok || key.code === "key_zero" ? (text as PublicKey) : null;
}

const NONE = "(none)";

/** null for `(none)`, undefined for what does not parse. */
function optional<T>(text: string | undefined, parse: (text: string) => Result<T>): T | null | undefined {
  if (text === NONE) return null;
  const parsed = parse(text ?? "");
  return parsed.ok ? parsed.value : undefined;
}

function parseAllowedIps(text: string | undefined): readonly Prefix[] | null {
  if (text === undefined) return null;
  if (text === NONE) return [];
  const prefixes: Prefix[] = [];
  for (const element of text.split(",")) {
    const prefix = parseKernelPrefix(element);
    if (!prefix.ok) return null;
    prefixes.push(prefix.value);
  }
  return prefixes;
}

/** `off` or `0x…`. */
function parseMark(text: string | undefined): number | null {
  if (text === "off") return 0;
  return text !== undefined && /^0x[0-9a-f]{1,8}$/.test(text) ? Number(text) : null;
}

/** A 64-bit counter; beyond 2^53 it loses its last digits, which nobody reads. */
function parseCount(text: string | undefined): number | null {
  return text !== undefined && /^[0-9]{1,20}$/.test(text) ? Number(text) : null;
}
