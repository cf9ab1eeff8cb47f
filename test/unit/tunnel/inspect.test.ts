import { expect, test } from "vitest";
import { desiredState } from "../../../src/tunnel/desired-state.ts";
import { tamperings } from "../../../src/tunnel/linux/inspect.ts";
import { WIREGUARD_MARK } from "../../../src/tunnel/linux/marks.ts";
import type { ActualState } from "../../../src/tunnel/linux/actual-state.ts";
import type { NetworkState, OnLink } from "../../../src/tunnel/network-state.ts";
import type { Intent } from "../../../src/tunnel/types.ts";
import type { DumpPeer } from "../../../src/wireguard/dump.ts";
import type { PublicKey } from "../../../src/wireguard/keys.ts";
import type { Prefix } from "../../../src/wireguard/prefix.ts";
import { fullIntent, KEY_B, nestedIntent, privateIntent } from "./intents.ts";

const LAN: OnLink = { interface: "eth0", prefix: "192.168.7.0/24" as Prefix };

function state(intent: Intent, onLink: readonly OnLink[] = []): NetworkState {
  return desiredState(intent, { interface: "nanami0", onLink, tracks: true, closed: false });
}

function system(network: NetworkState): ActualState {
  const peers = network.peers.map((member): DumpPeer => ({
    publicKey: member.publicKey as PublicKey,
    presharedKey: null,
    endpoint: null,
    allowedIps: member.allowedIps,
    latestHandshake: 1,
    rxBytes: 1,
    txBytes: 1,
    persistentKeepalive: 25,
  }));
  return {
    link: { index: 5, mtu: network.mtu, up: true, addresses: network.addresses },
    device: { privateKey: null, publicKey: null, listenPort: 1, fwmark: WIREGUARD_MARK, peers },
    routes: network.routes,
    rules: network.rules.map((rule) => ({ family: rule.family, priority: rule.priority, rule })),
    firewall: "listing",
  };
}

/** What is told when the system is found so, and that is wanted. */
function told(applied: NetworkState, found: Partial<ActualState>, wanted = applied): readonly string[] {
  const actual = { ...system(applied), ...found };
  return tamperings(actual, { state: applied, firewallListing: "listing" }, wanted).map(
    ({ what, message }) => `${what}: ${message}`,
  );
}

test("what is as it was made is nobody's doing, whatever is wanted next", () => {
  const states = [privateIntent(), fullIntent(), nestedIntent()].map((intent) => state(intent));
  for (const applied of states) for (const wanted of states) expect(told(applied, {}, wanted)).toEqual([]);
});

test("each thing that is taken away or changed is told", () => {
  const applied = state(nestedIntent());
  const { rules, routes, device, link } = system(applied);
  const peers = device?.peers.filter(({ publicKey }) => publicKey !== KEY_B) ?? [];
  expect(told(applied, { firewall: null })).toEqual(["firewall: The firewall table inet nanami is gone."]);
  expect(told(applied, { firewall: "other" })).toEqual([
    "firewall: Somebody changed the firewall table inet nanami.",
  ]);
  expect(told(applied, { rules: rules.slice(1) })).toHaveLength(1);
  expect(told(applied, { routes: routes.slice(0, -2) })).toHaveLength(2);
  expect(told(applied, { device: device === null ? null : { ...device, peers } })).toEqual([
    `routing: The peer ${KEY_B} was taken from the interface.`,
  ]);
  expect(told(applied, { link: link === null ? null : { ...link, up: false } })[0]).toMatch(
    /The interface was changed.*up/,
  );
  // Its routes go with it, and are not told one by one.
  const without = { link: null, device: null, routes: routes.filter(({ via }) => via?.kind !== "tunnel") };
  expect(told(applied, without)).toEqual(["routing: The interface nanami0 is gone, and its routes with it."]);
});

test("what a stranger added is told", () => {
  const applied = state(fullIntent());
  const { rules } = system(applied);
  const [first] = rules;
  const found = told(applied, { rules: [...rules, { ...first, family: 4, priority: 5105, rule: null }] });
  expect(found.join()).toContain("Somebody added to our routes or rules (IPv4): rule pref 5105");
});

test("what a link that went away took along, and what a new wish leaves out, is nobody's doing", () => {
  const local = { ...fullIntent(), allowLocalNetwork: true };
  const applied = state(local, [LAN]);
  const routes = applied.routes.filter(({ via }) => via.kind !== "link");
  expect(routes.length).toBeLessThan(applied.routes.length);
  expect(told(applied, { routes })).toEqual([]);
  const closed = state(fullIntent({ peers: [] }));
  const without = { ...system(closed), link: null, device: null };
  expect(told(state(fullIntent()), without, closed)).toEqual([]);
});
