import { describe, expect, test } from "vitest";
import { dumpText } from "../../../src/tunnel/linux/uapi.ts";
import { carriedIn, setLines } from "../../../src/tunnel/linux/uapi-set.ts";
import { parseDump } from "../../../src/wireguard/dump.ts";
import { KEY_A, KEY_B } from "./intents.ts";

const hex = (key: string): string => Buffer.from(key, "base64").toString("hex");

test("the words of `wg set` become lines in their order; a file that is no secret of ours means no key", () => {
  const words = [
    "fwmark",
    "7",
    "peer",
    KEY_A,
    "preshared-key",
    "/dev/null",
    "allowed-ips",
    "10.0.0.0/8,::/0",
  ];
  expect(setLines([...words, "peer", KEY_A, "remove"], new Map(), new Map())).toEqual([
    "fwmark=7",
    `public_key=${hex(KEY_A)}`,
    `preshared_key=${"0".repeat(64)}`,
    "allowed_ip=10.0.0.0/8",
    "allowed_ip=::/0",
    `public_key=${hex(KEY_A)}`,
    "remove=true",
  ]);
  expect(() => setLines(["listen-port", "1"], new Map(), new Map())).toThrow("listen-port");
});

describe("prefixes move without a moment in which they are nobody's", () => {
  const has = (a: string[], b: string[] = []) =>
    new Map([
      [hex(KEY_A), a],
      [hex(KEY_B), b],
    ]);
  const set = (carried: ReturnType<typeof has>, ...words: string[]) => setLines(words, new Map(), carried);

  test("what a peer has and keeps is not named", () => {
    expect(set(has(["10.0.0.0/8"]), "peer", KEY_A, "allowed-ips", "10.0.0.0/8,0.0.0.0/0")).toEqual([
      `public_key=${hex(KEY_A)}`,
      "allowed_ip=0.0.0.0/0",
    ]);
  });

  test("what another peer gets is not taken away before", () => {
    const words = ["peer", KEY_A, "allowed-ips", "10.0.0.0/8", "peer", KEY_B, "allowed-ips", "0.0.0.0/0"];
    expect(set(has(["0.0.0.0/0"]), ...words)).toEqual([
      `public_key=${hex(KEY_A)}`,
      "allowed_ip=10.0.0.0/8",
      `public_key=${hex(KEY_B)}`,
      "allowed_ip=0.0.0.0/0",
    ]);
  });

  test("what nobody shall have goes with a peer that is removed at once", () => {
    const lines = set(has(["10.0.0.0/8", "0.0.0.0/0"]), "peer", KEY_A, "allowed-ips", "10.0.0.0/8");
    expect(lines).toEqual([
      `public_key=${hex(KEY_A)}`,
      expect.stringMatching(/^public_key=09/),
      "allowed_ip=0.0.0.0/0",
      "remove=true",
    ]);
  });

  test("what peers have is read from what wireguard-go answers", () => {
    const answer = `private_key=00\nfwmark=7\npublic_key=aa\nendpoint=1.2.3.4:5\nallowed_ip=10.0.0.0/8\nallowed_ip=::/0\npublic_key=bb\nerrno=0\n\n`;
    expect([...carriedIn(answer)]).toEqual([
      ["aa", ["10.0.0.0/8", "::/0"]],
      ["bb", []],
    ]);
  });
});

test("an answer without a key, a mark or peers is a whole one", () => {
  const dump = parseDump(dumpText("listen_port=0\nerrno=0\n\n"));
  expect(dump).toMatchObject({
    ok: true,
    value: { privateKey: null, publicKey: null, fwmark: 0, peers: [] },
  });
});

test("garbage for an answer is no peer", () => {
  for (const answer of ["public_key=zz\nerrno=0\n\n", `public_key=${hex(KEY_A)}\nallowed_ip=x\n\n`])
    expect(parseDump(dumpText(answer)).ok).toBe(false);
});
