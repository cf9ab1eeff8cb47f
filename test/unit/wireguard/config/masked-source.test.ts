import fc from "fast-check";
import { expect, it, test } from "vitest";
import { maskSource } from "../../../../src/wireguard/config/masked-source.ts";

const KEY = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
const mask = (text: string) => maskSource(Buffer.from(text)).join("\n");

test.each([
  ["[Interface]", "[Interface]"],
  ["Address = 10.0.0.1/32", "Address = 10.0.0.1/32"],
  [`PrivateKey = ${KEY}`, `PrivateKey = ${"*".repeat(44)}`],
  ["PrivateKey = abc def", "PrivateKey = *** ***"],
  [`PublicKey = ${KEY}`, `PublicKey = ${"*".repeat(44)}`],
  [`PostUp = wg set %i psk ${KEY}`, `PostUp = wg *** ** *** ${"*".repeat(44)}`],
  ["PostUp = curl -u me:hunter2secret x", "PostUp = curl ** **************** *"],
  ["PostUp = /usr/bin/nft -f x", "PostUp = /usr/bin/nft ** *"],
  ["PostUp = /home/me/hunter2secret", "PostUp = **********************"],
  ["PostUp = TOKEN=hunter2secret sh", "PostUp = ******************* **"],
  ["Endpoint = vpn_1.example.com:51820", "Endpoint = vpn_1.example.com:51820"],
  ["Endpoint = me:hunter2secret@vpn.example.com:1", "Endpoint = **********************************"],
  ["DNS = 10.0.0.53, corp.internal", "DNS = 10.0.0.53, corp.internal"],
  ["AllowedIPs = +10.0.0.0/08, fd00:12345::/32", "AllowedIPs = +10.0.0.0/08, fd00:12345::/32"],
  ["AllowedIPs = hunter2secret", "AllowedIPs = *************"],
  ["MTU = 0x580", "MTU = 0x580"],
  ["Jc = 4", "Jc = *"],
  ["[hunter2secret]", "[*************]"],
  ["[ Peer ] x", "[ Peer ] *"],
  ["Adress = 10.0.0.1", "Adress = ********"],
  [KEY, `${"*".repeat(43)}=`],
  [`PrivateKey: ${KEY}`, `PrivateKey: ${"*".repeat(43)}=`],
  ["abcDEF=", "******="],
  [`Address = 10.0.0.1 # ${KEY}`, "Address = 10.0.0.1 #…"],
  ["MTU\t=\t1420\r", "MTU = 1420"],
  ["Address = 10.0.0.1\u001b[2J", "Address = ************"],
  ["\ufeff[Peer]", "[Peer]"],
])("%j is shown as %j", (line, shown) => expect(mask(line)).toBe(shown));

it("keeps the columns of findings: as many characters as bytes before a comment", () => {
  const line = "Endpoint = büro.example:51820";
  expect(mask(line)).toHaveLength(Buffer.byteLength(line));
});

it("hides names that hold a part of a key, also where the file at hand has it as (kept)", () => {
  const text = "PrivateKey = (kept)\nDNS = 10.0.0.53, yanz5tf-lxxjte14.example\nDNS = tji3zl\nDNS = mnqhd2";
  const complete = Buffer.from(text.replace("(kept)", KEY));
  expect(maskSource(Buffer.from(text), complete)).toEqual([
    "PrivateKey = ******",
    "DNS = ********** ************************",
    "DNS = ******",
    "DNS = ******",
  ]);
});

it("never shows a key, wherever it stands in whatever text", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "PrivateKey",
      "PublicKey",
      "Address",
      "=",
      " = ",
      "#",
      "[",
      "]",
      "\n",
      "\t",
      ",",
      "PostUp",
    ),
    fc.string({ maxLength: 8 }),
    fc.constant(KEY),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      const shown = mask(words.join(""));
      for (let begin = 0; begin + 20 <= KEY.length; begin += 1)
        expect(shown).not.toContain(KEY.slice(begin, begin + 20));
    }),
    { numRuns: 2_000 },
  );
});
