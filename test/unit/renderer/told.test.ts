/**
 * What the host tells is parsed in a built window by data that is made of the contract's schemas. Here both are asked:
 * zod with the schemas, and the very text that the build puts in their place.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { fits } from "../../../renderer/bridge/fits.ts";
import * as told from "../../../renderer/bridge/told.ts";
import { shapeOf } from "../../../renderer/build/shape-of.ts";
import { toldModule } from "../../../renderer/build/told-as-data.ts";
import { DEFAULT_PRESENTATION, type Offer } from "../../../src/bridge/state.ts";
import type { Snapshot } from "../../../src/rpc/contract.ts";
import { CONNECTED, ENROLLED, traffic } from "../../bench/app-page.ts";
import { FACTS } from "../face/fixtures.ts";

type Readers = Record<keyof typeof told.SCHEMAS, (raw: unknown) => unknown>;
const names = Object.keys(told.SCHEMAS) as (keyof typeof told.SCHEMAS)[];

let built: Readers;
beforeAll(async () => {
  // As a module of its own, with the one import that it has.
  const url = new URL("../../../renderer/bridge/fits.ts", import.meta.url).href;
  const text = toldModule().replace('"./fits.ts"', JSON.stringify(url));
  built = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`)) as Readers;
});

const full: Snapshot = {
  ...ENROLLED,
  tunnel: CONNECTED,
  traffic: { ...traffic(1), silentPeers: ["office"] },
  inForce: {
    ingress: { deviceId: "dev_osaka0000000", name: "osaka", region: "Osaka" },
    egress: null,
    failedOver: true,
  },
  controlPlane: {
    connected: false,
    problem: "no answer",
    troubles: [{ code: "unreachable", facts: { host: "control.example" } }],
    revoked: false,
  },
  unsaved: {
    layer: "device",
    value: {
      selection: { routingMode: "manual", ingressDeviceId: null, egressDeviceId: "dev_osaka0000000" },
    },
    conflict: null,
  },
  consent: { mode: true, prefixes: ["10.0.0.0/8"], prefixCount: 1, chosenBy: "user", decidedBy: "network" },
  pathMtu: { intended: 1420, passes: 1280, ipv6: true },
  profile: { id: "prf_office00000", name: "Büro 😀", problem: null, trouble: null },
};
const since = "2026-11-23T12:00:00.000Z";
const reason = { code: "gateway_silent", message: "no answer", remedy: "", facts: { gateway: "osaka" } };
const problem = {
  code: "bad_request",
  message: "no",
  errors: [{ pointer: "/ingress", code: "access_denied", message: "no" }],
};
const offers: Offer[] = [
  { kind: "enroll", id: "1", link: "nanami://x", facts: { controlPlane: "x", pinned: true } },
  { kind: "files", id: "2", files: [{ name: "a.conf", bytes: "YQ==" }] },
  { kind: "refused", id: "3", message: "too large", problem: { code: "bad_request", message: "too large" } },
];
const state = {
  agent: { state: "ready", snapshot: full },
  presentation: DEFAULT_PRESENTATION,
  host: FACTS,
  offers,
  signingIn: { profile: null, done: true },
};

/** What a host may tell, by who reads it. */
const MESSAGES: Record<keyof typeof told.SCHEMAS, readonly unknown[]> = {
  readUpdate: [
    { kind: "state", sequence: 0, state },
    { kind: "changed", sequence: 1, patch: { agent: { state: "looking" } } },
    {
      kind: "changed",
      sequence: 2,
      patch: { agent: { state: "away", why: "not_running", since, last: full } },
    },
    {
      kind: "changed",
      sequence: 3,
      patch: { agent: { state: "other_version", agentProtocol: null, ours: 2 } },
    },
    { kind: "changed", sequence: 4, patch: { host: FACTS, offers: [], signingIn: null } },
    {
      kind: "snapshot",
      sequence: 5,
      patch: { tunnel: { state: "blocked", mode: "full_tunnel", since, reason } },
    },
    { kind: "snapshot", sequence: 6, patch: { tunnel: { state: "disconnecting", since }, traffic: null } },
    { kind: "snapshot", sequence: 7, patch: {} },
  ],
  readFrame: [
    { update: null },
    { id: 7, outcome: { ok: true, value: { any: ["thing"] } } },
    { id: 8, outcome: { ok: false, problem } },
  ],
  readOutcome: [
    { ok: true, value: 1 },
    { ok: false, problem: { ...problem, code: "agent_away", reason: "gone", facts: { why: "x" } } },
  ],
};

