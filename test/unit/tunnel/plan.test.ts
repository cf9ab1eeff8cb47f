import fc from "fast-check";
import { expect, test } from "vitest";
import { desiredState } from "../../../src/tunnel/desired-state.ts";
import { carrierOf } from "../../../src/tunnel/exits.ts";
import { planDown, planReroot, planUp, type Applied, type Step } from "../../../src/tunnel/linux/plan.ts";
import { REMOVE_FIREWALL } from "../../../src/tunnel/linux/firewall.ts";
import { carriedBy } from "../../../src/tunnel/linux/plan-wireguard.ts";
import { describe, familyOf, routeChanges } from "../../../src/tunnel/linux/plan-ip.ts";
import { NOTHING, type ActualState } from "../../../src/tunnel/linux/actual-state.ts";
import { WIREGUARD_MARK } from "../../../src/tunnel/linux/marks.ts";
import type { NetworkState } from "../../../src/tunnel/network-state.ts";
import type { Intent } from "../../../src/tunnel/types.ts";
import type { Prefix } from "../../../src/wireguard/prefix.ts";
import type { DumpPeer } from "../../../src/wireguard/dump.ts";
import { derivePublicKey, generatePrivateKey, type PublicKey } from "../../../src/wireguard/keys.ts";
import { fullIntent, KEY_A, KEY_B, KEY_C, nestedIntent, peer, privateIntent } from "./intents.ts";

const OWN = derivePublicKey(generatePrivateKey());

function state(intent: Intent): NetworkState {
  return desiredState(intent, { interface: "nanami0", onLink: [], tracks: true, closed: false });
}

/** The system as it is right after a state was applied. */
function system(network: NetworkState): ActualState {
  return {
    link: { index: 5, mtu: network.mtu, up: true, addresses: network.addresses },
    device: {
      privateKey: null,
      publicKey: OWN,
      listenPort: 40_000,
      fwmark: WIREGUARD_MARK,
      peers: network.peers.map((member): DumpPeer => ({
        publicKey: member.publicKey as PublicKey,
        presharedKey: null,
        endpoint: `${member.endpoint.address}:${member.endpoint.port}`,
        allowedIps: member.allowedIps,
        latestHandshake: 1_700_000_000,
        rxBytes: 1,
        txBytes: 1,
        persistentKeepalive: member.keepalive === 0 ? null : member.keepalive,
      })),
    },
    routes: network.routes.map(({ family, to, metric, via }) => ({ family, to, metric, via })),
    rules: network.rules.map((rule) => ({ family: rule.family, priority: rule.priority, rule })),
    firewall: "listing",
  };
}

function between(from: Intent, to: Intent): readonly Step[] {
  const former = state(from);
  const applied: Applied = { state: former, firewallListing: "listing" };
  return planUp(system(former), state(to), applied, OWN);
}

function flat(steps: readonly Step[]): Exclude<Step, { do: "together" }>[] {
  return steps.flatMap((step) => (step.do === "together" ? flat(step.steps) : [step]));
}

const kinds = (steps: readonly Step[]): string[] => flat(steps).map((step) => step.do);

function place(steps: readonly Step[], fits: (text: string) => boolean): number {
  return flat(steps).findIndex((step) => fits(JSON.stringify(step)));
}

test("a system that is as desired needs nothing", () => {
  for (const intent of [privateIntent(), fullIntent(), nestedIntent()])
    expect(between(intent, intent)).toEqual([]);
});

test("a stranger's rule at a priority of ours goes with ours, and ours return after it", () => {
  for (const intent of [fullIntent(), nestedIntent()]) {
    const network = state(intent);
    const there = system(network);
    for (const { family, priority } of network.rules) {
      const shared = { ...there, rules: [{ family, priority, rule: null }, ...there.rules] };
      const changes = routeChanges(shared, network).all;
      const ours = network.rules.filter((rule) => rule.family === family && rule.priority === priority);
      const lines = changes.filter((change) => familyOf(change) === family).map(describe);
      // As the kernel does: "del pref" takes the first one that is there.
      expect(lines.splice(0, ours.length + 1)).toEqual(
        Array.from({ length: ours.length + 1 }, () => `rule del pref ${priority}`),
      );
      expect(lines).toHaveLength(ours.length);
      for (const line of lines) expect(line).toMatch(new RegExp(`^rule add pref ${priority} `));
      expect(changes.filter((change) => familyOf(change) !== family)).toEqual([]);
    }
  }
});

