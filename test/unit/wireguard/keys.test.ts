import { execFileSync } from "node:child_process";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  derivePublicKey,
  generatePrivateKey,
  parsePrivateKey,
  parsePublicKey,
} from "../../../src/wireguard/keys.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => bytes.some((b) => b !== 0));

function code(text: string): string {
  const parsed = parsePublicKey(text);
  return parsed.ok ? "ok" : parsed.code;
}

describe("a key is read only in its one spelling", () => {
  it("takes the base64 of any 32 bytes that are not all zero", () => {
    fc.assert(
      fc.property(bytes32, (bytes) => {
        const text = Buffer.from(bytes).toString("base64");
        const parsed = parsePublicKey(text);
        expect(parsed).toEqual({ ok: true, value: text });
      }),
    );
  });

  it("refuses the three aliases that spare low bits make", () => {
    const text = Buffer.alloc(32, 7).toString("base64");
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const last = alphabet.indexOf(text.charAt(42));
    for (const alias of [1, 2, 3]) {
      const other = text.slice(0, 42) + alphabet.charAt(last + alias) + "=";
      expect(Buffer.from(other, "base64").equals(Buffer.alloc(32, 7))).toBe(true);
      expect(code(other)).toBe("key_not_canonical");
    }
  });

  it.each([
    ["", "key_length"],
    [Buffer.alloc(31, 1).toString("base64"), "key_padding"],
    [Buffer.alloc(33, 1).toString("base64"), "key_padding"],
    [Buffer.alloc(32, 1).toString("base64").slice(0, 43), "key_length"],
    [`${Buffer.alloc(32, 1).toString("base64")} `, "key_length"],
    [`${"A".repeat(20)} ${"A".repeat(22)}=`, "key_character"],
    [`${"A".repeat(42)}-=`, "key_character"],
    [`${"A".repeat(42)}\u212a=`, "key_character"],
    [`${"A".repeat(43)}=`, "key_zero"],
    ["A".repeat(44), "key_padding"],
  ])("refuses %j with %s", (text, expected) => {
    expect(code(text)).toBe(expected);
  });

  it("never repeats a refused text", () => {
    const text = `${"Sx".repeat(21)}S==`;
    expect(JSON.stringify(parsePrivateKey(text))).not.toContain("SxSx");
  });
});

describe("a secret key", () => {
  it("is shown by nothing but reveal", () => {
    const secret = generatePrivateKey();
    const text = secret.reveal();
    for (const shown of [
      String(secret),
      secret.toString(),
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 9, showHidden: true }),
      inspect(secret, { customInspect: false, showHidden: true }),
      JSON.stringify(Object.entries(secret)),
    ]) {
      expect(shown).not.toContain(text);
      expect(shown).not.toContain(text.slice(0, 12));
    }
  });

  it("has the public key that wg computes", () => {
    for (let round = 0; round < 10; round += 1) {
      const secret = generatePrivateKey();
      const expected = execFileSync("wg", ["pubkey"], { input: secret.reveal(), encoding: "utf8" }).trim();
      expect(derivePublicKey(secret)).toBe(expected);
    }
  });

  it("is clamped when generated", () => {
    for (let round = 0; round < 50; round += 1) {
      const bytes = Buffer.from(generatePrivateKey().reveal(), "base64");
      expect(bytes.readUInt8(0) & 7).toBe(0);
      expect(bytes.readUInt8(31) & 192).toBe(64);
    }
  });

  it("equals itself read again and no other", () => {
    const secret = generatePrivateKey();
    const again = parsePrivateKey(secret.reveal());
    expect(again.ok && again.value.equals(secret)).toBe(true);
    expect(secret.equals(generatePrivateKey())).toBe(false);
  });
});
