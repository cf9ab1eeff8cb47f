import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GatewayState } from "../../../src/api/events.ts";
import { checkState, type CheckedState, type Refusal } from "../../../src/gateway/check-state.ts";
import { keyOf, peerOf, SELF, stateOf, type Peer } from "./states.ts";

function accepted(state: GatewayState): { state: CheckedState; refused: readonly Refusal[] } {
  const verdict = checkState(state, SELF);
  if (!verdict.ok) throw new Error(verdict.refused[0].message);
  return verdict;
}

test("a sound state is in force as a whole", () => {
  const { state, refused } = accepted(stateOf([peerOf(0), peerOf(1)]));
  expect(refused).toEqual([]);
  expect(state.peers.map((peer) => peer.addresses)).toEqual([
    ["100.64.0.2/32", "fd00:64::2/128"],
    ["100.64.0.3/32", "fd00:64::3/128"],
  ]);
});

test("no peers is a state; it is not the absence of one", () => {
  expect(accepted(stateOf([])).state.peers).toEqual([]);
});

describe("a state that breaks a rule is refused as a whole", () => {
  test.each<[string, Partial<GatewayState>]>([
    ["wrong_gateway", { deviceId: "dev_Other0000" }],
    ["wrong_network", { networkId: "net_Other0000" }],
    ["bad_overlay", { overlayPrefixes: ["0.0.0.0/0"] }],
    ["bad_overlay", { overlayPrefixes: ["169.254.0.0/16"] }],
    ["bad_overlay", { overlayPrefixes: ["100.64.0.1/16"] }],
    ["bad_overlay", { overlayPrefixes: ["::/0"] }],
    ["bad_address", { addresses: ["100.64.0.0/24"] }],
    ["bad_address", { addresses: ["10.20.0.1/32"] }],
    ["bad_private_prefix", { privatePrefixes: ["0.0.0.0/0"] }],
    ["bad_private_prefix", { privatePrefixes: ["128.0.0.0/1"] }],
    ["bad_private_prefix", { privatePrefixes: ["127.0.0.0/8"] }],
    ["bad_private_prefix", { privatePrefixes: ["fe80::/64"] }],
    ["bad_private_prefix", { privatePrefixes: ["10.20.0.1/16"] }],
    ["bad_private_prefix", { privatePrefixes: ["100.64.3.0/24"] }],
    ["bad_private_prefix", { privatePrefixes: ["100.0.0.0/8"] }],
  ])("%s: %o", (code, wrong) => {
    const verdict = checkState(stateOf([peerOf(0)], wrong), SELF);
    expect(verdict).toMatchObject({ ok: false, refused: [{ code }] });
  });

  test("wrong_workspace, once it is known which one this gateway serves", () => {
    const verdict = checkState(stateOf([]), { ...SELF, workspaceId: "ws_Globex0000" });
    expect(verdict).toMatchObject({ ok: false, refused: [{ code: "wrong_workspace" }] });
  });
});

describe("a peer that breaks a rule is left out and reported; the others stay", () => {
  const grants = (more: Partial<Peer["grants"]>) => ({
    grants: { privatePrefixes: [], internet: false, relays: [], ...more },
  });
  const relay = (endpoint: string) => grants({ relays: [{ deviceId: "dev_Egress000", endpoint }] });

  test.each<[string, Partial<Peer>]>([
    ["wrong_workspace", { workspaceId: "ws_Globex0000" }],
    ["wrong_network", { networkId: "net_Lab000000" }],
    ["own_identity", { deviceId: SELF.deviceId }],
    ["own_identity", { publicKey: SELF.publicKey }],
    ["own_identity", { addresses: ["100.64.0.1/32"] }],
    ["own_identity", { addresses: ["fd00:64:0:0::1/128"] }],
    ["bad_key", { publicKey: `${"A".repeat(43)}=` }],
    ["bad_key", { presharedKey: `${"A".repeat(43)}=` }],
    ["bad_address", { addresses: ["100.64.0.0/24"] }],
    ["bad_address", { addresses: ["fd00:64::/64"] }],
    ["bad_address", { addresses: ["0.0.0.0/0"] }],
    ["outside_overlay", { addresses: ["10.20.1.80/32"] }],
    ["outside_overlay", { addresses: ["100.65.0.2/32"] }],
    ["outside_overlay", { addresses: ["100.64.0.9/32", "fd00:65::9/128"] }],
    ["bad_grant", grants({ privatePrefixes: ["10.40.0.0/16"] })],
    ["bad_grant", grants({ privatePrefixes: ["10.0.0.0/8"] })],
    ["bad_grant", grants({ privatePrefixes: ["0.0.0.0/0"] })],
    ["bad_grant", grants({ privatePrefixes: ["10.20.0.1/16"] })],
    ["bad_relay", relay("frankfurt.example:51820")],
    ["bad_relay", relay("127.0.0.1:51820")],
    ["bad_relay", relay("169.254.169.254:80")],
    ["bad_relay", relay("10.20.1.80:51820")],
    ["bad_relay", relay("[fd00:64::3]:51820")],
    ["bad_relay", relay("203.0.113.9:70000")],
  ])("%s: %o", (code, wrong) => {
    const { state, refused } = accepted(stateOf([peerOf(0), peerOf(1, wrong)]));
    expect(refused).toMatchObject([{ code, deviceId: wrong.deviceId ?? "dev_000000001" }]);
    expect(state.peers.map((peer) => peer.publicKey)).toEqual([keyOf(0)]);
  });

  test.each<[string, Partial<Peer>]>([
    ["duplicate_device", { deviceId: peerOf(0).deviceId }],
    ["duplicate_key", { publicKey: keyOf(0) }],
    ["duplicate_address", { addresses: ["100.64.0.2/32"] }],
    ["duplicate_address", { addresses: ["fd00:64:0::2/128"] }],
  ])("%s: of two that claim the same neither is believed", (code, wrong) => {
    const { state, refused } = accepted(stateOf([peerOf(0), peerOf(1, wrong), peerOf(2)]));
    expect(refused).toMatchObject([{ code }, { code }]);
    expect(state.peers.map((peer) => peer.publicKey)).toEqual([keyOf(2)]);
  });

  test("a peer of another workspace takes nothing from anybody by claiming it", () => {
    const thief = peerOf(0, { workspaceId: "ws_Globex0000" });
    const { state, refused } = accepted(stateOf([peerOf(0), thief]));
    expect(refused).toMatchObject([{ code: "wrong_workspace" }]);
    expect(state.peers.map((peer) => peer.deviceId)).toEqual([peerOf(0).deviceId]);
  });

  test("preshared keys are never part of a message", () => {
    const presharedKey = keyOf(77);
    const { refused } = accepted(
      stateOf([
        peerOf(0, { presharedKey, addresses: ["10.0.0.1/32"] }),
        peerOf(1, { presharedKey, publicKey: keyOf(2) }),
      ]),
    );
    expect(JSON.stringify(refused)).not.toContain(presharedKey);
  });
});

