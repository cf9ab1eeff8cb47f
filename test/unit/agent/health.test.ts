import { expect, test } from "vitest";
import { judgeHealth, type Seen } from "../../../src/agent/health.ts";
import { DEFAULT_SETTINGS } from "../../../src/rpc/settings.ts";
import { desiredState } from "../../../src/tunnel/desired-state.ts";
import type { KernelRoute } from "../../../src/tunnel/linux/route-get.ts";
import { LOCKDOWN } from "../../../src/tunnel/lockdown.ts";
import type { Intent } from "../../../src/tunnel/types.ts";
import type { Address } from "../../../src/wireguard/address.ts";
import type { Prefix } from "../../../src/wireguard/prefix.ts";
import { SNAPSHOT } from "../rpc/fixtures.ts";
import { fullIntent, privateIntent } from "../tunnel/intents.ts";

const since = "2026-01-01T00:00:00.000Z";
const PRIVATE = "10.20.0.0/16" as Prefix;
const tunnel: KernelRoute = {
  way: "tunnel",
  table: "20033",
  interface: "nanami0",
  gateway: null,
  source: null,
};
const direct: KernelRoute = { ...tunnel, way: "direct", table: "main", interface: "eth0" };

function networkOf(intent: Intent) {
  return desiredState(intent, { interface: "nanami0", onLink: [], tracks: false, closed: false });
}

/** A device in full tunnel with which all is well. */
const WELL: Seen = {
  snapshot: {
    ...SNAPSHOT,
    tunnel: { state: "connected", mode: "full_tunnel", since, verified: "traffic" },
  },
  network: networkOf(fullIntent()),
  privatePrefixes: [PRIVATE],
  deviations: [],
  lastRepair: null,
  foreignRules: [],
  names: { managers: ["systemd-resolved"], forwards: false, repairedAt: null },
  privateRoutes: [{ prefix: PRIVATE, route: tunnel }],
  publicRoute6: tunnel,
  attempts: { marked: false, unmarked: false },
  lan: ["192.168.7.0/24" as Prefix],
  asked: null,
};

const NO_DNS = { servers: [], matchDomains: [] };
const LOWERED = { intended: 1420, passes: 1232, ipv6: false };

function verdict(code: string, change: Partial<Seen>): string | undefined {
  return judgeHealth({ ...WELL, ...change }).find((check) => check.code === code)?.verdict;
}

test("nothing is bad where all is well, in either mode", () => {
  const inPrivate = { ...WELL, network: networkOf(privateIntent()) };
  expect(judgeHealth(WELL).filter((check) => check.verdict === "bad")).toEqual([]);
  expect(judgeHealth(inPrivate).filter((check) => check.verdict === "bad" && check.code !== "dns")).toEqual(
    [],
  );
});

test.each<[code: string, change: Partial<Seen>, wanted: string]>([
  ["firewall", { deviations: [{ what: "firewall", message: "It is gone.", said: null }] }, "bad"],
  ["routing", { deviations: [{ what: "routing", message: "A rule is missing.", said: null }] }, "bad"],
  ["foreign_rules", { foreignRules: ["IPv4 rule 100: everything by table main"] }, "bad"],
  ["dns", { deviations: [{ what: "dns", message: "Somebody rewrote it.", said: null }] }, "bad"],
  ["dns", { names: null }, "bad"],
  ["dns", { network: networkOf(fullIntent({ dns: NO_DNS })), names: null }, "warning"],
  ["dns", { network: networkOf(privateIntent({ dns: NO_DNS })), names: null }, "good"],
  ["private_prefixes", { privateRoutes: [{ prefix: PRIVATE, route: direct }] }, "bad"],
  [
    "private_prefixes",
    { privateRoutes: [{ prefix: PRIVATE, route: { ...tunnel, way: "refused" } }] },
    "good",
  ],
  ["marked_attempt", { attempts: { marked: true, unmarked: false } }, "bad"],
  ["unmarked_attempt", { attempts: { marked: false, unmarked: true } }, "bad"],
  ["unmarked_attempt", { attempts: null }, "skipped"],
  ["ipv6", { publicRoute6: direct }, "bad"],
  ["ipv6", { publicRoute6: { ...tunnel, way: "refused" } }, "good"],
  ["overlap", { lan: ["10.20.3.0/24" as Prefix] }, "warning"],
  ["packet_size", {}, "good"],
  ["packet_size", { snapshot: { ...WELL.snapshot, pathMtu: LOWERED } }, "warning"],
  ["packet_size", { snapshot: SNAPSHOT }, "skipped"],
  ["enrolment", {}, "warning"],
  ["firewall", { network: null }, "skipped"],
])("%s with %o is %s", (code, change, wanted) => {
  expect(verdict(code, change)).toBe(wanted);
});

test("what was put right is told with its time, and is no reason to worry", () => {
  const said = { code: "firewall_gone", facts: {} } as const;
  const what = [{ what: "firewall", message: "It was gone.", said }] as const;
  const lastRepair = { at: Date.parse(since), what };
  const found = judgeHealth({ ...WELL, lastRepair });
  expect(found.find(({ code }) => code === "firewall")).toMatchObject({
    verdict: "good",
    message: expect.stringContaining(
      `Another program changed that at ${since}, and it was put right: It was gone.`,
    ) as string,
  });
  expect(found.find(({ code }) => code === "routing")?.message).not.toContain("put right");
});

