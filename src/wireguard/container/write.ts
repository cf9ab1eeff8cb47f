/** Configurations on their way out: as an archive of several, secrets included, for explicit exports alone. */
import { strToU8, zipSync, type Zippable } from "fflate";
import { nameKey, nameProblem } from "./entry-name.ts";

/** The first moment that zip can express: archives of the same files are the same bytes. */
const WHEN = new Date(1980, 0, 1);

/**
 * A zip archive of texts. Names are free text and are made into entry names that every system can unpack, distinct
 * and ending in `.conf`. What comes out, `readZip` reads back.
 */
export function writeZip(documents: readonly { readonly name: string; readonly text: string }[]): Uint8Array {
  const taken = new Set<string>();
  const entries: Zippable = {};
  for (const { name, text } of documents) entries[entryName(name, taken)] = strToU8(text);
  return zipSync(entries, { mtime: WHEN });
}

/** Characters that some system does not allow in a file name, or that hide or turn text. */
const UNWELCOME = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\ufffd/\\:*?"<>|]/gu;
/** Names that Windows takes for devices, whatever ending follows. */
const DEVICE = /^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$) *(?:\.|$)/i;
const LONGEST = 64;

function entryName(name: string, taken: Set<string>): string {
  const plain = Array.from(name.replace(UNWELCOME, "_"))
    .slice(0, LONGEST)
    .join("")
    .trim()
    .replace(/^\.+|[. ]+$/g, "");
  const stem = plain === "" || DEVICE.test(plain) || nameProblem(plain) !== null ? "tunnel" : plain;
  for (let number = 1; ; number += 1) {
    const entry = number === 1 ? `${stem}.conf` : `${stem} (${number}).conf`;
    if (taken.has(nameKey(entry))) continue;
    taken.add(nameKey(entry));
    return entry;
  }
}
