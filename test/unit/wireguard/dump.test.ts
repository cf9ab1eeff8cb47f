import { describe, expect, it } from "vitest";
import { prefixBytes } from "../../../src/wireguard/prefix.ts";
import { parseDump } from "../../../src/wireguard/dump.ts";

const KEY_A = Buffer.alloc(32, 1).toString("base64");
const KEY_B = Buffer.alloc(32, 2).toString("base64");
const KEY_C = Buffer.alloc(32, 3).toString("base64");
const INTERFACE = [KEY_A, KEY_B, "51820", "0x6e61"].join("\t");
const PEER = [
  KEY_B,
  KEY_C,
  "[2001:db8::1]:51820",
  "10.0.0.0/8,::/0",
  "1700000000",
  "12",
  "18446744073709551615",
  "25",
];

function problem(parsed: ReturnType<typeof parseDump>): string {
  return parsed.ok ? "read" : parsed.message;
}

describe("wg show dump", () => {
  it("is read whole", () => {
    const parsed = parseDump(`${INTERFACE}\n${PEER.join("\t")}\n`);
    if (!parsed.ok) throw new Error(parsed.message);
    expect(parsed.value).toMatchObject({
      publicKey: KEY_B,
      listenPort: 51820,
      fwmark: 0x6e61,
      peers: [
        {
          publicKey: KEY_B,
          endpoint: "[2001:db8::1]:51820",
          allowedIps: ["10.0.0.0/8", "::/0"],
          latestHandshake: 1_700_000_000,
          rxBytes: 12,
          txBytes: 2 ** 64,
          persistentKeepalive: 25,
        },
      ],
    });
    expect(parsed.value.privateKey?.reveal()).toBe(KEY_A);
    expect(parsed.value.peers[0]?.presharedKey?.reveal()).toBe(KEY_C);
    expect(JSON.stringify(parsed.value)).not.toContain(KEY_A);
  });

  it("knows nothing, off and none", () => {
    const peer = [KEY_B, "(none)", "(none)", "(none)", "0", "0", "0", "off"].join("\t");
    expect(parseDump(`(none)\t(none)\t0\toff\n${peer}\n`)).toEqual({
      ok: true,
      value: {
        privateKey: null,
        publicKey: null,
        listenPort: 0,
        fwmark: 0,
        peers: [
          {
            publicKey: KEY_B,
            presharedKey: null,
            endpoint: null,
            allowedIps: [],
            latestHandshake: 0,
            rxBytes: 0,
            txBytes: 0,
            persistentKeepalive: null,
          },
        ],
      },
    });
  });

  it("is read whatever somebody else configured: the key zero, IPv4-mapped prefixes", () => {
    const zero = `${"A".repeat(43)}=`;
    const peer = [zero, "(none)", "(none)", "::ffff:10.0.0.0/104", "0", "0", "0", "off"].join("\t");
    const parsed = parseDump(`${INTERFACE}\n${peer}\n`);
    expect(parsed).toMatchObject({
      value: { peers: [{ publicKey: zero, allowedIps: ["::ffff:a00:0/104"] }] },
    });
    const prefix = parsed.ok ? parsed.value.peers[0]?.allowedIps[0] : undefined;
    expect(prefix && prefixBytes(prefix).length).toBe(104);
  });

  it("names the line that it does not understand, and not its text", () => {
    for (const [index, wrong] of ["x", "x", "x:", "10.0.0.0/x", "-1", "", "1e3", "70000"].entries()) {
      const fields = PEER.with(index, wrong);
      const parsed = parseDump(`${INTERFACE}\n${fields.join("\t")}\n`);
      if (index === 2) continue; // The endpoint is the kernel's text, taken as it is.
      expect(problem(parsed)).toContain("Line 2");
      expect(JSON.stringify(parsed)).not.toContain(KEY_C);
    }
    for (const text of ["", "\n", `${INTERFACE}\textra`, INTERFACE.replace("51820", "x")])
      expect(problem(parseDump(text))).toContain("Line 1");
  });
});
