/**
 * WireGuard keys: 32 bytes, written as canonical base64. Public keys are branded text. Private and preshared keys
 * are opaque: nothing that prints, logs or serialises a value can show one; `reveal` is the only way to the text.
 */
import { createPublicKey, generateKeyPairSync, timingSafeEqual } from "node:crypto";
import { failure, success, type Result } from "./result.ts";

declare const publicKeyBrand: unique symbol;
/** Canonical base64 of a Curve25519 public key, not all zero. */
export type PublicKey = string & { readonly [publicKeyBrand]: true };

export type KeyCode = "key_length" | "key_padding" | "key_character" | "key_not_canonical" | "key_zero";

/** What a secret shows wherever it is printed. */
export const KEPT = "(kept)";

/** A private or preshared key. Only `reveal` gives the text; printing, JSON and inspection show `(kept)`. */
export class SecretKey {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** Canonical base64 of 32 bytes, not all zero; surrounding white space is refused too. */
  static parse(text: string): Result<SecretKey, KeyCode> {
    const problem = keyProblem(text);
    return problem ?? success(new SecretKey(text));
  }

  /** The key as base64, for `wg` and for files of mode 0600; never for a log, a message or a face. */
  reveal(): string {
    return this.#text;
  }

  equals(other: SecretKey): boolean {
    return timingSafeEqual(Buffer.from(this.#text), Buffer.from(other.#text));
  }

  toString(): string {
    return KEPT;
  }

  toJSON(): string {
    return KEPT;
  }

  /** What `console.log` and `util.inspect` print. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return KEPT;
  }
}

const KEY_CHARACTERS = 44;
const ZERO_KEY = "A".repeat(KEY_CHARACTERS - 1) + "=";
const BASE64 = /^[A-Za-z0-9+/]*$/;
/** Characters whose two spare low bits are zero: 32 bytes leave two bits over in the 43rd character. */
const CANONICAL_LAST = "AEIMQUYcgkosw048";

/** Parses a public key. The message never repeats the text: people paste private keys in the wrong place. */
export function parsePublicKey(text: string): Result<PublicKey, KeyCode> {
  return keyProblem(text) ?? success(text as PublicKey);
}

/** Parses a private key; see `SecretKey`. */
export function parsePrivateKey(text: string): Result<SecretKey, KeyCode> {
  return SecretKey.parse(text);
}

/** Parses a preshared key; see `SecretKey`. All zero means "none" to WireGuard and is refused here. */
export function parsePresharedKey(text: string): Result<SecretKey, KeyCode> {
  return SecretKey.parse(text);
}

function keyProblem(text: string): ReturnType<typeof failure<KeyCode>> | null {
  if (text.length !== KEY_CHARACTERS)
    return failure(
      "key_length",
      `A WireGuard key has exactly 44 characters, this text has ${text.length}. Copy the whole key again.`,
    );
  if (!text.endsWith("=") || text.endsWith("=="))
    return failure("key_padding", 'A WireGuard key ends in one "=". Copy the whole key again.');
  if (!BASE64.test(text.slice(0, -1)))
    return failure(
      "key_character",
      "A WireGuard key consists of A–Z, a–z, 0–9, + and /, without spaces. Copy the whole key again.",
    );
  if (!CANONICAL_LAST.includes(text.charAt(KEY_CHARACTERS - 2)))
    return failure(
      "key_not_canonical",
      "The spare low bits of this key are not zero, so a second spelling of the same key exists. Ask for the key as `wg` prints it.",
    );
  if (text === ZERO_KEY)
    return failure("key_zero", "This key is all zero, which is no key. Generate one with `wg genkey`.");
  return null;
}

/** DER of a PKCS #8 X25519 private key up to the 32 bytes of the key itself (RFC 8410, section 7). */
const PKCS8_HEADER = Buffer.from("302e020100300506032b656e04220420", "hex");

/** Makes a private key from the system's random source. Clamped (RFC 7748), as `wg genkey` does. */
export function generatePrivateKey(): SecretKey {
  const { privateKey } = generateKeyPairSync("x25519");
  const bytes = privateKey.export({ format: "der", type: "pkcs8" }).subarray(PKCS8_HEADER.length);
  bytes.writeUInt8(bytes.readUInt8(0) & 248, 0);
  bytes.writeUInt8((bytes.readUInt8(31) & 127) | 64, 31);
  const parsed = SecretKey.parse(bytes.toString("base64"));
  if (!parsed.ok) throw new Error(`node:crypto made an impossible X25519 key: ${parsed.code}`);
  return parsed.value;
}

/** The public key of a private key, as `wg pubkey` computes it: one multiplication on Curve25519, some 50 µs. */
export function derivePublicKey(secret: SecretKey): PublicKey {
  const der = Buffer.concat([PKCS8_HEADER, Buffer.from(secret.reveal(), "base64")]).toString("base64");
  const { x } = createPublicKey(`-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----`).export({
    format: "jwk",
  });
  if (x === undefined) throw new Error("node:crypto made an X25519 key without its public part");
  return Buffer.from(x, "base64url").toString("base64") as PublicKey;
}
