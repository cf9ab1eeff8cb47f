import { expect, test } from "vitest";
import { desiredState } from "../../../src/tunnel/desired-state.ts";
import { countRules, firewallText, unionOf } from "../../../src/tunnel/linux/firewall.ts";
import { moreAnswersText } from "../../../src/tunnel/linux/firewall-ends.ts";
import type { FirewallState, OnLink } from "../../../src/tunnel/network-state.ts";
import type { Intent } from "../../../src/tunnel/types.ts";
import type { Address } from "../../../src/wireguard/address.ts";
import type { Prefix } from "../../../src/wireguard/prefix.ts";
import { fullIntent, KEY_A, KEY_B, nestedIntent, peer, privateIntent } from "./intents.ts";

const LAN: OnLink = { interface: "eth0", prefix: "192.168.7.0/24" as Prefix };

function firewall(intent: Intent, tracks = true): FirewallState {
  return desiredState(intent, { interface: "nanami0", onLink: [LAN], tracks, closed: false }).firewall;
}

/** Connections of other hosts that would leave with the tunnel's address. */
const STRAYED = 'oifname != "nanami0" ct direction original ct mark & 4278190080 == 1157627904 goto refuse';

/** The rules of one chain, without its head. */
function chain(text: string, name: string): string[] {
  const body = text.split(`chain ${name} {`)[1]?.split("\n  }")[0] ?? "";
  return body
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("type "));
}

/** Where in the chain each part is first; the last rule of all is a whole one. */
function positions(rules: readonly string[], parts: readonly string[]): number[] {
  const found = parts.map((part) =>
    rules.findIndex((rule) => rule.includes(part) && (part !== "goto refuse" || rule === part)),
  );
  expect(found).not.toContain(-1);
  return found;
}

