/**
 * Takes out of a text what must not leave this machine, or what its owner does not want to hand on. Pure. Secrets go
 * by value (every one that the agent holds) and by shape (whatever looks like one); names and addresses are replaced
 * by placeholders, the same one wherever the same value stands, so that the text can still be followed.
 */
import { parseAddress } from "../../wireguard/address.ts";

const SECRET = "(secret)";

/** Canonical base64 of 32 bytes: a WireGuard key, private or not. */
const KEY = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=/g;
/** What follows `Bearer`, and the key of an enrolment link. */
const TOKENS = [/\b(Bearer )[^\s"',]+/gi, /(nanami:\/\/enroll\/[^\s"'#]*#)[^\s"',]+/g] as const;

/** What the agent holds that no text may show. */
export interface Secrets {
  /** Tokens and keys, as they would stand in a text. */
  readonly values: readonly string[];
  /** Keys that may be shown: public ones. */
  readonly publicKeys: readonly string[];
}

/** The text without secrets. */
export function withoutSecrets(text: string, { values, publicKeys }: Secrets): string {
  const shown = new Set(publicKeys);
  let result = text;
  // The longest first: one may be part of another.
  for (const value of values.filter((one) => one !== "").toSorted((a, b) => b.length - a.length))
    for (const form of [value, JSON.stringify(value).slice(1, -1)]) result = result.replaceAll(form, SECRET);
  for (const pattern of TOKENS) result = result.replace(pattern, `$1${SECRET}`);
  return result.replace(KEY, (key) => (shown.has(key) ? key : SECRET));
}

const MAC = /\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/gi;
/** In the name of an interface, as systemd.net-naming-scheme(7) makes it: `enx…`, `wlx…`, `wwx…`. */
const NAMED_BY_MAC = /(?<=\b(?:en|wl|ww)x)[0-9a-f]{12}\b/g;
const ID = /\b[a-z]{2,4}_[A-Za-z0-9]{8,40}\b/g;
const MAYBE_IPV4 = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)/g;
const MAYBE_IPV6 = /(?<![\w.:])[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]{1,40}(?![\w:])/g;
const HOST = /(?<![\w./-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}(?![\w/-])/gi;
/** Ends of file names, which look like hosts. */
const FILE = /\.(?:conf|json|ts|js|sock|service|so)$/i;
/** Addresses that say nothing about anybody. */
const COMMON = /^(?:0\.0\.0\.0|127\.|255\.255\.255\.255|22[4-9]\.|23\d\.|::$|::1$|fe80::$|ff[0-9a-f]{2}:)/i;

type Kind = "address" | "hardware" | "host" | "id" | "key" | "name";

/** Replaces names and addresses; one for all texts of a bundle. */
export class Placeholders {
  readonly #known = new Map<string, string>();
  readonly #counts = new Map<Kind, number>();
  readonly #names: readonly string[];

  /** `names`: of people, machines, networks and files, as they may stand in the texts. */
  constructor(names: readonly string[]) {
    const worth = names.map((name) => name.trim()).filter((name) => name.length > 1);
    this.#names = [...new Set(worth)].toSorted((a, b) => b.length - a.length);
  }

  replace(text: string): string {
    let result = text.replace(KEY, (key) => this.#for("key", key));
    for (const name of this.#names)
      for (const form of new Set([name, JSON.stringify(name).slice(1, -1)])) {
        const word = new RegExp(`(?<![\\w-])${form.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}(?![\\w-])`, "gi");
        result = result.replace(word, () => this.#for("name", name.toLowerCase()));
      }
    return result
      .replace(ID, (id) => this.#for("id", id))
      .replace(MAC, (mac) => this.#for("hardware", mac.toLowerCase()))
      .replace(NAMED_BY_MAC, (digits) => this.#for("hardware", digits.replace(/..(?=.)/g, "$&:")))
      .replace(MAYBE_IPV4, (candidate) => this.#address(candidate))
      .replace(MAYBE_IPV6, (candidate) => this.#address(candidate))
      .replace(HOST, (host) => (FILE.test(host) ? host : this.#for("host", host.toLowerCase())));
  }

  /** `candidate`: of the characters of an address, perhaps with what ends the sentence behind it. */
  #address(candidate: string): string {
    const [text, end] = /[^:][:.]$/.test(candidate)
      ? [candidate.slice(0, -1), candidate.slice(-1)]
      : [candidate, ""];
    const address = parseAddress(text);
    if (!address.ok || COMMON.test(address.value)) return candidate;
    return `${this.#for("address", address.value)}${end}`;
  }

  #for(kind: Kind, value: string): string {
    const key = `${kind} ${value}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const placeholder = `${kind}-${count}`;
    this.#known.set(key, placeholder);
    return placeholder;
  }
}
