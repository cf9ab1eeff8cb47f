import { expect, test } from "vitest";
import { openBy } from "../../../src/bridge/not-protected.ts";
import { desiredState } from "../../../src/tunnel/desired-state.ts";
import { firewallText, partingText } from "../../../src/tunnel/linux/firewall.ts";
import {
  closureOf,
  covers,
  keptBy,
  notProtected,
  promiseOf,
  type Closure,
} from "../../../src/tunnel/protects.ts";
import type { Intent } from "../../../src/tunnel/types.ts";
import type { Prefix } from "../../../src/wireguard/prefix.ts";
import { fullIntent, privateIntent } from "./intents.ts";

const since = "2026-01-01T00:00:00.000Z";
const reason = { code: "internal", message: "It failed.", remedy: "Wait." } as const;

const full: Closure = { mode: "full_tunnel", guarded: [], local: false };
const some = (...guarded: string[]): Closure => ({
  mode: "vpn_only",
  guarded: guarded as Prefix[],
  local: false,
});

test("who keeps everything closed keeps the private network closed too, and not the other way about", () => {
  expect(covers(full, some("10.1.0.0/16"))).toBe(true);
  expect(covers(some("10.1.0.0/16"), full)).toBe(false);
  expect(covers(null, some("10.1.0.0/16"))).toBe(false);
  for (const kept of [full, some("10.1.0.0/16"), null]) {
    expect(covers(kept, kept)).toBe(true);
    expect(covers(kept, null)).toBe(true);
  }
});

test("what is wanted to be closed in addition is not closed by what closes the rest", () => {
  expect(covers(some("10.1.0.0/16"), some("10.1.0.0/16", "10.2.0.0/16"))).toBe(false);
  expect(covers(some("10.1.0.0/16", "10.2.0.0/16"), some("10.1.0.0/16"))).toBe(true);
  expect(covers(some("10.0.0.0/8"), some("10.1.0.0/16"))).toBe(true);
  const local = { ...full, local: true };
  expect(covers(local, full)).toBe(false);
  expect(covers(full, local)).toBe(true);
  expect(covers(local, some("10.1.0.0/16"))).toBe(false);
  expect(covers({ ...local, guarded: ["10.0.0.0/8" as Prefix] }, some("10.1.0.0/16"))).toBe(true);
});

test("every state promises what its mode closes, but those that are open", () => {
  expect(promiseOf({ state: "blocked", mode: "full_tunnel", since, reason })).toBe("full_tunnel");
  expect(promiseOf({ state: "connecting", mode: "vpn_only", since })).toBe("vpn_only");
  expect(promiseOf({ state: "connecting", mode: "vpn_only", since, reason })).toBeNull();
  expect(promiseOf({ state: "disconnecting", since })).toBeNull();
  expect(promiseOf({ state: "disconnected" })).toBeNull();
});

test("a firewall is judged by what it does with what leaves", () => {
  const surroundings = { interface: "nanami0", onLink: [], tracks: false, closed: false };
  const firewallOf = (intent: Intent) => desiredState(intent, surroundings).firewall;
  const everything = firewallOf(fullIntent());
  expect(keptBy(firewallText(everything))).toEqual(full);
  const secluded = firewallOf(privateIntent());
  expect(secluded.guarded).not.toEqual([]);
  expect(keptBy(firewallText(secluded))).toEqual(some(...secluded.guarded));
  // So many that they are members of a set, and both families.
  const many = [1, 2, 3, 4, 5, 6].flatMap((one) => [`10.${one}.0.0/16`, `fd00:${one}::/64`]);
  const larger = firewallOf(privateIntent({ privatePrefixes: many }));
  expect(covers(keptBy(firewallText(larger)), closureOf(larger))).toBe(true);
  expect(covers(keptBy(firewallText(secluded)), closureOf(larger))).toBe(false);
  // As nft writes adjacent members of a set.
  const set = (text: string) =>
    keptBy(firewallText(larger).replace(/daddr \{ 10\.1[^}]+\}/g, `daddr { ${text} }`))?.guarded;
  expect(set("10.20.0.0-10.20.2.255, 10.31.0.1, 10.33.0.0/16")).toEqual(
    expect.arrayContaining(["10.20.0.0/23", "10.20.2.0/24", "10.31.0.1/32", "10.33.0.0/16"]),
  );
  const unreadable = [
    "10.2.0.0-10.1.0.0",
    "10.1.0.0-",
    "-10.1.0.0",
    "10.1.0.0-fd00::",
    "10.1.0.0-10.2.0.0/16",
  ];
  for (const odd of unreadable) expect(set(odd)?.filter((guarded) => guarded.startsWith("10."))).toEqual([]);
  const local = firewallOf(fullIntent({ allowLocalNetwork: true }));
  expect(keptBy(firewallText(local))).toMatchObject({ mode: "full_tunnel", local: true });
  expect(covers(keptBy(firewallText(local)), closureOf(local))).toBe(true);
  // Of a rule that says something else nothing is concluded.
  const odd = firewallText(secluded).replaceAll("goto refuse", "counter");
  expect(keptBy(odd)).toEqual(some());
  // As nft writes it.
  expect(keptBy(firewallText(everything).replace("priority filter", "priority 0"))).toEqual(full);
  expect(keptBy(partingText(everything))).toBeNull();
  expect(keptBy("table inet nanami {\n}\n")).toBeNull();
  expect(keptBy(null)).toBeNull();
});

test("what is told of an open device says that it is open, and why", () => {
  expect(notProtected("full_tunnel", some("10.1.0.0/16"), reason)).toEqual({
    code: "not_protected",
    message:
      "The protection could not be put in place, so traffic leaves this device as if it was not connected. It failed.",
    remedy: "Wait.",
    facts: { detail: "It failed.", why: "internal", open: "everything" },
  });
  const secluded = notProtected("vpn_only", null, { ...reason, facts: { program: "nft" } });
  expect(secluded.message).toContain("the private network is not closed");
  expect(secluded.facts).toEqual({
    ...{ program: "nft", detail: "It failed.", why: "internal", open: "private_network" },
  });
  const local = notProtected("full_tunnel", { ...full, local: true }, reason);
  expect(local.message).toContain("the local network is not closed");
  expect(local.facts).toMatchObject({ open: "local_network" });
  const locked = notProtected("lockdown", null, reason);
  expect(locked).toMatchObject({
    code: "lockdown_not_in_force",
    message: "Lockdown is not in force: traffic leaves this device as if it was not connected. It failed.",
    remedy: "Wait. It is tried again by itself. Or turn lockdown off: nanami settings set lockdown off",
    facts: { why: "internal", open: "everything" },
  });
  const near = notProtected("lockdown", { ...full, local: true }, reason);
  expect(near).toMatchObject({ code: "lockdown_not_in_force", facts: { open: "local_network" } });
  // A window knows each of them.
  for (const told of [secluded, local, locked, near]) expect(openBy(told)).toBe(told.facts?.["open"]);
});