test("from nothing: beside the firewall only the interface is made; peers, addresses and routes come after it", () => {
  for (const intent of [privateIntent(), fullIntent(), nestedIntent()]) {
    const steps = planUp(NOTHING, state(intent), null, OWN);
    const [first, ...rest] = steps.map((step) => kinds([step]));
    expect(first).toEqual(["create_interface", "firewall"]);
    // What was let go before and waits for its neighbour is given up before anything of the tunnel's leaves.
    expect(rest.slice(0, 3)).toEqual([["ip"], ["wireguard"], ["ip"]]);
    expect(dropping(steps)).toEqual([2]);
  }
});

test("the first firewall is made, any later one replaces what is there", () => {
  const text = (steps: readonly Step[]): string =>
    flat(steps).flatMap((step) => (step.do === "firewall" ? [step.text] : []))[0] ?? "";
  const network = state(fullIntent());
  const first = text(planUp(NOTHING, network, null, OWN));
  const later = text(planUp({ ...NOTHING, firewall: "a stranger's" }, network, null, OWN));
  expect(first).toMatch(/^create table inet nanami\ntable inet nanami \{/);
  expect(first).not.toContain("delete");
  expect(later).toMatch(/^table inet nanami\ndelete table inet nanami\ntable inet nanami \{/);
  expect(first.split("\n").slice(1)).toEqual(later.split("\n").slice(2));
});

/** The places of the steps that give up what waits for its neighbour. */
const dropping = (steps: readonly Step[]): number[] =>
  flat(steps).flatMap((step, place) =>
    step.do === "ip" && step.changes.some((change) => change.do === "forget_unresolved") ? [place] : [],
  );

test("vpn_only → full_tunnel: peers, routes, then the firewall, and then nothing waits any more", () => {
  const steps = between(privateIntent(), fullIntent());
  expect(kinds(steps)).toEqual(["wireguard", "ip", "firewall", "ip"]);
  expect(dropping(steps)).toEqual([3]);
});

test("whatever closes gives up what was let go before and waits for its neighbour; what opens does not", () => {
  const order = kinds(planUp(NOTHING, state(privateIntent()), null, OWN));
  const [place = -1] = dropping(planUp(NOTHING, state(privateIntent()), null, OWN));
  expect(place).toBeGreaterThan(order.indexOf("firewall"));
  const lan = [{ interface: "eth0", prefix: "192.168.7.0/24" as Prefix }];
  const home = desiredState(fullIntent({ allowLocalNetwork: true }), {
    interface: "nanami0",
    tracks: true,
    onLink: lan,
    closed: false,
  });
  const applied: Applied = { state: home, firewallListing: "listing" };
  expect(dropping(planUp(system(home), state(fullIntent()), applied, OWN))).toHaveLength(1);
  expect(dropping(between(fullIntent(), privateIntent()))).toEqual([]);
});

test("full_tunnel → vpn_only: firewall, routes, then the peers", () => {
  expect(kinds(between(fullIntent(), privateIntent()))).toEqual(["firewall", "ip", "wireguard"]);
});

test("another gateway shakes hands before the prefixes move, and both are let through meanwhile", () => {
  const other = fullIntent({ peers: [peer(KEY_C, "203.0.113.49", ["0.0.0.0/0", "::/0"])] });
  const steps = flat(between(fullIntent(), other));
  expect(steps.map((step) => step.do)).toEqual([
    "firewall",
    "wireguard",
    "await_handshakes",
    "wireguard",
    "wireguard",
    "firewall",
  ]);
  const [both, bare, , move, remove, final] = steps;
  expect(JSON.stringify(both)).toContain("203.0.113.17");
  expect(JSON.stringify(both)).toContain("203.0.113.49");
  expect(bare).toMatchObject({ args: { words: expect.arrayContaining(["allowed-ips", ""]) as string[] } });
  expect(JSON.stringify(move)).toContain("0.0.0.0/0,::/0");
  expect(JSON.stringify(remove)).toContain("remove");
  expect(JSON.stringify(final)).not.toContain("203.0.113.17");
});

test("what somebody took is put back before a new gateway is waited for, once, and not beside a stranger's rule", () => {
  const former = state(fullIntent());
  const desired = state(fullIntent({ peers: [peer(KEY_B, "203.0.113.33", ["0.0.0.0/0", "::/0"])] }));
  const applied: Applied = { state: former, firewallListing: "listing" };
  const whole = system(former);
  const rule = former.rules.find(({ action }) => action === "table");
  const route = former.routes.find(({ via }) => via.kind === "tunnel");
  const lines = (actual: ActualState) =>
    flat(planUp(actual, desired, applied, OWN)).flatMap((step) =>
      step.do === "ip" ? step.changes.map(describe) : [step.do],
    );
  const without = {
    ...whole,
    rules: whole.rules.filter((there) => there.rule !== rule),
    routes: whole.routes.filter((there) => there.to !== route?.to || there.family !== route.family),
  };
  const wait = lines(without).indexOf("await_handshakes");
  const mends = lines(without).filter((line) => !lines(whole).includes(line));
  expect(mends.length).toBeGreaterThan(1);
  expect(new Set(mends).size).toBe(mends.length);
  for (const mend of mends) expect(lines(without).indexOf(mend)).toBeLessThan(wait);
  const beside = {
    ...without,
    rules: [...without.rules, { family: rule?.family ?? 4, priority: rule?.priority ?? 0, rule: null }],
  };
  const text = `rule add pref ${String(rule?.priority)} `;
  expect(lines(beside).findIndex((line) => line.startsWith(text))).toBeGreaterThan(
    lines(beside).findIndex((line) => line === `rule del pref ${String(rule?.priority)}`),
  );
});

test("two hops: carrier, then its rule and route, then the nested peer gets the default route", () => {
  const steps = between(fullIntent(), nestedIntent());
  const nested = place(steps, (text) => text.includes(KEY_B) && text.includes("0.0.0.0/0"));
  const rule = place(steps, (text) => text.includes('"udpTo":"203.0.113.33"'));
  const carrier = place(steps, (text) => text.includes(KEY_A) && text.includes("203.0.113.33/32"));
  expect(carrier).toBeGreaterThanOrEqual(0);
  expect(rule).toBeGreaterThan(carrier);
  expect(nested).toBeGreaterThan(rule);
});

test("gateways that swap places never carry each other at once", () => {
  const swapped = nestedIntent({
    peers: [
      peer(KEY_B, "203.0.113.33", ["10.20.0.0/16", "10.90.0.1/32"]),
      peer(KEY_A, "203.0.113.17", ["0.0.0.0/0", "::/0"], KEY_B),
    ],
  });
  const lines = flat(between(nestedIntent(), swapped)).flatMap((step) =>
    step.do === "ip" ? step.changes.map(describe) : [],
  );
  const dropped = lines.findIndex((line) => line.startsWith("rule del") && line.includes("203.0.113.33"));
  const added = lines.findIndex((line) => line.startsWith("rule add") && line.includes("203.0.113.17"));
  expect(dropped).toBeGreaterThanOrEqual(0);
  expect(added).toBeGreaterThan(dropped);
});

test("an altered firewall is replaced as a whole", () => {
  const network = state(fullIntent());
  const actual = { ...system(network), firewall: "somebody else's" };
  expect(kinds(planUp(actual, network, { state: network, firewallListing: "listing" }, OWN))).toEqual([
    "firewall",
  ]);
});

test("the private key is set only where the interface has another one", () => {
  const network = state(privateIntent());
  const withKey = (steps: readonly Step[]): boolean =>
    flat(steps).some((step) => step.do === "wireguard" && step.withKey);
  const applied: Applied = { state: network, firewallListing: "listing" };
  expect(withKey(planUp(NOTHING, network, null, OWN))).toBe(true);
  expect(withKey(planUp(system(network), network, applied, OWN))).toBe(false);
  expect(withKey(planUp(system(network), network, applied, KEY_C))).toBe(true);
});

test("a peer that roamed keeps the endpoint it roamed to", () => {
  const network = state(privateIntent());
  const actual = system(network);
  const roamed: ActualState = {
    ...actual,
    device: actual.device && {
      ...actual.device,
      peers: actual.device.peers.map((member) => ({ ...member, endpoint: "198.51.100.9:1024" })),
    },
  };
  expect(planUp(roamed, network, { state: network, firewallListing: "listing" }, OWN)).toEqual([]);
});

test("another address of the device: peers forget the source they used, and keep where they roamed to", () => {
  const nested = state(nestedIntent());
  const there = system(nested);
  const peers = there.device?.peers.map((member) => ({ ...member, endpoint: "198.51.100.9:7" })) ?? [];
  const device = there.device === null ? null : { ...there.device, peers };
  const words = flat(planReroot({ ...there, device }, nested)).map((step) =>
    step.do === "wireguard" ? step.args.words : [],
  );
  expect(words).toEqual([
    [KEY_A, KEY_B].flatMap((publicKey) => ["peer", publicKey, "endpoint", "198.51.100.9:7"]),
  ]);
  expect(planReroot(NOTHING, nested)).toEqual([]);
});

test("down: the firewall opens but for the tunnel's addresses, then the routes go, the interface, the sockets, and it", () => {
  const steps = flat(planDown(system(state(nestedIntent())), "nanami0"));
  expect(kinds(steps)).toEqual(["firewall", "ip", "remove_interface", "end_sockets", "firewall"]);
  const texts = steps.map((step) => (step.do === "firewall" ? step.text : ""));
  expect(texts[0]).toMatch(
    /oifname "nanami0" accept\n +oif "lo" accept\n +counter drop\n.*\n.*\n.*postrouting.*\n +ip saddr 10\.90\.0\.2 goto from_own/,
  );
  expect(texts[0]).not.toContain("hook output");
  expect(texts[4]).toBe(REMOVE_FIREWALL);
  expect(planDown(NOTHING, "nanami0")).toEqual([]);
});

const anyIntent = fc.constantFrom(
  privateIntent(),
  fullIntent(),
  nestedIntent(),
  fullIntent({ peers: [peer(KEY_C, "203.0.113.49", ["0.0.0.0/0", "::/0"])] }),
  nestedIntent({
    peers: [
      peer(KEY_C, "203.0.113.49", ["10.20.0.0/16"]),
      peer(KEY_A, "203.0.113.17", ["0.0.0.0/0", "::/0"], KEY_C),
    ],
  }),
);

test("between any two states full tunnel is never without its firewall, and the interface never goes", () => {
  fc.assert(
    fc.property(anyIntent, anyIntent, (from, to) => {
      const steps = flat(between(from, to));
      expect(steps.map((step) => step.do)).not.toContain("remove_interface");
      expect(steps.map((step) => step.do)).not.toContain("create_interface");
      const swapped = state(to).peers.some(({ publicKey, nested }) =>
        state(from).peers.some((other) => other.publicKey === publicKey && other.nested !== nested),
      );
      for (const [index, step] of steps.entries()) {
        if (step.do !== "firewall") continue;
        const closes = step.text.includes("policy drop");
        if (from.mode === "full_tunnel" && to.mode === "full_tunnel") expect(closes).toBe(true);
        if (from.mode !== "vpn_only" || to.mode !== "full_tunnel") continue;
        // After it, gateways that changed places start anew, and what it let go before and still waits is given up.
        if (closes) expect(kinds(steps.slice(index + 1))).toEqual([...(swapped ? ["wireguard"] : []), "ip"]);
        else expect([index, step.text.startsWith("add rule inet nanami arrivals ")]).toEqual([0, !swapped]);
      }
    }),
  );
});

test("gateways that change places are heard by either way until all is done, and then start anew", () => {
  const swapped = nestedIntent({
    peers: [
      peer(KEY_B, "203.0.113.33", ["10.20.0.0/16"]),
      peer(KEY_A, "203.0.113.17", ["0.0.0.0/0", "::/0"], KEY_B),
    ],
  });
  const alone = privateIntent({ peers: [peer(KEY_B, "203.0.113.33", ["10.20.0.0/16"])] });
  const [inside, outside] = ['iifname "nanami0"', 'iifname != "nanami0"'];
  for (const [from, to, way, count] of [
    [nestedIntent(), swapped, inside, 2],
    [nestedIntent(), alone, inside, 1],
    [alone, nestedIntent(), outside, 1],
  ] as const) {
    const steps = flat(between(from, to));
    const [first = "", last = ""] = steps.flatMap((step) => (step.do === "firewall" ? [step.text] : []));
    expect(first).toContain("table inet nanami {");
    expect(first).not.toMatch(/saddr 203\.0\.113\.33 .* counter drop/);
    expect(last).toContain(`  ip saddr 203.0.113.33 udp sport 51820 ${way} counter drop\n`);
    const anew = steps.slice(steps.findLastIndex((step) => step.do === "firewall") + 1);
    const words = anew.flatMap((step) => (step.do === "wireguard" ? step.args.words : []));
    expect(words.filter((word) => word === "endpoint")).toHaveLength(count);
    expect(words).toContain("203.0.113.33:51820");
  }
});

test("on the way out of full tunnel gateways that go are heard until nothing is left with them", () => {
  const elsewhere = privateIntent({ peers: [peer(KEY_C, "203.0.113.49", ["10.20.0.0/16"])] });
  const texts = flat(between(fullIntent(), elsewhere)).map((step) =>
    step.do === "firewall" ? step.text : step.do,
  );
  const [first, last] = [texts[0] ?? "", texts.at(-1) ?? ""];
  expect(first).toContain("ip saddr 203.0.113.49 udp sport 51820");
  expect(first).toContain("ip saddr 203.0.113.17 udp sport 51820");
  expect(last).toContain("ip saddr 203.0.113.49 udp sport 51820");
  expect(last).not.toContain("203.0.113.17");
  expect(kinds(between(fullIntent(), privateIntent())).filter((kind) => kind === "firewall")).toHaveLength(1);
});

test("a change that goes on after it was interrupted keeps its order", () => {
  const [former, next] = [
    state(privateIntent()),
    state(fullIntent({ peers: [peer(KEY_B, "203.0.113.33", ["0.0.0.0/0", "::/0"])] })),
  ];
  const applied = { state: former, firewallListing: "listing" };
  const first = flat(planUp(system(former), next, applied, OWN));
  const order = ["wireguard", "await_handshakes", "wireguard", "ip", "wireguard", "firewall", "ip"];
  expect(kinds(first)).toEqual(["firewall", ...order]);
  const final = first.findLast((step) => step.do === "firewall")?.text ?? "";
  const there = { ...system(former), firewall: "with the next gateway's answers" };
  const goesOn = (towards: string): string[] =>
    kinds(planUp(there, next, { ...applied, interim: { listing: there.firewall, towards } }, OWN));
  expect(goesOn(final)).toEqual(order);
  // What was on the way to something else, or was changed by somebody, is not gone on from.
  expect(goesOn("another")[0]).toBe("firewall");
  expect(goesOn("another").filter((kind) => kind === "firewall")).toHaveLength(1);
});

test("what a peer would lose and carry all the same stays with it: to take it away loses packets", () => {
  const words = flat(between(privateIntent(), fullIntent())).flatMap((step) =>
    step.do === "wireguard" ? step.args.words : [],
  );
  expect(words).toEqual(["peer", KEY_A, "allowed-ips", "0.0.0.0/0,::/0,10.20.0.0/16,10.90.0.1/32"]);
  const full = state(fullIntent());
  const there = system(full);
  const device = there.device && {
    ...there.device,
    peers: there.device.peers.map((one) => ({
      ...one,
      allowedIps: [...one.allowedIps, "10.20.0.0/16" as Prefix],
    })),
  };
  const applied = { state: full, firewallListing: "listing" };
  expect(planUp({ ...there, device }, full, applied, OWN)).toEqual([]);
  // Another peer's it cannot stay.
  const nested = state(nestedIntent());
  const [first, second] = nested.peers.map((one) => one.publicKey);
  const peers = system(nested).device?.peers.map((one) => ({
    ...one,
    allowedIps: [...one.allowedIps, ...(one.publicKey === first ? ["198.51.100.0/24" as Prefix] : [])],
  }));
  const stolen = { ...system(nested), device: { ...there.device, peers } } as ActualState;
  expect(flat(planUp(stolen, nested, { state: nested, firewallListing: "listing" }, OWN))).toMatchObject([
    {
      do: "wireguard",
      args: { words: ["peer", first, "allowed-ips", expect.not.stringContaining("198.51")] },
    },
  ]);
  expect(second).toBe(KEY_B);
});

test("the end of every change is the desired set of peers, no more and no less", () => {
  fc.assert(
    fc.property(anyIntent, anyIntent, (from, to) => {
      const peers = new Map(state(from).peers.map((member) => [member.publicKey, member.allowedIps.join()]));
      for (const step of flat(between(from, to))) {
        if (step.do !== "wireguard") continue;
        const [, ...changes] = step.args.words.join(" ").split("peer ");
        for (const change of changes) {
          const [key = "", ...words] = change.trim().split(" ");
          if (words.includes("remove")) {
            peers.delete(key);
            continue;
          }
          const at = step.args.words.indexOf("allowed-ips", step.args.words.indexOf(key));
          const next = step.args.words.indexOf("peer", step.args.words.indexOf(key));
          if (at === -1 || (next !== -1 && at > next)) {
            if (!peers.has(key)) peers.set(key, "");
            continue;
          }
          const prefixes = (step.args.words[at + 1] ?? "").split(",");
          // As the kernel does: a prefix belongs to the peer that got it last.
          for (const [other, theirs] of peers)
            peers.set(
              other,
              theirs
                .split(",")
                .filter((prefix) => other === key || !prefixes.includes(prefix))
                .join(),
            );
          peers.set(key, prefixes.join());
        }
      }
      const wanted = state(to).peers;
      // What it has and would carry anyway stays.
      const left = [...peers].map(([key, prefixes]) => [
        key,
        prefixes.split(",").filter((prefix) => {
          const owner = wanted.find((member) => member.publicKey === key);
          return (
            owner?.allowedIps.includes(prefix as Prefix) || carrierOf(wanted, prefix as Prefix) !== owner
          );
        }),
      ]);
      const sets = wanted.map((member) => [member.publicKey, [...member.allowedIps]]);
      const sorted = (all: (string | string[])[][]): string[] =>
        all.map(([key, list]) => [key, [list].flat().sort()].join()).sort();
      expect(sorted(left as string[][])).toEqual(sorted(sets));
    }),
  );
});

test("what a peer has and needs no more stays with it, up to a bound", () => {
  const [wanted] = state(fullIntent()).peers;
  const [there] = system(state(fullIntent())).device?.peers ?? [];
  if (wanted === undefined || there === undefined) throw new Error("no peer");
  let carried: readonly Prefix[] = wanted.allowedIps;
  const sizes = Array.from({ length: 50 }, (_, push) => {
    const pushed = Array.from({ length: 20 }, (_, index) => `10.${push}.${index}.0/24` as Prefix);
    const next = { ...wanted, allowedIps: [...wanted.allowedIps, ...pushed] };
    carried = carriedBy(next, [next], [{ ...there, allowedIps: carried }]);
    expect(carried).toEqual(expect.arrayContaining([...next.allowedIps]));
    return carried.length;
  });
  // The second leaves the first ones where they are, and no number of them piles up.
  expect(sizes[1]).toBe(42);
  expect(Math.max(...sizes)).toBeLessThan(300);
});
