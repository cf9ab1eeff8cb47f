/**
 * Recognises parts of secret keys in texts that are shown: a name that somebody pasted a key into gives it away as
 * well without its last character, in lower case, cut into labels or in hexadecimal. Pure.
 */
import type { AddressBytes } from "../address.ts";

/** Characters of the pieces that are compared. */
const PIECE = 5;
/** Each takes six bits of a number. */
const BITS = 6;
const ALL = 2 ** (PIECE * BITS) - 1;
/**
 * Pieces in common from which a text holds a part of a key: eight characters in a row, or fewer at several places.
 * Of ten million names of other people, none does by chance.
 */
const FEW = 4;
/** Sixteen digits in a row: hexadecimal has fewer of them to choose from. */
const FEW_HEX = 12;
const BYTES = 8;
const HEX_RUN = /(?:[0-9a-f][^0-9a-z]*){16}/i;

export class SecretParts {
  readonly #secrets: readonly string[];
  readonly #base64: ReadonlySet<number>;
  #hex: ReadonlySet<number> | undefined;

  /** @param secrets keys as base64, or what somebody wrote in the place of one */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
    this.#base64 = new Set(secrets.flatMap(pieces));
  }

  /** Whether a part of one of the secrets stands in the text, whatever the case and whatever is between. */
  standIn(text: string): boolean {
    if (this.#base64.size === 0) return false;
    const own = pieces(text);
    return common(own, this.#base64) >= FEW || (HEX_RUN.test(text) && this.#hexStandsIn(own));
  }

  /** Whether eight bytes of one of the secrets stand in these, which are those of an address. */
  standInBytes(bytes: AddressBytes): boolean {
    // Most addresses are mostly zero, and keys are not.
    let set = 0;
    for (const byte of bytes) if (byte !== 0) set += 1;
    if (set < BYTES - 1 || this.#base64.size === 0) return false;
    return this.#hexStandsIn(pieces(Buffer.from(bytes).toString("hex")));
  }

  #hexStandsIn(own: readonly number[]): boolean {
    this.#hex ??= new Set(this.#secrets.flatMap((key) => pieces(Buffer.from(key, "base64").toString("hex"))));
    return common(own, this.#hex) >= FEW_HEX;
  }
}

/** How many different pieces both have: a run of zeros is one. */
function common(own: readonly number[], secret: ReadonlySet<number>): number {
  const both = own.filter((piece) => secret.has(piece));
  return both.length < FEW ? 0 : new Set(both).size;
}

/** Every run of five letters and digits, case and all other characters left aside, as a number. */
function pieces(text: string): readonly number[] {
  const found: number[] = [];
  let value = 0;
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = DIGITS[text.charCodeAt(index)] ?? 0;
    if (digit === 0) continue;
    value = ((value << BITS) | digit) & ALL;
    length += 1;
    if (length >= PIECE) found.push(value);
  }
  return found;
}

/** By character code: 1 to 36 for letters and digits, 0 for all others. */
const DIGITS = Uint8Array.from(
  { length: 128 },
  (_, code) => "0123456789abcdefghijklmnopqrstuvwxyz".indexOf(String.fromCharCode(code).toLowerCase()) + 1,
);