test("what somebody else changed is told by code, where all of it has one", () => {
  const gone = { code: "firewall_gone", facts: {} } as const;
  const taken = { code: "peer_taken", facts: { peer: "k" } } as const;
  const own = { what: "routing", message: "In words of its own.", said: null } as const;
  const peer = { what: "routing", message: "Taken.", said: taken } as const;
  const lastRepair = {
    at: Date.parse(since),
    what: [{ what: "firewall", message: "It was gone.", said: gone }, peer] as const,
  };
  const told = (deviations: Seen["deviations"]) =>
    judgeHealth({ ...WELL, lastRepair, deviations }).map(({ code, deviations: all }) => [code, all] as const);
  expect(new Map(told([])).get("firewall")).toEqual([gone]);
  expect(new Map(told([])).get("routing")).toEqual([taken]);
  // What is so now counts before what was put right.
  const missing = { code: "route_missing", facts: { family: "IPv4", line: "rule 1" } } as const;
  expect(new Map(told([{ ...peer, said: missing }])).get("routing")).toEqual([missing]);
  expect(new Map(told([peer, own])).get("routing")).toBeUndefined();
  expect(new Map(told([])).get("dns")).toBeUndefined();
});

test("a silent gateway is bad, and lockdown at rest is not", () => {
  const status = { state: "blocked", mode: "full_tunnel", since } as const;
  const silent = { ...status, reason: { code: "gateway_silent", message: "Silent.", remedy: "Wait." } };
  expect(verdict("tunnel", { snapshot: { ...SNAPSHOT, tunnel: silent } })).toBe("bad");
  const settings = { ...DEFAULT_SETTINGS, lockdown: "on" } as const;
  const locked = { ...SNAPSHOT, settings, tunnel: { ...status, reason: LOCKDOWN } };
  expect(verdict("tunnel", { snapshot: locked })).toBe("good");
  const reason = {
    code: "lockdown_not_in_force",
    message: "Open.",
    remedy: "Wait.",
    facts: { why: "internal" },
  };
  const snapshot = { ...SNAPSHOT, settings, tunnel: { state: "disconnected", reason } as const };
  expect(judgeHealth({ ...WELL, snapshot }).find(({ code }) => code === "tunnel")).toMatchObject({
    ...{ verdict: "bad", found: "held_up", message: "Open. Wait." },
    facts: { reason: "lockdown_not_in_force", why: "internal" },
  });
});

test("silent peers of a profile, and parts of it that are not in force, are told", () => {
  const profile = { id: "prf_00000000", name: "office", problem: null };
  const connected = { ...WELL.snapshot, profile };
  const said = (snapshot: typeof connected) =>
    judgeHealth({ ...WELL, snapshot }).find(({ code }) => code === "tunnel");
  expect(said(connected)?.verdict).toBe("good");
  const traffic = {
    ...{ rxBytes: 0, txBytes: 0, rxRate: 0, txRate: 0, handshakeAge: 1, roundTripMs: null },
    silentPeers: ["203.0.113.8:51820"],
  };
  expect(said({ ...connected, traffic })).toMatchObject({
    verdict: "warning",
    message: expect.stringContaining("203.0.113.8:51820") as string,
  });
  expect(
    said({ ...connected, profile: { ...profile, problem: "A peer has no endpoint." } } as never),
  ).toMatchObject({
    verdict: "warning",
    message: "A peer has no endpoint.",
  });
});

test("lost packets are told with their size, and what becomes of IPv6", () => {
  const snapshot = { ...WELL.snapshot, pathMtu: LOWERED };
  const found = judgeHealth({ ...WELL, snapshot }).find(({ code }) => code === "packet_size");
  expect(found?.message).toMatch(/1232 bytes pass, 1420 should.*IPv6 needs 1280/);
});

test("an overlap names the local hosts that are hidden", () => {
  const found = judgeHealth({ ...WELL, lan: ["10.20.3.0/24" as Prefix] }).find(
    ({ code }) => code === "overlap",
  );
  expect(found?.message).toContain("local hosts in 10.20.3.0/24 are hidden");
});

test("what the gateway refuses of a profile is named, with what to do, and what it allows is not", () => {
  const at = (address: string, heard: "answer" | "refused" | "silence") => ({
    address: address as Address,
    heard,
  });
  const asked = [
    { prefix: PRIVATE, asked: [at("10.20.0.1", "answer")] },
    { prefix: "10.99.0.9/32" as Prefix, asked: [at("10.99.0.9", "refused")] },
  ];
  const check = (seen: Partial<Seen>) =>
    judgeHealth({ ...WELL, ...seen }).find(({ code }) => code === "profile_grants");
  expect(check({ asked })).toMatchObject({ verdict: "warning" });
  expect(check({ asked })?.message).toContain(
    "Your file asks for 10.99.0.9/32; the gateway does not allow it. Ask its operator",
  );
  expect(check({ asked })?.message).not.toContain(PRIVATE);
  expect(check({ asked: asked.slice(0, 1) })).toMatchObject({ verdict: "good" });
  // Where nobody says anything, nothing is known: that is not good news.
  const silent = [{ prefix: PRIVATE, asked: [at("10.20.0.1", "silence"), at("10.20.255.254", "silence")] }];
  expect(check({ asked: silent })).toMatchObject({ verdict: "skipped" });
  expect(check({ asked: null })).toMatchObject({ verdict: "skipped" });
});
