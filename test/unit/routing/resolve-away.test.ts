import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sameButForScores } from "../../../src/routing/difference.ts";
import { layersOfPath } from "../../../src/routing/layers-of-path.ts";
import { resolveAway } from "../../../src/routing/resolve-away.ts";
import { MAX_CANDIDATES, ResolvedPath as Wire } from "../../../src/routing/schema.ts";
import type { CandidateVerdict, ResolvedPath } from "../../../src/routing/types.ts";
import { anyCandidates, anyLayers, anyPreference, gateway, idOf, layersOf, pathOf, pins } from "./given.ts";

const verdictOf = ({ deviceId, end, eligible, reasons }: CandidateVerdict) => ({
  deviceId,
  end,
  eligible,
  reasons,
});
const anyLayer = fc.constantFrom("device", "user");
const near = gateway("tokyo", { roundTripMs: 10, load: 0.3 });
const far = gateway("frankfurt", { roundTripMs: 230 });
const entry = gateway("osaka", { roles: ["ingress_gateway"], roundTripMs: 14 });
const world = [near, far, entry];

test("the layers of a path are those it was resolved from", () => {
  fc.assert(
    fc.property(anyLayers, anyCandidates, (layers, candidates) => {
      expect(layersOfPath(pathOf(layers, candidates))).toEqual(layers);
    }),
  );
});

test("changing a layer to what it says already changes nothing that can be known", () => {
  fc.assert(
    fc.property(anyLayers, anyCandidates, anyLayer, (layers, candidates, layer) => {
      const path = pathOf(layers, candidates);
      const again = resolveAway(path, { layer, value: layers[layer] });
      expect(again.status).toBe(path.status);
      expect([again.trafficMode, again.selection]).toEqual([path.trafficMode, path.selection]);
      expect([again.ingress, again.egress]).toEqual([path.ingress, path.egress]);
      if (path.reason !== undefined) {
        expect(["control_plane_unreachable", path.reason.code]).toContain(again.reason?.code);
      }
      expect(again.candidates.map(verdictOf)).toEqual(path.candidates.map(verdictOf));
      expect(Wire.safeParse(JSON.parse(JSON.stringify(again))).error).toBeUndefined();
    }),
    { numRuns: 400 },
  );
});

test("the largest path stays one that may be kept and sent, whatever gateways it names", () => {
  const path = pathOf(layersOf({}), world);
  const strangers = Array.from({ length: MAX_CANDIDATES }, (_, index) => ({
    deviceId: idOf(`stranger${index}`),
    end: "ingress" as const,
    eligible: false,
    reasons: ["unhealthy" as const],
  }));
  const after = resolveAway({ ...path, candidates: strangers }, { layer: "device", value: {} });
  expect(after.candidates).toHaveLength(MAX_CANDIDATES);
  expect(Wire.safeParse(JSON.parse(JSON.stringify(after))).error).toBeUndefined();
});

