import { expect, test } from "vitest";
import { checkState, type CheckedState } from "../../../src/gateway/check-state.ts";
import { interfaceCommands, wireguardChange, type LinkReading } from "../../../src/gateway/plan.ts";
import { parseDump, type Dump } from "../../../src/wireguard/dump.ts";
import { derivePublicKey, generatePrivateKey } from "../../../src/wireguard/keys.ts";
import { parsePrefix, type Prefix } from "../../../src/wireguard/prefix.ts";
import { keyOf, peerOf, SELF, stateOf } from "./states.ts";

const PRIVATE = generatePrivateKey();

function checked(...arguments_: Parameters<typeof stateOf>): CheckedState {
  const verdict = checkState(stateOf(...arguments_), SELF);
  if (!verdict.ok) throw new Error(verdict.refused[0].message);
  return verdict.state;
}

function dumpOf(
  peers: readonly (readonly [key: string, psk: string, allowed: string])[],
  port = 51820,
): Dump {
  const lines = [
    [PRIVATE.reveal(), derivePublicKey(PRIVATE), port, "off"],
    ...peers.map(([key, psk, allowed]) => [key, psk, "(none)", allowed, 0, 0, 0, "off"]),
  ];
  const dump = parseDump(lines.map((fields) => fields.join("\t")).join("\n") + "\n");
  if (!dump.ok) throw new Error(dump.message);
  return dump.value;
}
const present = (number: number, psk = "(none)"): readonly [string, string, string] => [
  keyOf(number),
  psk,
  peerOf(number).addresses.join(","),
];

test("nothing differs, nothing is done", () => {
  const change = wireguardChange(dumpOf([present(0), present(1)]), checked([peerOf(1), peerOf(0)]), PRIVATE);
  expect(change).toEqual({ remove: [], config: "" });
});

test("only the peers that differ are named", () => {
  const change = wireguardChange(dumpOf([present(0), present(1)]), checked([peerOf(0), peerOf(2)]), PRIVATE);
  expect(change.remove).toEqual([keyOf(1)]);
  expect(change.config).toContain(keyOf(2));
  expect(change.config).not.toContain(keyOf(0));
  expect(change.config).not.toContain("[Interface]");
});

test("a peer whose address changes is removed before it comes back", () => {
  const moved = peerOf(0, { addresses: ["100.64.9.9/32"] });
  const change = wireguardChange(dumpOf([present(0)]), checked([moved]), PRIVATE);
  expect(change.remove).toEqual([keyOf(0)]);
  expect(change.config).toContain("AllowedIPs = 100.64.9.9/32");
});

test("a preshared key that is gone is cleared, one that is new is set, without removing the peer", () => {
  const psk = keyOf(55);
  const cleared = wireguardChange(dumpOf([present(0, psk)]), checked([peerOf(0)]), PRIVATE);
  expect(cleared).toEqual({
    remove: [],
    config: expect.stringContaining(`PresharedKey = ${"A".repeat(43)}=`) as string,
  });
  const set = wireguardChange(dumpOf([present(0)]), checked([peerOf(0, { presharedKey: psk })]), PRIVATE);
  expect(set).toEqual({ remove: [], config: expect.stringContaining(`PresharedKey = ${psk}`) as string });
});

test("another port or private key is set", () => {
  expect(wireguardChange(dumpOf([], 1234), checked([]), PRIVATE).config).toContain("ListenPort = 51820");
  expect(wireguardChange(dumpOf([]), checked([]), generatePrivateKey()).config).toContain("PrivateKey = ");
});

test("to deny everything every peer is removed and none is configured", () => {
  expect(wireguardChange(dumpOf([present(0), present(1)]), null, PRIVATE)).toEqual({
    remove: [keyOf(0), keyOf(1)],
    config: "",
  });
});

test("the interface gets what it lacks and loses what it should not have", () => {
  const prefixes = (...texts: string[]): Prefix[] =>
    texts.flatMap((text) => {
      const parsed = parsePrefix(text);
      return parsed.ok ? [parsed.value] : [];
    });
  const state = checked([]);
  const reading: LinkReading = {
    up: true,
    mtu: 1420,
    addresses: prefixes("100.64.0.1/32", "100.64.0.7/32"),
    routes: prefixes("fd00:64::/64", "10.9.0.0/16"),
  };
  expect(interfaceCommands(reading, state, "nanami-gw")).toEqual([
    "address del 100.64.0.7/32 dev nanami-gw",
    "address replace fd00:64::1/128 dev nanami-gw",
    "route del 10.9.0.0/16 dev nanami-gw",
    "route replace 100.64.0.0/16 dev nanami-gw",
  ]);
  const done = { ...reading, addresses: state.addresses, routes: state.overlayPrefixes };
  expect(interfaceCommands(done, state, "nanami-gw")).toEqual([]);
});
