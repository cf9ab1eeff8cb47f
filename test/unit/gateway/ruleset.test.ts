import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkState, type CheckedState } from "../../../src/gateway/check-state.ts";
import { sameSets } from "../../../src/gateway/readings.ts";
import { masqueradePorts, rulesetOf, type SetElements } from "../../../src/gateway/ruleset.ts";
import { changeTransaction, wholeTransaction } from "../../../src/gateway/transaction.ts";
import { peerOf, SELF, stateOf } from "./states.ts";

function checked(...arguments_: Parameters<typeof stateOf>): CheckedState {
  const verdict = checkState(stateOf(...arguments_), SELF);
  if (!verdict.ok) throw new Error(verdict.refused[0].message);
  return verdict.state;
}
const setsOf = (state: CheckedState | null) => rulesetOf(state, "nanami-gw").sets;
const elements = (sets: SetElements, name: string) => [...(sets.get(name) ?? ["no such set"])].sort();

describe("the sets", () => {
  const grants = {
    privatePrefixes: ["10.20.0.0/16", "10.20.5.0/24", "fd00:20::/64"],
    internet: true,
    relays: ["203.0.113.9:51820", "[2001:db8::9]:443"].map((endpoint) => ({
      deviceId: "dev_Egress000",
      endpoint,
    })),
  };
  const sets = setsOf(checked([peerOf(0, { grants }), peerOf(1)]));

  test("hold each peer's grants by family; a grant inside another is one element", () => {
    expect(elements(sets, "granted4")).toEqual(["100.64.0.2 . 10.20.0.0/16", "100.64.0.3 . 10.20.0.0/16"]);
    expect(elements(sets, "granted6")).toEqual(["fd00:64::2 . fd00:20::/64", "fd00:64::3 . fd00:20::/64"]);
    expect(elements(sets, "internet4")).toEqual(["100.64.0.2"]);
    expect(elements(sets, "relays4")).toEqual(["100.64.0.2 . 203.0.113.9 . 51820"]);
    expect(elements(sets, "relays6")).toEqual(["fd00:64::2 . 2001:db8::9 . 443"]);
  });

  test("keep private, shared, link-local and translated space out of the Internet", () => {
    expect(elements(sets, "internal4")).toEqual(
      expect.arrayContaining([
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
      ]),
    );
    expect(elements(sets, "internal6")).toEqual(expect.arrayContaining(["::/3", "8000::/1", "2002::/16"]));
  });

  test("leave cloud metadata out of a granted prefix that covers it", () => {
    const privatePrefixes = ["192.0.0.0/24"];
    const covering = setsOf(
      checked([peerOf(0, { grants: { privatePrefixes, internet: false, relays: [] } })], { privatePrefixes }),
    );
    const granted = elements(covering, "granted4").map((element) => element.split(" . ")[1] ?? "");
    expect(granted).toContain("192.0.0.0/25");
    expect(granted).toContain("192.0.0.193");
    expect(granted).not.toContain("192.0.0.192");
  });

  test("of no state grant nothing", () => {
    for (const name of ["peers", "granted", "internet", "relays"])
      for (const family of [4, 6]) expect(elements(setsOf(null), `${name}${family}`)).toEqual([]);
  });
});

test("the rules are the same however many peers there are", () => {
  const rules = (peers: number) =>
    rulesetOf(checked(Array.from({ length: peers }, (_, n) => peerOf(n))), "nanami-gw").skeleton;
  expect(rules(500)).toBe(rules(0));
});

test("the whole firewall is one transaction that begins by removing the old table", () => {
  const text = wholeTransaction(rulesetOf(checked([peerOf(0)]), "nanami-gw"));
  expect(text).toMatch(
    /^table inet nanami_gateway\ndelete table inet nanami_gateway\ntable inet nanami_gateway \{/,
  );
});

test("masquerading never takes the WireGuard port nor a low one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 65535 }), (port) => {
      const [first = 0, last = 0] = masqueradePorts(port).split("-").map(Number);
      expect(first).toBeGreaterThanOrEqual(10_000);
      expect(last - first).toBeGreaterThan(20_000);
      expect(port < first || port > last).toBe(true);
    }),
  );
});

describe("a change", () => {
  const some = fc
    .subarray([0, 1, 2, 3, 4])
    .chain((numbers) => fc.tuple(...numbers.map((n) => fc.tuple(fc.constant(n), fc.boolean(), fc.boolean()))))
    .map((peers) =>
      setsOf(
        checked(
          peers.map(([n, internet, wide]) =>
            peerOf(n, {
              grants: {
                privatePrefixes: wide ? ["10.20.0.0/16"] : ["10.20.1.0/24", "10.20.2.0/24"],
                internet,
                relays: [],
              },
            }),
          ),
        ),
      ),
    );

  /** What nft does with our text, in small. */
  function perform(before: SetElements, text: string): SetElements {
    const sets = new Map([...before].map(([name, members]) => [name, new Set(members)]));
    for (const line of text.split("\n").filter((one) => one !== "")) {
      const [, verb, name = "", list = ""] =
        /^(add|delete) element inet nanami_gateway (\S+) \{ (.*) \}$/.exec(line) ?? [];
      for (const element of list.split(", ")) {
        const members = sets.get(name);
        expect(members?.has(element)).toBe(verb === "delete");
        if (verb === "add") members?.add(element);
        else members?.delete(element);
      }
    }
    return sets;
  }

  test("leads from any state to any other and names only what differs", () => {
    fc.assert(
      fc.property(some, some, (before, after) => {
        expect(sameSets(perform(before, changeTransaction(before, after)), after)).toBe(true);
      }),
    );
  });

  test("to the same state is empty", () => {
    fc.assert(
      fc.property(some, (sets) => {
        expect(changeTransaction(sets, sets)).toBe("");
      }),
    );
  });

  test("takes away before it gives", () => {
    const [wide, narrow] = [["10.20.0.0/16"], ["10.20.1.0/24"]].map((privatePrefixes) =>
      setsOf(checked([peerOf(0, { grants: { privatePrefixes, internet: false, relays: [] } })])),
    );
    const text = changeTransaction(wide ?? new Map(), narrow ?? new Map());
    expect(text.indexOf("delete")).toBeLessThan(text.indexOf("add"));
  });
});