/** Texts at the edges of the formats and lengths of the contract, and values of every other kind. */
const ODD: readonly unknown[] = [
  ...["", "a", "ready", "manual", "true", "x".repeat(64), "x".repeat(65), "😀".repeat(64), "😀".repeat(65)],
  ...[
    "x".repeat(1000),
    "x".repeat(1001),
    "😀".repeat(1001),
    "a\u0000b",
    "\u2028",
    "__proto__",
    "constructor",
  ],
  ...[
    "1.2.3.4",
    "1.2.3.256",
    "01.2.3.4",
    "::1",
    "::1%eth0",
    "::g",
    "::ffff:1.2.3.4",
    "[::1]:1",
    "1.2.3.4:51820",
  ],
  ...["10.0.0.0/8", "10.0.0.0/33", "fd00::/8", "fd00::/129", "fd00::/08", "fd00::/8/8", "::1\n", "fd00::1"],
  ...[since, "2026-02-29T00:00:00Z", "2026-11-23", "2026-11-23T12:00:00+01:00", "dev_osaka0000000", "dev_x"],
  ...["YQ==", "YQ=", "Y Q=", "YQ==\n", "*", "a.example", "A.example", "-a.example", "a".repeat(254)],
  ...[`${"A".repeat(43)}=`, `${"A".repeat(42)}B=`],
  ...[0, -1, 1, 0.5, 575, 576, 65_535, 65_536, 2 ** 53, Number.NaN, Infinity, null, undefined, true, false],
  ...[
    [],
    [1],
    {},
    { is: "text" },
    { toString: "x" },
    ["a", "b", "c", "d", "e"],
    { code: "x", facts: { a: 1 } },
  ],
  ...[{ routingMode: "auto" }, { routingMode: "manual", ingressDeviceId: null, egressDeviceId: null }],
];

/** Every place in a value. */
function places(value: unknown, at: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([name, inner]) => places(inner, [...at, name]))];
}

/** A copy of which one place is another: put there, left out, or with one more field or item. */
function changed(
  value: unknown,
  at: readonly string[],
  how: "put" | "leave out" | "add",
  odd: unknown,
): unknown {
  const [name, ...rest] = at;
  if (name !== undefined && rest.length > 0) {
    const copy: Record<string, unknown> = structuredClone(value) as Record<string, unknown>;
    copy[name] = changed(copy[name], rest, how, odd);
    return copy;
  }
  if (name === undefined) return odd;
  const copy = structuredClone(value) as Record<string, unknown>;
  if (how === "put") copy[name] = odd;
  else if (how === "leave out") Reflect.deleteProperty(copy, name);
  else if (Array.isArray(copy[name])) (copy[name] as unknown[]).push(odd);
  else if (typeof copy[name] === "object" && copy[name] !== null)
    copy[name] = { ...copy[name], [typeof odd === "string" && odd !== "__proto__" ? odd : "more"]: odd };
  return copy;
}

describe.each(names)("%s", (name) => {
  const messages = MESSAGES[name];
  const shape = shapeOf(told.SCHEMAS[name]);

  test("lets through what a host tells, as zod does", () => {
    for (const message of messages) {
      expect(told[name](message)).toEqual(message);
      expect(built[name](message)).toBe(message);
    }
  });

  test("lets through and refuses what zod does, whatever became of a message", () => {
    const judged = { through: 0, refused: 0 };
    const anywhere = fc
      .constantFrom(...messages)
      .chain((message) => fc.tuple(fc.constant(message), fc.constantFrom(...places(message))));
    fc.assert(
      fc.property(
        anywhere,
        fc.constantFrom("put", "leave out", "add"),
        fc.oneof(fc.constantFrom(...ODD), fc.jsonValue()),
        ([message, at], how, odd) => {
          const value = changed(message, at, how, odd);
          const parsed = told.SCHEMAS[name].safeParse(value);
          judged[parsed.success ? "through" : "refused"] += 1;
          expect(built[name](value)).toBe(parsed.success ? value : undefined);
          expect(fits(shape, value)).toBe(parsed.success);
        },
      ),
      { numRuns: 5000 },
    );
    expect(judged.through).toBeGreaterThan(100);
    expect(judged.refused).toBeGreaterThan(100);
  });
});

test("a schema of which something would be left out has no shape", () => {
  for (const schema of [
    z.date(),
    z.string().check(z.startsWith("a")),
    z.string().check(z.email()),
    z.number().check(z.multipleOf(2)),
    z.number().check(z.gt(0)),
    z.record(z.string(), z.number()),
    z.record(z.enum(["a"]), z.string()),
    z.looseObject({ a: z.string() }),
    z.catchall(z.object({ a: z.string() }), z.string()),
    z.strictObject({ a: z.string() }).check(
      z.refine(() => true),
      z.refine(() => true),
    ),
    z.nullable(z.string()).check(z.refine(() => true)),
    z.pipe(
      z.string(),
      z.transform((text) => text.length),
    ),
    z._default(z.string(), "a"),
    z.tuple([z.string()]),
  ])
    expect(() => shapeOf(schema)).toThrow("has no shape here");
});
