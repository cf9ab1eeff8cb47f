/** The text of a profile while it is edited: secrets stand as `(kept)` and come back only where they stood. Pure. */
import { KEPT } from "../../wireguard/keys.ts";
import type { TunnelConfig } from "../../wireguard/config/types.ts";
import { writeConfig } from "../../wireguard/config/writer.ts";

/** The configuration as text without its secrets. */
export function editableText(config: TunnelConfig): string {
  return writeConfig(config).replace(/^(PrivateKey|PresharedKey)(\s*=\s*).*$/gm, `$1$2${KEPT}`);
}

const HEADING = /^[ \t]*\[([A-Za-z]+)\]/;
const ENTRY = /^[ \t]*([A-Za-z]+)[ \t]*=[ \t]*([^\s#]+)[ \t]*(?:#.*)?\r?$/;

interface Place {
  readonly index: number;
  readonly key: "privatekey" | "presharedkey";
  readonly section: Section;
}

interface Section {
  publicKey: string | null;
}

/**
 * The text with each `(kept)` replaced by the secret that stood there: the private key by the profile's, a preshared
 * key by that of the peer with the same public key. What belongs to nobody stays, and the checks refuse it.
 */
export function withSecrets(text: string, config: TunnelConfig): string {
  const lines = text.split("\n");
  const presharedKeys = new Map(config.peers.map((peer) => [String(peer.publicKey), peer.presharedKey]));
  for (const { index, key, section } of keptPlaces(lines)) {
    const secret =
      key === "privatekey" ? config.interface.privateKey : presharedKeys.get(section.publicKey ?? "");
    // A function, because a replacement text would give meaning to "$".
    if (secret != null) lines[index] = (lines[index] ?? "").replace(KEPT, () => secret.reveal());
  }
  return lines.join("\n");
}

/** Where secrets are kept, each with its section, whose public key may stand before or behind it. */
function keptPlaces(lines: readonly string[]): readonly Place[] {
  const places: Place[] = [];
  let section: Section = { publicKey: null };
  for (const [index, line] of lines.entries()) {
    if (HEADING.test(line)) section = { publicKey: null };
    const [, name = "", value = ""] = ENTRY.exec(line) ?? [];
    const key = name.toLowerCase();
    if (key === "publickey") section.publicKey = value;
    if (value === KEPT && (key === "privatekey" || key === "presharedkey"))
      places.push({ index, key, section });
  }
  return places;
}
