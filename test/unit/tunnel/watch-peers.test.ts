import { expect, test } from "vitest";
import { peersIn } from "../../../src/tunnel/linux/watch-peers.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);
const peer = (key: string, allowed: readonly string[], changing = "0"): string =>
  [
    `public_key=${key}`,
    `preshared_key=${"0".repeat(64)}`,
    "protocol_version=1",
    `endpoint=203.0.113.17:${changing}`,
    `last_handshake_time_sec=${changing}`,
    `tx_bytes=${changing}`,
    ...allowed.map((prefix) => `allowed_ip=${prefix}`),
  ].join("\n");
const answer = (...peers: readonly string[]): string =>
  [`private_key=${"c".repeat(64)}`, "listen_port=40000", "fwmark=1313951319", ...peers, "errno=0"].join(
    "\n",
  ) + "\n\n";

test("what changes by itself, and the program's order, say nothing", () => {
  const before = peersIn(answer(peer(A, ["10.20.0.0/16", "10.90.0.1/32"]), peer(B, ["0.0.0.0/0"])));
  expect(peersIn(answer(peer(B, ["0.0.0.0/0"], "7"), peer(A, ["10.90.0.1/32", "10.20.0.0/16"], "9")))).toBe(
    before,
  );
});

test("a peer that is gone, new, or carries something else, and another mark, are told apart", () => {
  const states = [
    answer(peer(A, ["10.20.0.0/16"])),
    answer(peer(A, [])),
    answer(peer(A, ["10.20.0.0/16"]), peer(B, ["0.0.0.0/0"])),
    answer(peer(A, ["0.0.0.0/0"]), peer(B, ["10.20.0.0/16"])),
    answer(),
    answer().replace("fwmark=1313951319", "fwmark=0"),
  ];
  expect(new Set(states.map(peersIn)).size).toBe(states.length);
});

test("no key of ours is kept", () => {
  expect(peersIn(answer(peer(A, ["10.20.0.0/16"])))).not.toContain("c".repeat(64));
});
