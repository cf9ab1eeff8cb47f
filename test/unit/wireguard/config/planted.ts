/**
 * Files with a secret key of theirs planted a second time, in every form in which people and programs spoil keys, at
 * every place of a file. For the promise that no output ever holds a key: what shows a piece of one is found here.
 */
import { randomBytes, randomInt } from "node:crypto";
import { PEER } from "./files.ts";

export interface Planted {
  readonly name: string;
  readonly text: string;
}

export interface Keys {
  readonly privateKey: string;
  readonly presharedKey: string;
}

export function randomKeys(): Keys {
  return { privateKey: randomKey(), presharedKey: randomKey() };
}

function randomKey(): string {
  return randomBytes(32).toString("base64");
}

const hex = (key: string): string => Buffer.from(key, "base64").toString("hex");
const plain = (key: string): string => key.replace(/[^A-Za-z0-9]/g, "");
const labels = (text: string, size: number): string =>
  text.match(new RegExp(`.{1,${size}}`, "g"))?.join(".") ?? "";
const swapped = (key: string): string =>
  key.replace(/[A-Za-z]/g, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );

/** The first piece, if it is long enough to tell something by itself. */
function first(text: string): string {
  const [piece = ""] = text.split(/[., ]+/);
  return plain(piece).length < 8 ? plain(text) : piece;
}

/** What becomes of a key. Those without punctuation can pass for names. */
const FORMS: Readonly<Record<string, (key: string) => string>> = {
  whole: (key) => key,
  "without its last character": (key) => key.slice(0, -1),
  "without its first character": (key) => key.slice(1),
  "its first half": (key) => key.slice(0, 22),
  "its second half": (key) => key.slice(22),
  "twelve characters of it": (key) => plain(key).slice(9, 21),
  "eight characters of it": (key) => plain(key).slice(3, 11),
  "in lower case": (key) => key.toLowerCase(),
  "in capitals": (key) => key.toUpperCase(),
  "in swapped case": swapped,
  "in the URL alphabet": (key) => key.replaceAll("+", "-").replaceAll("/", "_"),
  "without punctuation": plain,
  "in lower case without punctuation": (key) => plain(key).toLowerCase(),
  "in labels": (key) => labels(plain(key), 7),
  "in short labels": (key) => labels(plain(key), 5),
  "inside a name": (key) => `x-${plain(key)}-y.example.com`,
  "in quotes": (key) => `"${key}"`,
  "in hexadecimal": (key) => labels(hex(key), 63),
  "in capital hexadecimal": (key) => labels(hex(key).toUpperCase(), 32),
  "in groups like an address": (key) => hex(key).match(/.{4}/g)?.slice(0, 8).join(":") ?? "",
  "with a blank": (key) => `${key.slice(0, 10)} ${key.slice(10)}`,
  "in two elements": (key) => `${key.slice(0, 11)}, ${key.slice(11, -1)}`,
  "in elements of seven": (key) => labels(plain(key), 7).replaceAll(".", ", "),
  "with a password's sign": (key) => `user:${key}@vpn.example.com`,
};

const INTERFACE_KEYS =
  "PrivateKey Address DNS MTU ListenPort Table FwMark SaveConfig PreUp PostUp PreDown PostDown IncludedApplications".split(
    " ",
  );
const PEER_KEYS = "PublicKey PresharedKey AllowedIPs Endpoint PersistentKeepalive".split(" ");

