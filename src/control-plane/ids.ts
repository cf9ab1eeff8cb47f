/** Identifiers: `<kind>_<22 characters>`, 131 random bits, so that nobody guesses one. */
import { randomBytes } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** `length` characters of base 62, each equally likely (bytes that would favour the first ones are dropped). */
export function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 4 * ALPHABET.length && text.length < length) text += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return text;
}

export function newId(kind: "ws" | "usr" | "net" | "dev" | "key" | "tok" | "cfg"): string {
  return `${kind}_${randomText(22)}`;
}
