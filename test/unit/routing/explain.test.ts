import { describe, expect, test } from "vitest";
import { candidateSentence } from "../../../src/routing/explain.ts";
import { explainPath, headline } from "../../../src/routing/explain-path.ts";
import type { RoutingPreference } from "../../../src/routing/types.ts";
import { gateway, layersOf, pathOf, pins } from "./given.ts";

const world = [
  gateway("tokyo", { roundTripMs: 10 }),
  gateway("frankfurt", { roundTripMs: 230 }),
  gateway("osaka", { roles: ["ingress_gateway"], roundTripMs: 14 }),
];
const told = (device: RoutingPreference): string => headline(pathOf(layersOf({ device }), world));

describe("the headline says what the path does and no more", () => {
  test("private network", () => {
    expect(told({})).toBe("The private network is reached through tokyo. Other traffic goes directly.");
  });
  test("one gateway for all", () => {
    expect(told({ trafficMode: "full_tunnel" })).toBe("All traffic goes through tokyo.");
  });
  test("two gateways", () => {
    expect(told({ trafficMode: "full_tunnel", selection: pins(null, "frankfurt") })).toBe(
      "All traffic enters at tokyo and leaves at frankfurt.",
    );
  });
  test("none", () => {
    expect(told({ trafficMode: "full_tunnel", selection: pins(null, "osaka") })).toBe(
      "There is no path: The device preference pins the egress, but osaka does not have the role of an exit gateway. Choose another gateway, or ask an operator to give it the role.",
    );
  });
});

test("the explanation names both decisions, what they overrode, and every rejected gateway", () => {
  const layers = layersOf({
    device: { trafficMode: "full_tunnel" },
    network: { trafficMode: "vpn_only", selection: pins(null, "frankfurt") },
  });
  expect(explainPath(pathOf(layers, world))).toEqual([
    "All traffic enters at tokyo and leaves at frankfurt.",
    "Traffic mode: full tunnel, decided by the device preference, over the network policy (private network only), the system default (private network only).",
    "Gateways: ingress automatic, egress frankfurt, decided by the network policy, over the system default (automatic).",
    "Not as egress: osaka does not have the role of an exit gateway.",
  ]);
});

test("a pinned egress that cannot be used is said although the private network does not need it", () => {
  const lines = explainPath(pathOf(layersOf({ user: { selection: pins("tokyo", "osaka") } }), world));
  expect(lines[0]).toMatch(/^The private network is reached through tokyo/);
  expect(lines).toContain(
    "The pinned egress gw_osaka000 cannot be used; a full tunnel would be unavailable.",
  );
});

test("every code has a sentence of its own", () => {
  const codes = [
    "unknown_device",
    "wrong_workspace",
    "wrong_network",
    "access_denied",
    "missing_role",
    "unhealthy",
  ] as const;
  const sentences = codes.map((code) => candidateSentence(code, "tokyo", "ingress"));
  expect(new Set(sentences).size).toBe(codes.length);
  for (const sentence of sentences) expect(sentence).toMatch(/^tokyo .*\.$/);
});
