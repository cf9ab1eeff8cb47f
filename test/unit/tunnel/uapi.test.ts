import { expect, test } from "vitest";
import { dumpText, uapiLines } from "../../../src/tunnel/linux/uapi.ts";
import { parseDump } from "../../../src/wireguard/dump.ts";
import { KEY_A } from "./intents.ts";

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
  expect(uapiLines([...words, "peer", KEY_A, "remove"], new Map())).toEqual([
    "fwmark=7",
    `public_key=${hex(KEY_A)}`,
    `preshared_key=${"0".repeat(64)}`,
    "replace_allowed_ips=true",
    "allowed_ip=10.0.0.0/8",
    "allowed_ip=::/0",
    `public_key=${hex(KEY_A)}`,
    "remove=true",
  ]);
  expect(() => uapiLines(["listen-port", "1"], new Map())).toThrow("listen-port");
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