test("the MTU is never below what the overlay's IPv6 needs", () => {
  expect(accepted(stateOf([], { mtu: 1000 })).state.mtu).toBe(1280);
  expect(accepted(stateOf([])).state.mtu).toBe(1420);
});

describe("whatever a state says", () => {
  const address = fc.oneof(
    fc.integer({ min: 0, max: 6 }).map((host) => `100.64.0.${host}/32`),
    fc.integer({ min: 0, max: 6 }).map((host) => `fd00:64::${host.toString(16)}/128`),
    fc.constantFrom("100.64.0.0/30", "10.20.0.9/32", "fd00:64::/127", "100.65.0.1/32"),
  );
  const peer = fc.record({
    number: fc.integer({ min: 0, max: 5 }),
    key: fc.integer({ min: 0, max: 5 }),
    workspaceId: fc.constantFrom("ws_Acme000000", "ws_Acme000000", "ws_Acme000000", "ws_Globex0000"),
    addresses: fc.array(address, { minLength: 1, maxLength: 3 }),
    privatePrefixes: fc.subarray([
      "10.20.0.0/16",
      "10.20.5.0/24",
      "10.30.0.0/16",
      "fd00:20::/64",
      "10.0.0.0/8",
    ]),
  });
  const peers = fc.array(
    peer.map(({ number, key, workspaceId, addresses, privatePrefixes }) =>
      peerOf(number, {
        workspaceId,
        publicKey: keyOf(key),
        addresses,
        grants: { privatePrefixes, internet: false, relays: [] },
      }),
    ),
    { maxLength: 8 },
  );

  test("no two peers in force share an address, a key or an identity, and none has the gateway's", () => {
    fc.assert(
      fc.property(peers, (some) => {
        const { state } = accepted(stateOf(some));
        for (const values of [
          state.peers.map((one) => one.publicKey as string),
          state.peers.map((one) => one.deviceId),
          state.peers.flatMap((one) => one.addresses as readonly string[]),
        ])
          expect(new Set(values).size).toBe(values.length);
        for (const one of state.peers.flatMap((each) => each.addresses)) {
          expect(one).toMatch(/^(100\.64\.0\.\d+\/32|fd00:64::[0-9a-f]*\/128)$/);
          expect(state.addresses).not.toContain(one);
        }
      }),
    );
  });

  test("the order of the peers changes nothing, and every peer is in force or reported", () => {
    fc.assert(
      fc.property(
        peers.chain((some) =>
          fc.tuple(
            fc.constant(some),
            fc.shuffledSubarray(some, { minLength: some.length, maxLength: some.length }),
          ),
        ),
        ([some, shuffled]) => {
          const [one, other] = [accepted(stateOf(some)), accepted(stateOf(shuffled))];
          const keys = ({ state }: { state: CheckedState }) =>
            state.peers.map((each) => each.publicKey).sort();
          expect(keys(other)).toEqual(keys(one));
          expect(one.state.peers.length + one.refused.length).toBe(some.length);
        },
      ),
    );
  });
});
