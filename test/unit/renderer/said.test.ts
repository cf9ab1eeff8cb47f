/** Whatever the service can say by code, the window says in both languages. */
import { describe, expect, test } from "vitest";
import { en } from "../../../renderer/texts/en/index.ts";
import { ja } from "../../../renderer/texts/ja/index.ts";
import { GONE, NOT_UNDERSTOOD } from "../../../renderer/bridge/problems.ts";
import { problemWords } from "../../../renderer/texts/problem-words.ts";
import { findingWords, routeWords } from "../../../renderer/texts/said-words.ts";
import { FOUND, leakCheck } from "../../../src/agent/diagnostics/leak-words.ts";
import { leakWords } from "../../../renderer/screens/health/leak-words.ts";
import { NOT_OF_APPS, PROBLEM_CODES } from "../../../src/api/problem-codes.ts";
import { ResolvedPath } from "../../../src/routing/schema.ts";
import { LEAK_CHECKS } from "../../../src/rpc/diagnostics.ts";
import {
  AGENT_BLOCKAGES,
  DECIDERS,
  FINDINGS,
  NAMED,
  PATH_FAULTS,
  PROFILE_TROUBLES,
  REFUSALS,
  RESOLVERS,
  ROUTE_REASONS,
  UNUSED,
} from "../../../src/rpc/said.ts";
import { DEVIATIONS, TUNNEL_BLOCKAGES } from "../../../src/tunnel/types.ts";
import { english, japanese } from "./words.ts";

/** All leaves of a table, by their place. */
function leaves(table: object, place = ""): Map<string, string> {
  return new Map(
    Object.entries(table).flatMap(([key, value]: [string, unknown]) =>
      typeof value === "object" && value !== null
        ? [...leaves(value, `${place}${key}.`)]
        : [[`${place}${key}`, String(value)] as const],
    ),
  );
}

const PATH_REASONS = ResolvedPath.shape.reason.def.innerType.shape.code.options;

describe.each([
  ["refusals", REFUSALS, en.said.refusals, ja.said.refusals],
  [
    "the control plane's refusals",
    PROBLEM_CODES.filter((code) => !NOT_OF_APPS.some((one) => one === code)),
    en.said.controlPlane,
    ja.said.controlPlane,
  ],
  ["health findings", FINDINGS, en.said.findings, ja.said.findings],
  ["what is other than it was made", Object.keys(DEVIATIONS), en.said.deviations, ja.said.deviations],
  ["what is wrong with a path", PATH_FAULTS, en.said.pathFaults, ja.said.pathFaults],
  ["reasons of routes", ROUTE_REASONS, en.said.routes, ja.said.routes],
  ["resolvers", RESOLVERS, en.said.resolvers, ja.said.resolvers],
  ["what is not used", UNUSED, en.said.unused, ja.said.unused],
  ["troubles of a profile", PROFILE_TROUBLES, en.said.profileTroubles, ja.said.profileTroubles],
  ["leak findings", Object.keys(FOUND), en.health.leaks.found, ja.health.leaks.found],
  ["leak checks", LEAK_CHECKS, en.health.leaks.checks, ja.health.leaks.checks],
  [
    "blockages",
    [...new Set([...TUNNEL_BLOCKAGES, ...AGENT_BLOCKAGES, ...PATH_REASONS])],
    en.reasons,
    ja.reasons,
  ],
] as const)("%s", (_name, codes, english_, japanese_) => {
  test("have a text for each code and none besides", () => {
    expect(Object.keys(english_).toSorted()).toEqual([...codes].toSorted());
    expect(Object.keys(japanese_).toSorted()).toEqual([...codes].toSorted());
  });

  test("name the same facts in both languages, and speak Japanese where it is Japanese", () => {
    const facts = (text: string): string[] => [...new Set(text.match(/\{\{\w+(?:, [^}]+)?\}\}/g))].toSorted();
    const other = leaves(japanese_);
    for (const [place, text] of leaves(english_)) {
      expect(facts(other.get(place) ?? ""), place).toEqual(facts(text));
      const bare = (other.get(place) ?? "").replaceAll(/\{\{[^}]+\}\}|IPv[46]|DNS/g, "");
      if (/[a-z]/i.test(text.replaceAll(/\{\{[^}]+\}\}|IPv[46]|DNS/g, "")))
        expect(bare, place).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
    }
  });
});

