import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differenceOf, sameButForScores } from "../../../src/routing/difference.ts";
import type { ResolvedPath } from "../../../src/routing/types.ts";
import { anyCandidates, anyLayers, gateway, layersOf, pathOf, pins } from "./given.ts";

const world = [gateway("tokyo", { roundTripMs: 10 }), gateway("frankfurt", { roundTripMs: 230 })];
const base = pathOf(layersOf({}), world);
const { ingress } = base;
if (ingress === undefined) throw new Error("the world of this test has an ingress");

const overTheWire = (path: ResolvedPath): ResolvedPath => JSON.parse(JSON.stringify(path)) as ResolvedPath;

test("a path differs from itself in nothing, also after crossing the wire", () => {
  fc.assert(
    fc.property(anyLayers, anyCandidates, (layers, candidates) => {
      const path = pathOf(layers, candidates);
      expect(differenceOf(path, path)).toEqual([]);
      expect(sameButForScores(path, overTheWire(path))).toBe(true);
    }),
  );
});

test("two paths are the same but for scores exactly when removing time, epoch and scores makes them equal", () => {
  const bare = (path: ResolvedPath): string =>
    JSON.stringify(path, (key, value: unknown) =>
      ["epoch", "issuedAt", "score"].includes(key) ? undefined : value,
    );
  const jitter = anyCandidates.map(
    (all) => [all, all.map((one) => ({ ...one, load: one.load / 2 }))] as const,
  );
  fc.assert(
    fc.property(anyLayers, fc.option(anyLayers), jitter, (layers, other, [candidates, moved]) => {
      const before = pathOf(layers, candidates);
      const after = { ...pathOf(other ?? layers, moved), epoch: { lineage: "second", number: 7 } };
      expect(sameButForScores(before, after)).toBe(bare(before) === bare(after));
    }),
    { numRuns: 500 },
  );
});

test("time, epoch and scores are no difference", () => {
  const later = {
    ...base,
    issuedAt: "2027-01-01T00:00:00.000Z",
    epoch: { lineage: "first", number: 2 },
    candidates: base.candidates.map((verdict) => ({ ...verdict, score: 1 })),
  };
  expect(sameButForScores(base, later)).toBe(true);
});

describe("each field is told by its values and a sentence", () => {
  const tunnel = (but: Partial<ResolvedPath["tunnel"]>): ResolvedPath => ({
    ...base,
    tunnel: { ...base.tunnel, ...but },
  });
  const rows: readonly (readonly [string, ResolvedPath, string])[] = [
    [
      "deviceId",
      { ...base, deviceId: "dev_other000" },
      "This is the path of another device: dev_other000 (was dev_laptop00).",
    ],
    [
      "networkId",
      { ...base, networkId: "net_lab00000" },
      "The device is in another network: net_lab00000 (was net_corp0000).",
    ],
    ["status", { ...base, status: "unavailable" }, "There is no path."],
    ["reason", { ...base, reason: { code: "revoked", message: "It was revoked." } }, "It was revoked."],
    [
      "trafficMode",
      { ...base, trafficMode: { ...base.trafficMode, value: "full_tunnel" } },
      "The traffic mode is full tunnel (was private network only).",
    ],
    [
      "trafficMode.decidedBy",
      { ...base, trafficMode: { ...base.trafficMode, decidedBy: "user" } },
      "The traffic mode is decided by the user preference (was the system default).",
    ],
    [
      "trafficMode.overridden",
      {
        ...base,
        trafficMode: { ...base.trafficMode, overridden: [{ layer: "network", value: "full_tunnel" }] },
      },
      "The traffic mode overrides the network policy (full tunnel) (was nothing).",
    ],
    [
      "selection",
      { ...base, selection: { ...base.selection, value: pins(null, "tokyo") } },
      "The gateways are chosen: ingress automatic, egress tokyo (was automatic).",
    ],
    [
      "selection.decidedBy",
      { ...base, selection: { ...base.selection, decidedBy: "device" } },
      "The choice of gateways is decided by the device preference (was the system default).",
    ],
    [
      "selection.overridden",
      {
        ...base,
        selection: { ...base.selection, overridden: [{ layer: "network", value: pins("frankfurt", null) }] },
      },
      "The choice of gateways overrides the network policy (ingress frankfurt, egress automatic) (was nothing).",
    ],
    ["ingress", { ...base, ingress: undefined }, "There is no ingress (was tokyo)."],
    [
      "ingress",
      { ...base, ingress: { ...ingress, endpoint: "192.0.2.7:1", region: "elsewhere" } },
      "The ingress tokyo has a new region, endpoint.",
    ],
    [
      "egress",
      { ...base, egress: world[1]?.hop },
      "The egress is frankfurt (was tokyo). It takes no part while only the private network is steered.",
    ],
    ["alternates", { ...base, alternates: [] }, "To fail over to, in this order: nothing."],
    [
      "candidates",
      {
        ...base,
        candidates: pathOf(layersOf({}), [gateway("tokyo", { healthy: false, roundTripMs: 10 })]).candidates,
      },
      "Gateways: tokyo cannot be the ingress (tokyo is not healthy right now); tokyo cannot be the egress (tokyo is not healthy right now); frankfurt is no longer considered as ingress; frankfurt is no longer considered as egress.",
    ],
    [
      "tunnel.addresses",
      tunnel({ addresses: ["100.64.0.8/32"] }),
      "The device's overlay addresses are 100.64.0.8/32 (were 100.64.0.9/32).",
    ],
    [
      "tunnel.privatePrefixes",
      tunnel({ privatePrefixes: ["10.30.0.0/16"] }),
      "The private network gains 10.30.0.0/16 and loses 10.20.0.0/16.",
    ],
    [
      "tunnel.dns",
      tunnel({ dns: { servers: ["10.20.0.53"], matchDomains: ["corp.example", "lab.example"] } }),
      "Private domains: gains lab.example.",
    ],
    ["tunnel.probe", tunnel({ probe: "100.64.0.2" }), "The tunnel is probed at 100.64.0.2 (was 100.64.0.1)."],
    ["tunnel.mtu", tunnel({ mtu: 1380 }), "The tunnel's MTU is 1380 (was the default)."],
  ];
  test.each(rows)("%s", (field, after, message) => {
    const changes = differenceOf(base, after);
    expect(changes.map((change) => [change.field, change.message])).toEqual([[field, message]]);
    expect(changes[0]?.before).not.toEqual(changes[0]?.after);
    expect(sameButForScores(base, after)).toBe(false);
  });
});

test("a reason that went away is told", () => {
  const broken = pathOf(layersOf({ device: { selection: pins("ghost", null) } }), world);
  const changes = differenceOf(broken, base);
  expect(changes.map(({ field }) => field)).toEqual([
    "status",
    "reason",
    "selection",
    "selection.decidedBy",
    "selection.overridden",
    "ingress",
    "egress",
    "alternates",
    "candidates",
  ]);
  expect(changes[0]?.message).toBe("There is a path.");
  expect(changes[1]?.message).toMatch(/^No longer so: The device preference pins/);
});
