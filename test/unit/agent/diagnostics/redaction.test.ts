import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addressKind } from "../../../../src/wireguard/address-kind.ts";
import { parseAddress } from "../../../../src/wireguard/address.ts";
import { Placeholders, withoutSecrets } from "../../../../src/agent/diagnostics/redaction.ts";

const key = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString("base64"));
const token = fc.oneof(
  fc.string({ minLength: 4, maxLength: 40, unit: "grapheme" }),
  fc.base64String({ minLength: 8 }),
);
const around = fc.string({ maxLength: 60 });

test("no secret survives, wherever it stands, as it is or inside JSON", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(key, token), { minLength: 1 }),
      around,
      around,
      (secrets, before, after) => {
        const text = secrets
          .map((secret) => `${before}${secret}${after}\n${JSON.stringify({ [before]: secret })}`)
          .join("\n");
        const clean = withoutSecrets(text, { values: secrets, publicKeys: [] });
        // What is part of the placeholder itself cannot be told from it.
        for (const secret of secrets)
          if (!"(secret)".includes(secret))
            expect(clean.replaceAll("(secret)", "\u0000")).not.toContain(secret);
      },
    ),
  );
});

test("keys that nobody listed go too, and public ones may stay", () => {
  const unknown = randomBytes(32).toString("base64");
  const known = randomBytes(32).toString("base64");
  const clean = withoutSecrets(`private ${unknown}, public ${known}`, { values: [], publicKeys: [known] });
  expect(clean).toBe(`private (secret), public ${known}`);
});

test("tokens in headers and keys of enrolment links go by their shape", () => {
  const text =
    'authorization: Bearer abc.def-ghi; opened "nanami://enroll/vpn.example.com?pin=ab#the-key-itself"';
  expect(withoutSecrets(text, { values: [], publicKeys: [] })).toBe(
    'authorization: Bearer (secret) opened "nanami://enroll/vpn.example.com?pin=ab#(secret)"',
  );
});

test("the same value has the same placeholder in all texts, another one another", () => {
  const placeholders = new Placeholders(["frankfurt", "Hotel Frankfurt"]);
  const first = placeholders.replace("203.0.113.7 answers; 203.0.113.7:51820 and 2001:db8::7 do not.");
  expect(first).toBe("address-1 answers; address-1:51820 and address-2 do not.");
  expect(placeholders.replace("10.20.0.0/16 via 203.0.113.7 dev eth0")).toBe(
    "address-3/16 via address-1 dev eth0",
  );
  expect(placeholders.replace("FRANKFURT in Hotel Frankfurt, frankfurter")).toBe(
    "name-2 in name-1, frankfurter",
  );
  expect(placeholders.replace("asked vpn.example.com, 52:54:00:12:34:56, dev_aaaaaaaaaaaa")).toBe(
    "asked host-1, hardware-1, id-1",
  );
});

test("a name goes also as JSON writes it, and a hardware address also from an interface's name", () => {
  const name = 'Ren "Home" \\ Tokyo';
  const placeholders = new Placeholders([name]);
  expect(placeholders.replace(`${JSON.stringify({ name })}, ${name}`)).toBe('{"name":"name-1"}, name-1');
  expect(
    placeholders.replace("2: wlx525400123456: link/ether 52:54:00:12:34:56 altname enx525400abcdef"),
  ).toBe("2: wlxhardware-1: link/ether hardware-1 altname enxhardware-2");
});

test("what says nothing about anybody stays readable", () => {
  const plain = [
    "127.0.0.1 ::1 0.0.0.0/0 ::/0 fe80::/10 ff02::1 255.255.255.255",
    "2026-01-01T00:00:00.000Z nanami 0.1.0 node v24.11.1",
    "5105: from all lookup 20033; see resolv.conf",
  ];
  for (const text of plain) expect(new Placeholders([]).replace(text)).toBe(text);
});

/** Whether an address says something about somebody. */
function isTelling(text: string): boolean {
  const address = parseAddress(text);
  return (
    address.ok && !["unspecified", "loopback", "multicast", "reserved"].includes(addressKind(address.value))
  );
}

test("no address survives", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV6(), around, (four, six, before) => {
      fc.pre([four, six].every(isTelling));
      const clean = new Placeholders([]).replace(`${before} ${four} and ${six}, also [${six}]:51820.`);
      expect(clean).not.toContain(` ${four} `);
      expect(clean).not.toContain(six);
    }),
    // Looks like multicast by its first letters, and is not.
    { examples: [["1.2.3.4", "ff::0:1", ""]] },
  );
});