/** The facts that a text asks for. */
const asked = (text: string): string[] => [...text.matchAll(/\{\{(\w+)/g)].flatMap(([, name]) => name ?? []);

describe.each([
  // A sentence of the control plane's is passed on as it is.
  ["refusals", REFUSALS, NAMED.refusals, "refusals", ["message"]],
  // The window says the blockage that is the reason.
  ["health findings", FINDINGS, { ...NAMED.findings, held_up: ["why"] }, "findings", []],
  ["what is other than it was made", Object.keys(DEVIATIONS), DEVIATIONS, "deviations", []],
  ["what is wrong with a path", PATH_FAULTS, {}, "pathFaults", []],
  ["reasons of routes", ROUTE_REASONS, NAMED.routes, "routes", []],
  ["resolvers", RESOLVERS, NAMED.resolvers, "resolvers", []],
  ["what is not used", UNUSED, NAMED.unused, "unused", []],
  ["troubles of a profile", PROFILE_TROUBLES, NAMED.profileTroubles, "profileTroubles", []],
  // A layer is said by its name.
  ["what decides", [...DECIDERS, "layers"], NAMED.deciders, "deciders", []],
] as const)("%s", (_name, codes, named, table, always) => {
  test("ask for no fact that the service does not give", () => {
    expect(Object.keys(named).filter((code) => !(codes as readonly string[]).includes(code))).toEqual([]);
    for (const { said } of [en, ja])
      for (const [place, text] of leaves(said[table])) {
        const [code = ""] = place.split(".");
        const given = (named as Readonly<Record<string, readonly string[]>>)[code] ?? [];
        expect([...given, ...always], `${table}.${place}`).toEqual(expect.arrayContaining(asked(text)));
      }
  });
});

test("a blockage asks for what the window has of each, a leak for what its own sentence names", () => {
  const named: Readonly<Record<string, readonly string[]>> = {
    program_missing: ["program", "package"],
    not_protected: ["why"],
    lockdown_not_in_force: ["why"],
  };
  for (const { reasons, health } of [en, ja]) {
    for (const [place, text] of leaves(reasons)) {
      const [code = "", part = ""] = place.split(".");
      const given = part.startsWith("clause") ? ["count", "gateways"] : ["detail", ...(named[code] ?? [])];
      expect(given, place).toEqual(expect.arrayContaining(asked(text)));
    }
    const own: Readonly<Record<string, { readonly message: string }>> = FOUND;
    for (const [place, text] of leaves(health.leaks.found)) {
      const [code = ""] = place.split(".");
      expect(asked(own[code]?.message ?? ""), place).toEqual(expect.arrayContaining(asked(text)));
    }
  }
});

test("what decides has a text, a layer by its own name", () => {
  const codes = DECIDERS.map((code) => (code === "layer" ? "layers" : code)).toSorted();
  for (const { said } of [en, ja]) expect(Object.keys(said.deciders).toSorted()).toEqual(codes);
});

test("a finding is said with its facts, a blockage within it by its own text, and a later version's in its own words", () => {
  const check = { code: "tunnel", verdict: "bad", title: "Tunnel", message: "own words" } as const;
  const held = { ...check, found: "held_up", facts: { reason: "offline" } };
  expect(findingWords(held, "ja", japanese)).toBe(ja.reasons.offline.text);
  expect(findingWords({ ...check, found: "of a later version" }, "ja", japanese)).toBe("own words");
  const repaired = {
    ...check,
    found: "resolver_asked_all",
    facts: { servers: "10.0.0.53", by: "resolvconf", repairedAt: "2026-01-01T00:00:00.000Z" },
  };
  expect(findingWords(repaired, "en", english)).toMatch(
    /10\.0\.0\.53, by resolvconf\. Another program changed/,
  );
});

test("what somebody else changed is said in the window's language, and what has no code is marked as the system's words", () => {
  const check = { code: "firewall", verdict: "bad", title: "Firewall", message: "own words" } as const;
  const deviates = { ...check, found: "deviates", facts: { detail: "It is gone. nft: no such table" } };
  const line = "-4 rule 20000 lookup 20033";
  const deviations = [
    { code: "firewall_gone", facts: {} },
    { code: "route_missing", facts: { family: "IPv4", line } },
  ];
  const told = findingWords({ ...deviates, deviations }, "ja", japanese);
  expect(told).toContain("ファイアウォールのテーブル inet nanami がなくなっています。");
  expect(told.replaceAll(/inet nanami|Nanami|IPv4/g, "").replace(line, "")).not.toMatch(/[a-z]/i);
  expect(findingWords(deviates, "ja", japanese)).toContain(
    "システムからの情報：It is gone. nft: no such table",
  );
  const later = [...deviations, { code: "of_a_later_version", facts: {} }];
  expect(findingWords({ ...deviates, deviations: later }, "ja", japanese)).toContain("システムからの情報：");
  // What was put right is told too, and not as if it was so still.
  const repaired = {
    ...{ ...check, found: "in_place", deviations },
    verdict: "good",
    facts: { detail: "It was gone.", repairedAt: "2026-01-01T00:00:00.000Z" },
  } as const;
  expect(findingWords(repaired, "en", english)).toMatch(
    /put right\. Found then: The firewall's table inet nanami is gone\. Missing among/,
  );
  expect(findingWords(repaired, "ja", japanese)).not.toContain("It was gone.");
});

test("a leak test says in the window's language who else changed the resolver", () => {
  const reason = "systemd-resolved is silent.";
  const said = { code: "resolver_silent", facts: { by: "systemd-resolved" } } as const;
  const told = (code: typeof said | null) => {
    const changed = [{ what: "dns", message: reason, said: code }] as const;
    return leakWords(leakCheck("system_resolver", "resolver_foreign", { reason }, changed), japanese).message;
  };
  expect(told(said)).toMatch(/：systemd-resolved が応答しません。$/);
  expect(told(null)).toMatch(/システムからの情報：systemd-resolved is silent\.$/);
});

test("a path that is refused is refused by its fault, and one of a later version in the service's words", () => {
  const refused = (fault: string) =>
    problemWords(
      {
        ...{ code: "refused", reason: "path_unusable", message: "own words" },
        facts: { fault, place: "/egress", detail: "the egress is strange" },
      },
      japanese,
    ).message;
  expect(refused("hops_alike")).toMatch(
    /：2 つのゲートウェイの鍵またはアドレスが同じです。経路内の場所：\/egress$/,
  );
  expect(refused("of_a_later_version")).toContain("サービスからの説明：the egress is strange");
});

test("a route's reason is said by its code", () => {
  const route = {
    ...({ way: "tunnel", rule: null, table: "t", prefix: null, interface: null } as const),
    hops: [],
    reason: "own words",
    because: { code: "private_prefix", facts: { prefix: "10.20.0.0/16" } },
  };
  expect(routeWords(route, japanese)).toContain("10.20.0.0/16 に属し");
});

describe("a refusal in a Japanese window", () => {
  const english_ = { message: "An English sentence.", remedy: "An English remedy." };
  const bare = (text: string | undefined): string =>
    (text ?? "").replaceAll(
      /fd00:20::|Nanami|WireGuard|AllowedIPs|Endpoint|Address|Peer|QR|Wi-Fi|MiB|DNS|nanami:\/\/enroll\S*|nanami|example|\.conf|intranet/g,
      "",
    );

  test.each(REFUSALS)("%s has no word of the service's", (reason) => {
    // What it names is not the service's sentence: an address, a code that has words, a time.
    const facts = {
      ...{
        detail: "詳細",
        target: "198.51.100.7",
        prefix: "10.0.0.0/8",
        prefixes: "10.0.0.0/8",
        number: "2",
      },
      ...{ name: "設定", why: "access_denied", problem: "forbidden", expiredAt: "2026-01-01T00:00:00.000Z" },
    };
    const told = problemWords({ code: "refused", reason, facts, ...english_ }, japanese);
    expect(`${bare(told.message)} ${bare(told.remedy)}`).not.toMatch(/[a-z]{2}/i);
  });

  test.each(["control_plane_refused", "not_allowed", "link_refused"])(
    "%s says the control plane's own",
    (reason) => {
      for (const [problem, words] of Object.entries(ja.said.controlPlane)) {
        const facts = { detail: english_.message, problem };
        expect(problemWords({ code: "refused", reason, facts, ...english_ }, japanese).message).toContain(
          words,
        );
      }
      const later = { detail: english_.message, problem: "of_a_later_version" };
      expect(
        problemWords({ code: "refused", reason, facts: later, ...english_ }, japanese).message,
      ).toContain(english_.message);
    },
  );

  test("that no service made is told too: each kind of a bridge's own", () => {
    for (const { problem } of [GONE, NOT_UNDERSTOOD]) {
      const told = problemWords(problem, japanese);
      expect(`${told.message} ${told.remedy ?? ""}`).not.toMatch(/[a-z]{2}/i);
    }
  });
});