test("the table is replaced in one transaction, whether it was there or not", () => {
  expect(firewallText(firewall(fullIntent()))).toMatch(
    /^table inet nanami\ndelete table inet nanami\ntable inet nanami \{/,
  );
});

test("full_tunnel: whatever is not let through is refused, and the hook drops if the refusal were missing", () => {
  const text = firewallText(firewall(fullIntent()));
  for (const name of ["output", "forward"]) {
    expect(text).toMatch(new RegExp(`hook ${name} priority filter; policy drop;`));
    expect(chain(text, name).at(-1)).toBe("goto refuse");
  }
});

test("the order of what leaves outside the tunnel", () => {
  const rules = chain(firewallText(firewall(fullIntent({ allowLocalNetwork: true }))), "output");
  const order = [
    "meta mark 0x4e414e57 goto encrypted",
    'oifname "nanami0" goto inside',
    'oif "lo" accept',
    "udp sport 68 udp dport 67",
    "icmpv6 type nd-router-solicit",
    "meta mark 0x4e414e43 meta skuid 0",
    "meta mark 0x4e414e43 goto refuse",
    "ip saddr 10.90.0.2 goto refuse",
    "th dport { 53, 853 } goto dns",
    "ip daddr 192.168.7.0/24 accept",
    "goto refuse",
  ];
  expect(positions(rules, order)).toEqual(positions(rules, order).toSorted((a, b) => a - b));
});

test("the order of what leaves through the tunnel: refused before it is looked at by connection", () => {
  const text = firewallText(firewall(nestedIntent()));
  const inside = chain(text, "inside");
  expect(inside.slice(-3)).toEqual(["meta l4proto tcp goto ports", "meta l4proto udp goto ports", "accept"]);
  const rules = [...inside, ...chain(text, "ports")];
  const order = [
    "meta mark 0x4e414e43 goto refuse",
    "ip saddr != { 10.90.0.2 } goto refuse",
    "ip6 saddr != { fd00:90::2 } goto refuse",
    "ip daddr 203.0.113.33 goto refuse",
    "meta l4proto tcp goto ports",
    "th dport 53 goto dns",
    "th dport 853 goto dns",
    "goto exit_1",
  ];
  expect(positions(rules, order)).toEqual(positions(rules, order).toSorted((a, b) => a - b));
});

test("without an address of a family, nothing of it enters the tunnel", () => {
  const text = firewallText({ ...firewall(fullIntent()), addresses: ["10.90.0.2" as Address] });
  expect(chain(text, "inside")).toContain("meta nfproto ipv6 goto refuse");
  expect(chain(text, "departures")).toEqual([
    "ip saddr 10.90.0.2 goto from_own",
    'oifname "nanami0" counter drop',
  ]);
});

test("a packet passes one chain at each place: more would cost every packet in the tunnel", () => {
  for (const intent of [privateIntent(), fullIntent(), nestedIntent()]) {
    const hooks = [...firewallText(firewall(intent)).matchAll(/ hook (\w+) /g)].map(([, name]) => name);
    expect(hooks.toSorted()).toEqual(["forward", "output", "postrouting", "prerouting"]);
  }
});

test("marked packets leave only to an endpoint's address and port, outside the tunnel", () => {
  const text = firewallText(firewall(fullIntent()));
  expect(chain(text, "output")[0]).toBe("meta mark 0x4e414e57 goto encrypted");
  expect(chain(text, "encrypted")).toEqual([
    'ip daddr 203.0.113.17 udp dport 51820 oifname != "nanami0" ip saddr != { 10.90.0.2 } accept',
    'oif "lo" accept',
    "goto refuse",
  ]);
});

test("in vpn_only marked packets to elsewhere are judged as everybody's", () => {
  const text = firewallText(firewall(privateIntent()));
  expect(chain(text, "output").slice(0, 2)).toEqual([
    "meta mark 0x4e414e57 jump encrypted",
    'oifname "nanami0" goto inside',
  ]);
  expect(chain(text, "encrypted")).toEqual([
    'ip daddr 203.0.113.17 udp dport 51820 oifname != "nanami0" ip saddr != { 10.90.0.2 } accept',
  ]);
});

test("a nested endpoint is reached through the tunnel alone, and by nobody but WireGuard", () => {
  const text = firewallText(firewall(nestedIntent()));
  expect(chain(text, "encrypted")).toEqual([
    'ip daddr 203.0.113.17 udp dport 51820 oifname != "nanami0" ip saddr != { 10.90.0.2 } accept',
    'ip daddr 203.0.113.33 udp dport 51820 oifname "nanami0" ip saddr { 10.90.0.2 } accept',
    'oif "lo" accept',
    "goto refuse",
  ]);
  expect(chain(text, "inside")).toContain("ip daddr 203.0.113.33 goto refuse");
});

test("what a gateway sends by a way that is not its own is dropped, before its answers are known as such", () => {
  const [near, far] = ["ip saddr 203.0.113.17 udp sport 51820", "ip saddr 203.0.113.33 udp sport 51820"];
  const nested = firewall(nestedIntent());
  expect(chain(firewallText(nested), "arrivals").slice(0, 3)).toEqual([
    `${near} iifname "nanami0" counter drop`,
    `${far} iifname != "nanami0" counter drop`,
    `${near} iifname != "nanami0" meta mark set 0x4e414e57`,
  ]);
  // While it is both, it may come by either.
  const alone = fullIntent({ peers: [peer(KEY_B, "203.0.113.33", ["0.0.0.0/0", "::/0"])] });
  const both = chain(firewallText(unionOf(nested, firewall(alone))), "arrivals");
  expect(both.filter((rule) => rule.includes("203.0.113.33"))).toEqual([
    `${far} iifname != "nanami0" meta mark set 0x4e414e57`,
  ]);
});

test("the answers of gateways get WireGuard's mark, by address and port and only outside the tunnel", () => {
  for (const intent of [privateIntent(), fullIntent(), nestedIntent()]) {
    const rules = chain(firewallText(firewall(intent)), "arrivals");
    expect(rules.filter((rule) => rule.includes("meta mark set 0x4e414e57"))).toEqual([
      'ip saddr 203.0.113.17 udp sport 51820 iifname != "nanami0" meta mark set 0x4e414e57',
    ]);
  }
});

test("the answers to the agent get its mark where the way back to them leads into the tunnel", () => {
  const rule = 'ip saddr 203.0.113.5 tcp sport 443 iifname != "nanami0" meta mark set 0x4e414e43';
  const arrivals = (intent: Intent) => chain(firewallText(firewall(intent)), "arrivals");
  expect(arrivals(fullIntent()).at(-1)).toBe(rule);
  expect(arrivals(privateIntent({ privatePrefixes: ["203.0.113.0/29"] })).at(-1)).toBe(rule);
  expect(arrivals(privateIntent()).join()).not.toContain("0x4e414e43");
});

test("few members are compared one by one, more are looked up: that costs a packet less", () => {
  const endpoints = [1, 2, 3, 4, 5].map((last) => ({
    ...{ address: `203.0.113.${last}` as Address, port: 51820, nested: false },
  }));
  const arrivals = (count: number) =>
    chain(firewallText({ ...firewall(fullIntent()), endpoints: endpoints.slice(0, count) }), "arrivals");
  expect(arrivals(4).filter((rule) => rule.includes("meta mark set 0x4e414e57"))).toHaveLength(4);
  expect(arrivals(5)).toContain(
    "ip saddr . udp sport { 203.0.113.1 . 51820, 203.0.113.2 . 51820, 203.0.113.3 . 51820, " +
      '203.0.113.4 . 51820, 203.0.113.5 . 51820 } iifname != "nanami0" meta mark set 0x4e414e57',
  );
  const guarded = ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16", "10.5.0.0/16"] as Prefix[];
  const forward = (count: number) =>
    chain(firewallText({ ...firewall(privateIntent()), guarded: guarded.slice(0, count) }), "forward");
  expect(forward(4).filter((rule) => rule.startsWith('oifname != "nanami0" ip daddr 10.'))).toHaveLength(4);
  expect(forward(5)[0]).toBe(`oifname != "nanami0" ip daddr { ${guarded.join(", ")} } goto refuse`);
});

test("the answers of further gateways are added where the way back to them leads into a tunnel", () => {
  const one = firewall(privateIntent());
  const other = (prefix: string, mode: Intent["mode"] = "vpn_only") =>
    firewall(privateIntent({ mode, peers: [peer(KEY_B, "2001:db8::33", [prefix])] }));
  const rule =
    'add rule inet nanami arrivals ip6 saddr 2001:db8::33 udp sport 51820 iifname != "nanami0" meta mark set 0x4e414e57\n';
  expect(moreAnswersText(one, other("::/0", "full_tunnel"))).toBe(rule);
  expect(moreAnswersText(one, other("2001:db8::/64"))).toBe(rule);
  expect(moreAnswersText(one, other("fd00:20::/64"))).toBe("");
  expect(moreAnswersText(one, firewall(fullIntent()))).toBe("");
});

test("the agent's exception is mark, root, and exactly these destinations, outside the tunnel", () => {
  const text = firewallText(firewall(fullIntent()));
  expect(chain(text, "output")).toContain(
    "meta mark 0x4e414e43 meta skuid 0 ip daddr 203.0.113.5 tcp dport 443 accept",
  );
  expect(chain(text, "inside")).toContain("meta mark 0x4e414e43 goto refuse");
  expect(chain(text, "inside").join()).not.toContain("skuid");
});

test("DNS goes to the tunnel's resolvers and nowhere else", () => {
  expect(chain(firewallText(firewall(fullIntent())), "dns")).toEqual([
    'oifname "nanami0" ip daddr 10.20.0.53 goto exits',
    "goto refuse",
  ]);
});

test("forwarding is never looser than output: nothing that output lacks, and no exceptions", () => {
  const text = firewallText(firewall(fullIntent({ allowLocalNetwork: true })));
  const output = [...chain(text, "output"), ...chain(text, "inside"), 'oifname "nanami0" goto exits'];
  const established = 'iifname "nanami0" ct state established,related accept';
  for (const rule of chain(text, "forward").filter((line) => line !== established && line !== STRAYED))
    expect(output).toContain(rule);
  expect(chain(text, "forward").join()).not.toContain("meta mark");
});

test("vpn_only guards the private prefixes in both directions of travel and leaves the rest alone", () => {
  const text = firewallText(firewall(privateIntent()));
  const guards = ["10.20.0.0/16", "10.90.0.1/32"].map(
    (prefix) => `oifname != "nanami0" ip daddr ${prefix} goto refuse`,
  );
  expect(chain(text, "output").slice(-guards.length)).toEqual(guards);
  expect(chain(text, "forward")).toEqual([...guards, 'oifname "nanami0" goto exits', STRAYED]);
  expect(text).not.toContain("policy drop");
});

test("packets to the tunnel address that did not come through the tunnel are dropped in every mode", () => {
  for (const intent of [privateIntent(), fullIntent()]) {
    const text = firewallText(firewall(intent));
    // Also what claims to be a gateway's: nothing is let in before.
    expect(chain(text, "arrivals").join()).not.toContain("accept");
    const own = chain(text, "arrivals").filter((rule) => rule.endsWith("goto to_own"));
    expect(own).toEqual(["ip daddr 10.90.0.2 goto to_own", "ip6 daddr fd00:90::2 goto to_own"]);
    expect(chain(text, "to_own")).toEqual(['iifname "nanami0" accept', 'iif "lo" accept', "counter drop"]);
  }
});

test("only the tunnel's addresses leave through it, and they leave through nothing else, in every mode", () => {
  for (const intent of [privateIntent(), fullIntent(), nestedIntent()]) {
    const text = firewallText(firewall(intent));
    expect(chain(text, "departures")).toEqual([
      "ip saddr 10.90.0.2 goto from_own",
      "ip6 saddr fd00:90::2 goto from_own",
      'oifname "nanami0" counter drop',
    ]);
    expect(chain(text, "from_own")).toEqual(['oifname "nanami0" accept', 'oif "lo" accept', "counter drop"]);
  }
});

test("a closed local network stays closed, and an open one never covers a gateway", () => {
  expect(chain(firewallText(firewall(fullIntent())), "output").join()).not.toContain("192.168.7.0");
  const rules = chain(firewallText(firewall(fullIntent({ allowLocalNetwork: true }))), "output");
  expect(rules).toContain("ip daddr 203.0.113.17 goto refuse");
  expect(rules.indexOf("ip daddr 203.0.113.17 goto refuse")).toBeLessThan(
    rules.indexOf("ip daddr 192.168.7.0/24 accept"),
  );
});

test("overlapping prefixes make one member: interval sets refuse overlaps", () => {
  const intent = privateIntent({
    peers: [peer(KEY_A, "203.0.113.17", ["10.0.0.0/8"]), peer(KEY_B, "203.0.113.33", ["10.20.0.0/16"])],
  });
  expect(chain(firewallText(firewall(intent)), "forward")[0]).toBe(
    'oifname != "nanami0" ip daddr 10.0.0.0/8 goto refuse',
  );
});

test("while gateways are changed both are let through, and nothing else is", () => {
  const both = unionOf(firewall(fullIntent()), firewall(nestedIntent()));
  expect(both.endpoints.map(({ address, nested }) => [address, nested])).toEqual([
    ["203.0.113.17", false],
    ["203.0.113.33", true],
  ]);
  const { exits } = firewall(fullIntent());
  expect({ ...both, endpoints: [] }).toEqual({ ...firewall(nestedIntent()), endpoints: [], exits });
});

test("a connection goes on only by the exit that it began by; what the far side opened keeps its way back", () => {
  const { exits } = firewall(nestedIntent());
  const [near = 0, far = 0] = [KEY_A, KEY_B].map(
    (key) => exits.find(({ mark }) => mark % 0x1000000 === Buffer.from(key, "base64").readUIntBE(0, 3))?.mark,
  );
  const text = firewallText(firewall(nestedIntent()));
  const ways = [
    "ip daddr 10.90.0.1/32 goto exit_1",
    "ip daddr 203.0.113.33/32 goto exit_1",
    "ip daddr 10.20.0.0/16 goto exit_1",
    "meta nfproto ipv4 goto exit_2",
    "meta nfproto ipv6 goto exit_2",
    "accept",
  ];
  expect(chain(text, "exits")).toEqual([
    "meta l4proto tcp goto ways",
    "meta l4proto udp goto ways",
    "accept",
  ]);
  expect(chain(text, "ways")).toEqual(ways);
  expect(chain(text, "ports").slice(-ways.length)).toEqual(ways);
  for (const [name, mark] of [
    ["exit_1", near],
    ["exit_2", far],
  ] as const)
    expect(chain(text, name)).toEqual([
      `ct mark ${mark} accept`,
      "ct direction reply accept",
      `ct state new ct mark set ${mark} accept`,
      "ct state != established accept",
      "meta l4proto tcp goto refuse",
      `ct mark set ${mark} goto refuse`,
    ]);
});

test("one gateway carries whatever enters the tunnel", () => {
  const text = firewallText(firewall(fullIntent()));
  expect(chain(text, "ways")).toEqual(["goto exit_1"]);
});

test("rules are counted alike in our text and in what nft prints of it", () => {
  const text = firewallText(firewall(fullIntent()));
  const listing = text
    .split("\n")
    .slice(2)
    .map((line) => line.replace(/^ +/, (spaces) => "\t".repeat(spaces.length / 2)))
    .join("\n");
  expect(countRules(listing)).toBe(countRules(text));
  expect(countRules(listing.replace("\t\tgoto refuse\n", ""))).toBe(countRules(text) - 1);
});

test("untracked, conntrack is not asked by any rule: one that does makes it see every packet", () => {
  const local = { allowLocalNetwork: true };
  for (const intent of [privateIntent(), fullIntent(), fullIntent(local), nestedIntent(local)]) {
    const text = firewallText(firewall(intent, false));
    expect(text).not.toMatch(/\bct\b/);
    expect(text).not.toMatch(/goto (exits|ways|exit_\d)/);
  }
});

test("untracked, output closes as it does tracked, and what local programs send passes no second chain", () => {
  for (const intent of [privateIntent(), fullIntent(), nestedIntent()]) {
    const [tracked = "", untracked = ""] = [true, false].map((tracks) =>
      firewallText(firewall(intent, tracks)),
    );
    for (const name of ["arrivals", "to_own", "refuse", "encrypted", "output"])
      expect(chain(untracked, name)).toEqual(chain(tracked, name));
    const inside = (text: string) =>
      [...chain(text, "inside"), ...chain(text, "ports"), ...chain(text, "dns")].filter((rule) =>
        rule.endsWith("goto refuse"),
      );
    expect(inside(untracked)).toEqual(inside(tracked));
    expect(untracked).not.toContain("hook postrouting");
  }
});

test("untracked, other hosts send nothing into the tunnel until their connections are known", () => {
  const full = chain(firewallText(firewall(fullIntent(), false)), "forward");
  expect(full).toEqual([
    'oifname "nanami0" goto refuse',
    "meta l4proto { tcp, udp } th dport { 53, 853 } goto dns",
    "goto refuse",
  ]);
  expect(chain(firewallText(firewall(privateIntent(), false)), "forward").at(-1)).toBe(
    'oifname "nanami0" goto refuse',
  );
});