test("switching the mode gives the path that the control plane would give", () => {
  fc.assert(
    fc.property(anyLayers, anyCandidates, (layers, candidates) => {
      const before = pathOf({ ...layers, device: { ...layers.device, trafficMode: "vpn_only" } }, candidates);
      const there = pathOf(
        { ...layers, device: { ...layers.device, trafficMode: "full_tunnel" } },
        candidates,
      );
      fc.pre(there.status === "ready");
      const here = resolveAway(before, {
        layer: "device",
        value: { ...layers.device, trafficMode: "full_tunnel" },
      });
      expect(here.status).toBe("ready");
      expect([here.ingress, here.egress]).toEqual([there.ingress, there.egress]);
      if (candidates.length <= 3) expect(sameButForScores(here, there)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test("whatever changes, only gateways that the path named are used, and the envelope stays", () => {
  fc.assert(
    fc.property(anyLayers, anyCandidates, anyLayer, anyPreference, (layers, candidates, layer, value) => {
      const path = pathOf(layers, candidates);
      const named = JSON.stringify([path.ingress, path.egress, path.alternates]);
      const away = resolveAway(path, { layer, value });
      for (const pair of [away, ...away.alternates]) {
        for (const hop of [pair.ingress, pair.egress]) if (hop) expect(named).toContain(hop.deviceId);
      }
      expect([away.epoch, away.issuedAt, away.tunnel]).toEqual([path.epoch, path.issuedAt, path.tunnel]);
      expect(layersOfPath(away)).toEqual({ ...layers, [layer]: value });
    }),
    { numRuns: 400 },
  );
});

describe("pinning while the control plane is away", () => {
  const auto = pathOf(layersOf({ device: { trafficMode: "full_tunnel" } }), world);
  const pin = (ingress: string | null, egress: string | null) =>
    ({ layer: "device", value: { trafficMode: "full_tunnel", selection: pins(ingress, egress) } }) as const;

  test("works for a gateway that the path names", () => {
    const away = resolveAway(auto, pin("osaka", "frankfurt"));
    expect([away.status, away.ingress?.name, away.egress?.name]).toEqual(["ready", "osaka", "frankfurt"]);
  });

  test("keeps the rules: a role that the gateway lacks", () => {
    expect(resolveAway(auto, pin(null, "osaka")).reason).toMatchObject({ code: "missing_role" });
  });

  test("says that the control plane must be reached for a gateway it never heard of", () => {
    const away = resolveAway(auto, pin(null, "oslo"));
    expect(away).toMatchObject({ status: "unavailable", reason: { code: "control_plane_unreachable" } });
    expect(away.reason?.message).toMatch(
      /^The device preference pins gw_oslo0000 as the egress.*cannot be reached/,
    );
  });

  test("says so too for one whose verdict is known but whose address is not", () => {
    const pinned = pathOf(layersOf({ device: pin("tokyo", "tokyo").value }), world);
    expect(resolveAway(pinned, pin("tokyo", "frankfurt")).reason?.code).toBe("control_plane_unreachable");
    const verdict = resolveAway(pinned, pin("tokyo", "frankfurt")).candidates.find(
      ({ deviceId, end }) => deviceId === idOf("frankfurt") && end === "egress",
    );
    expect(verdict).toEqual({ deviceId: idOf("frankfurt"), end: "egress", eligible: true, reasons: [] });
  });

  test("repeats what was said against one that is not allowed", () => {
    const path = pathOf(layersOf({ device: { trafficMode: "full_tunnel" } }), [
      near,
      gateway("saopaulo", { accessGranted: false }),
    ]);
    expect(resolveAway(path, pin(null, "saopaulo")).reason?.code).toBe("access_denied");
  });
});

describe("from a path that is unavailable", () => {
  const closed = { trafficMode: "full_tunnel", selection: pins(null, "ghost") } as const;
  test("it needs the control plane where a gateway is eligible", () => {
    const path = pathOf(layersOf({ device: closed }), world);
    expect(resolveAway(path, { layer: "device", value: {} }).reason?.code).toBe("control_plane_unreachable");
  });

  test("it says that there is none where none is", () => {
    const path = pathOf(layersOf({ device: closed }), [gateway("tokyo", { healthy: false })]);
    expect(resolveAway(path, { layer: "device", value: {} }).reason?.code).toBe("no_eligible_gateway");
  });

  test("a revoked device stays revoked", () => {
    const path: ResolvedPath = {
      ...pathOf(layersOf({}), world),
      status: "unavailable",
      reason: { code: "revoked", message: "This device was revoked." },
    };
    const away = resolveAway(path, { layer: "device", value: { trafficMode: "full_tunnel" } });
    expect(away).toMatchObject({ status: "unavailable", reason: { code: "revoked" }, alternates: [] });
    expect(away).not.toHaveProperty("ingress");
    expect(away.trafficMode.value).toBe("full_tunnel");
  });
});
