import fc from "fast-check";
import { expect, test } from "vitest";
import {
  annotate,
  askedOf,
  keepsSecrets,
  namedPrefixes,
  startOfLine,
  suggestedName,
  worstOf,
  type Finding,
} from "../../../../renderer/screens/manual/report.ts";
import { Name } from "../../../../src/routing/schema.ts";

const at = (line: number, severity: Finding["severity"], column = 1): Finding => ({
  ...{ line, severity, column, code: `c${line}`, message: "m", what: "m", why: "", remedy: "" },
});

test("findings stand at their lines, the worst first, and those without a line apart", () => {
  const { lines, loose } = annotate(
    ["[Interface]", "PostUp = x", ""],
    [at(2, "info"), at(2, "error", 5), at(0, "warning"), at(9, "error")],
  );
  expect(lines.map(({ number, findings }) => [number, findings.map(({ severity }) => severity)])).toEqual([
    [1, []],
    [2, ["error", "info"]],
    [3, []],
  ]);
  expect(loose.map(({ line }) => line)).toEqual([9, 0]);
  expect(worstOf([at(1, "info"), at(2, "warning")])).toBe("warning");
  expect(worstOf([])).toBeNull();
});

test("the networks beside default routes are those that are longer than half of all", () => {
  expect(namedPrefixes(["0.0.0.0/1", "::/0", "10.0.0.0/8"])).toEqual(["10.0.0.0/8"]);
});

test("what is asked for is named once, with the gateways that are known", () => {
  const peer = { publicKey: "k", hasPresharedKey: false, persistentKeepalive: null };
  const own = { addresses: [], dns: [], searchDomains: [], mtu: null, listenPort: null };
  expect(
    askedOf({
      interface: own,
      peers: [
        { ...peer, endpoint: "vpn.example:51820", allowedIps: ["10.0.0.0/8"] },
        { ...peer, endpoint: null, allowedIps: ["10.0.0.0/8", "::/0"] },
      ],
    }),
  ).toEqual({ prefixes: ["10.0.0.0/8", "::/0"], gateways: ["vpn.example:51820"] });
});

test.each([
  ["office.conf", "office"],
  ["C:\\Users\\me\\office.CONF", "office"],
  ["../../etc/passwd", "passwd"],
  ["photo of code.jpeg", "photo of code"],
  [".conf", "New"],
  ["\u0000\u001b\n", "New"],
  ["日本 オフィス.conf", "日本 オフィス"],
])("%j is called %j", (file, name) => expect(suggestedName(file, "New")).toBe(name));

test("whatever a file is called, the agent takes the name", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 100 }), (points) => {
      const file = String.fromCodePoint(...points);
      expect(Name.safeParse(suggestedName(file, "New")).success).toBe(true);
    }),
  );
});

test("the start of a line is found, also of one that is not there", () => {
  expect([1, 2, 3, 9].map((line) => startOfLine("a\nbc\n", line))).toEqual([0, 2, 5, 5]);
});

test("an edit can be put back only while every secret was kept", () => {
  expect(keepsSecrets("PrivateKey = (kept)\nMTU = 1400", "PrivateKey = (kept)")).toBe(true);
  expect(keepsSecrets("PrivateKey = (kept)", "PrivateKey = abc")).toBe(false);
});