/** Lines with the planted text, in [Interface] and in [Peer]. */
const PLACES: readonly (readonly ["own" | "peer" | "top", (text: string) => string])[] = [
  ...INTERFACE_KEYS.map((key) => ["own", (text: string) => `${key} = ${text}`] as const),
  ...PEER_KEYS.map((key) => ["peer", (text: string) => `${key} = ${text}`] as const),
  ["own", (text) => `DNS = 10.66.0.53, corp.internal, ${text}`],
  ["own", (text) => `DNS = ${text.split(", ").join("\nDNS = ")}`],
  ["own", (text) => `DNS = ${text.replaceAll(".", "\nDNS = ")}`],
  ["own", (text) => `PostUp = curl -u me:${text} https://example.com`],
  ["own", (text) => `PostUp = iptables,${text}`],
  ["own", (text) => `PostUp = /usr/bin/${text} up`],
  ["own", (text) => `PostUp = TOKEN=${text} sh`],
  ["own", (text) => `Address = 10.66.0.8/${text}`],
  ["own", (text) => `# ${text}`],
  ["own", (text) => `MTU = 1420 # ${text}`],
  ["own", (text) => text],
  ["own", (text) => `${text} = 1`],
  ["own", (text) => `${first(text)} = wg0`],
  ["own", (text) => `[${text}]`],
  ["own", (text) => `[Interface ${text}]`],
  ["own", (text) => `Jc = ${text}`],
  ["own", (text) => `Colour = ${text}`],
  ["own", (text) => `PrivateKey: ${text}`],
  ["peer", (text) => `Endpoint = ${text}:51820`],
  ["peer", (text) => `Endpoint = [${text}]:51820`],
  ["peer", (text) => `Endpoint = vpn.${text}:51820`],
  ["peer", (text) => `Endpoint = 203.0.113.7:${text}`],
  ["peer", (text) => `Endpoint = https://me:${text}@vpn.example.com:51820`],
  ["peer", (text) => `AllowedIPs = 10.66.0.0/16, ${text}`],
  ["peer", (text) => `Endpoint = ${first(text)}:1\nAllowedIPs = 10.1.0.0/16`],
  ["top", (text) => text],
  ["top", (text) => `PrivateKey = ${text}`],
];

/** Every form at every place, of both keys, in files that are sound otherwise. */
export function planted({ privateKey, presharedKey }: Keys): readonly Planted[] {
  return Object.entries(FORMS).flatMap(([form, spoil]) =>
    PLACES.flatMap(([section, write], index) =>
      [privateKey, presharedKey].map((key, which) => {
        const line = write(spoil(key));
        // A key that may stand once stands where the planted one is.
        const rest = (lines: string): string => {
          const name = /^(\w+) = /.exec(line)?.[1] ?? "-";
          return lines.replace(new RegExp(`^${name} = .*\n`, "m"), "");
        };
        const own = `PrivateKey = ${privateKey}\nAddress = 10.66.0.7/32\n`;
        const peer = `PublicKey = ${PEER}\nPresharedKey = ${presharedKey}\nEndpoint = 203.0.113.7:51820\nAllowedIPs = 10.66.0.0/16\n`;
        const text = [
          section === "top" ? `${line}\n` : "",
          `[Interface]\n${section === "own" && !line.startsWith("PrivateKey") ? rest(own) : own}`,
          section === "own" ? `${line}\n` : "",
          `[Peer]\n${section === "peer" && !line.startsWith("PresharedKey") ? rest(peer) : peer}`,
          section === "peer" ? `${line}\n` : "",
        ].join("");
        return { name: `${which === 0 ? "private" : "preshared"} key ${form}, place ${index}`, text };
      }),
    ),
  );
}

/** Every tenth of them, beginning anywhere: for what takes long. In ten runs all are seen. */
export function some(files: readonly Planted[]): readonly Planted[] {
  const begin = randomInt(10);
  return files.filter((_, index) => index % 10 === begin);
}

/** Whether eight characters of a key in a row (of its hexadecimal form, sixteen) are in an output, in whatever dress. */
export function tells(output: string, { privateKey, presharedKey }: Keys): boolean {
  const said = plain(output).toLowerCase();
  return [privateKey, presharedKey].some(
    (key) => shares(said, plain(key).toLowerCase(), 8) || shares(said, hex(key), 16),
  );
}

function shares(text: string, secret: string, length: number): boolean {
  for (let begin = 0; begin + length <= secret.length; begin += 1)
    if (text.includes(secret.slice(begin, begin + length))) return true;
  return false;
}
