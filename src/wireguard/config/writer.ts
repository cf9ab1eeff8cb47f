/** From the typed value to a file that every WireGuard program reads alike: `checkConfig(writeConfig(x))` is x. */
import { formatEndpoint } from "../endpoint.ts";
import type { PublicKey } from "../keys.ts";
import { isHostPrefix, prefixParts, type Prefix } from "../prefix.ts";
import { LIMITS, type InterfaceConfig, type PeerConfig, type TunnelConfig } from "./types.ts";

/** How much is written for people and how much only because it must be. */
interface Form {
  readonly equals: string;
  readonly comma: string;
  readonly sectionGap: string;
  readonly prefix: (prefix: Prefix) => string;
}

const READABLE: Form = { equals: " = ", comma: ", ", sectionGap: "\n", prefix: (prefix) => prefix };
/** A list of tens of kilobytes written as densely as it can be has to fit again. */
const DENSE: Form = {
  equals: "=",
  comma: ",",
  sectionGap: "",
  prefix: (prefix) => (isHostPrefix(prefix) ? prefixParts(prefix).address : prefix),
};

/**
 * The configuration as text, secrets included: for a 0600 file or an explicit export, for nothing else. Long lists
 * take several lines.
 */
export function writeConfig(config: TunnelConfig): string {
  return fitting(config);
}

/** A configuration for a private key that whoever writes the file does not have. */
export interface KeylessConfig {
  readonly interface: Omit<InterfaceConfig, "privateKey"> & { readonly publicKey: PublicKey };
  readonly peers: readonly PeerConfig[];
}

/** As `writeConfig`, with a comment in the place of the private key that says which one to write there. */
export function writeKeylessConfig(config: KeylessConfig): string {
  return fitting(config);
}

function fitting(config: TunnelConfig | KeylessConfig): string {
  const text = write(config, READABLE);
  return text.length <= LIMITS.fileBytes ? text : write(config, DENSE);
}

function write(config: TunnelConfig | KeylessConfig, form: Form): string {
  const own = config.interface;
  const sections = [
    [
      "[Interface]",
      "privateKey" in own
        ? line("PrivateKey", own.privateKey.reveal(), form)
        : `# PrivateKey = here goes the private key of ${own.publicKey}, which you alone have`,
      ...list("Address", own.addresses, form),
      ...list("DNS", [...own.dns, ...own.searchDomains], form),
      ...optional("MTU", own.mtu, form),
      ...optional("ListenPort", own.listenPort, form),
    ],
    ...config.peers.map((peer) => writePeer(peer, form)),
  ];
  return sections.map((lines) => `${lines.join("\n")}\n`).join(form.sectionGap);
}

function writePeer(peer: PeerConfig, form: Form): string[] {
  return [
    "[Peer]",
    line("PublicKey", peer.publicKey, form),
    ...optional("PresharedKey", peer.presharedKey?.reveal() ?? null, form),
    ...optional("Endpoint", peer.endpoint === null ? null : formatEndpoint(peer.endpoint), form),
    ...list("AllowedIPs", peer.allowedIps.map(form.prefix), form),
    ...optional("PersistentKeepalive", peer.persistentKeepalive, form),
  ];
}

function line(key: string, value: string | number, form: Form): string {
  return `${key}${form.equals}${value}`;
}

function optional(key: string, value: string | number | null, form: Form): string[] {
  return value === null ? [] : [line(key, value, form)];
}

/** A list in as few lines as the limit of a line allows. */
function list(key: string, elements: readonly string[], form: Form): string[] {
  const lines: string[] = [];
  let current = "";
  for (const element of elements) {
    const longer = current === "" ? line(key, element, form) : `${current}${form.comma}${element}`;
    if (longer.length > LIMITS.lineBytes && current !== "") {
      lines.push(current);
      current = line(key, element, form);
    } else current = longer;
  }
  return current === "" ? lines : [...lines, current];
}
