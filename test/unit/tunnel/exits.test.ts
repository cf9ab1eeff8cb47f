import fc from "fast-check";
import { expect, test } from "vitest";
import { desiredState } from "../../../src/tunnel/desired-state.ts";
import { endedBy, movesExit } from "../../../src/tunnel/exits.ts";
import { expectRoute } from "../../../src/tunnel/explain.ts";
import { lockdownIntent } from "../../../src/tunnel/lockdown.ts";
import type { NetworkState } from "../../../src/tunnel/network-state.ts";
import type { Intent } from "../../../src/tunnel/types.ts";
import { formatAddress, type Address } from "../../../src/wireguard/address.ts";
import type { Prefix } from "../../../src/wireguard/prefix.ts";
import { fullIntent, KEY_A, KEY_B, KEY_C, nestedIntent, peer, privateIntent } from "./intents.ts";

const LAN = { interface: "eth0", prefix: "192.168.7.0/24" as Prefix };
const TUNNEL = ["10.90.0.2", "fd00:90::2"] as readonly string[] as readonly Address[];
const OWN = [...TUNNEL, "192.168.7.2", "2001:db8:7::2"] as Address[];

const state = (intent: Intent, closed = false): NetworkState =>
  desiredState(intent, { interface: "nanami0", onLink: [LAN], tracks: false, closed });

const throughB = fullIntent({ peers: [peer(KEY_B, "203.0.113.33", ["0.0.0.0/0", "::/0"])] });
const local = fullIntent({ allowLocalNetwork: true });

function ends(before: Intent | null, after: Intent, src: string, dst: string): boolean {
  const ended = endedBy(state(after), before === null ? null : state(before), OWN);
  return ended(src as Address, dst as Address);
}

test.each([
  ["the Internet, when all of it enters the tunnel", null, fullIntent(), "192.168.7.2", "1.1.1.1", true],
  ["a printer that stays reachable", null, local, "192.168.7.2", "192.168.7.9", false],
  ["a printer that does not", null, fullIntent(), "192.168.7.2", "192.168.7.9", true],
  ["this machine itself", null, fullIntent(), "192.168.7.2", "192.168.7.2", false],
  ["loopback", null, fullIntent(), "127.0.0.1", "127.0.0.1", false],
  ["a stranger that a private prefix hides", null, privateIntent(), "192.168.7.2", "10.20.0.10", true],
  ["the Internet in vpn_only", null, privateIntent(), "192.168.7.2", "1.1.1.1", false],
  ["private, mode switched", fullIntent(), privateIntent(), "10.90.0.2", "10.20.0.10", false],
  ["private, egress changed", nestedIntent(), fullIntent(), "10.90.0.2", "10.20.0.10", false],
  ["private, ingress changed", fullIntent(), throughB, "10.90.0.2", "10.20.0.10", true],
  ["the Internet, back to vpn_only", fullIntent(), privateIntent(), "10.90.0.2", "1.1.1.1", true],
  ["the Internet, opened after that", fullIntent(), privateIntent(), "192.168.7.2", "1.1.1.1", false],
  ["the Internet, egress changed", fullIntent(), nestedIntent(), "10.90.0.2", "1.1.1.1", true],
  ["the Internet, same egress behind an ingress", nestedIntent(), throughB, "10.90.0.2", "1.1.1.1", false],
  ["IPv6, same egress", nestedIntent(), throughB, "fd00:90::2", "2001:db8::1", false],
  ["IPv6, egress changed", fullIntent(), nestedIntent(), "fd00:90::2", "2001:db8::1", true],
  ["nothing changed", fullIntent(), fullIntent(), "10.90.0.2", "1.1.1.1", false],
  ["after a restart", null, fullIntent(), "10.90.0.2", "1.1.1.1", false],
  ["lockdown", fullIntent(), lockdownIntent([], false), "10.90.0.2", "10.20.0.10", true],
] as const)("%s", (_, before, after, src, dst, ended) => {
  expect(ends(before, after, src, dst)).toBe(ended);
});

test.each([
  ["another ingress", privateIntent(), privateIntent({ peers: throughB.peers }), true],
  ["another egress", fullIntent(), nestedIntent(), true],
  ["the same egress behind an ingress, with the private network", nestedIntent(), throughB, true],
  ["into full_tunnel", privateIntent(), fullIntent(), false],
  ["out of full_tunnel", fullIntent(), privateIntent(), false],
  ["out of full_tunnel at a second gateway", nestedIntent(), privateIntent(), false],
  ["nothing", fullIntent(), fullIntent(), false],
] as const)("whether new connections look like those that end: %s", (_, before, after, moves) => {
  expect(movesExit(state(after), state(before))).toBe(moves);
});

test("what is in the tunnel waits while all is closed", () => {
  const ended = endedBy(state(fullIntent(), true), state(fullIntent()), OWN);
  expect(ended("10.90.0.2" as Address, "1.1.1.1" as Address)).toBe(false);
  expect(ended("192.168.7.2" as Address, "1.1.1.1" as Address)).toBe(true);
});

test("where the tunnel carries no IPv6, connections of it end and do not wait", () => {
  const only4 = fullIntent({ addresses: ["10.90.0.2/32"] });
  expect(ends(null, only4, "2001:db8:7::2", "2001:db8::1")).toBe(true);
});

test("it says of every address what routes and peers say of it", () => {
  const intents = [
    privateIntent(),
    fullIntent(),
    nestedIntent(),
    throughB,
    local,
    privateIntent({
      peers: [
        peer(KEY_A, "203.0.113.17", ["10.0.0.0/8"]),
        peer(KEY_B, "203.0.113.33", ["10.20.0.0/16"]),
        peer(KEY_C, "203.0.113.49", ["10.20.128.0/17", "fd00::/8"]),
      ],
    }),
  ];
  const close = fc.constantFrom("10.20.0.10", "10.20.200.1", "10.90.0.1", "203.0.113.33", "192.168.7.9");
  const anywhere = (length: number) =>
    fc.array(fc.nat(255), { minLength: length, maxLength: length }).map((bytes) => formatAddress(bytes));
  fc.assert(
    fc.property(
      fc.constantFrom(...intents),
      fc.constantFrom(...intents),
      fc.oneof(close, anywhere(4), anywhere(16)),
      (before, after, dst) => {
        const address = dst as Address;
        const of = (intent: Intent): string => {
          const { way, hops } = expectRoute(state(intent), address, String);
          return way === "tunnel" ? (hops.at(-1) ?? "") : way;
        };
        // Refused by the firewall although a route leads into the tunnel: such connections end by that.
        const hop = [before, after].some((intent) =>
          intent.peers.some((one) => one.via !== undefined && one.endpoint.address === dst),
        );
        fc.pre(!hop && !OWN.includes(address) && !of(before).startsWith("loop"));
        const src = dst.includes(":") ? "fd00:90::2" : "10.90.0.2";
        const inTunnel = !["direct", "local"].includes(of(after));
        const wasIn = !["direct", "local", "refused"].includes(of(before));
        expect(ends(before, after, src, dst)).toBe(!inTunnel || (wasIn && of(before) !== of(after)));
      },
    ),
  );
});
