import fc from "fast-check";
import { expect, test } from "vitest";
import { resolve } from "../../../src/routing/resolve.ts";
import { pinProblem, judge } from "../../../src/routing/judge.ts";
import { pinsOf } from "../../../src/routing/decide.ts";
import { LAYERS, type HopPair, type PolicyLayers, type Resolution } from "../../../src/routing/types.ts";
import { anyCandidates, anyLayers, anyName, anyPreference, idOf } from "./given.ts";

const RUNS = { numRuns: 400 };
const WRITTEN = ["device", "user", "network"] as const;
const anyCurrent = fc.record({ ingressDeviceId: anyName.map(idOf), egressDeviceId: anyName.map(idOf) });

function hops(resolution: Resolution): { end: "ingress" | "egress"; deviceId: string }[] {
  const pairs: Pick<Resolution, "ingress" | "egress">[] = [resolution, ...resolution.alternates];
  return pairs.flatMap((pair) =>
    (["ingress", "egress"] as const).flatMap((end) => {
      const hop = pair[end];
      return hop === undefined ? [] : [{ end, deviceId: hop.deviceId }];
    }),
  );
}

test("a lower layer never changes a decision made above it", () => {
  fc.assert(
    fc.property(
      anyLayers,
      anyCandidates,
      fc.constantFrom(...WRITTEN),
      anyPreference,
      (layers, all, layer, value) => {
        const before = resolve(layers, all);
        const after = resolve({ ...layers, [layer]: value }, all);
        const below = LAYERS.indexOf(layer);
        const decidedAbove = (by: (typeof LAYERS)[number]): boolean => LAYERS.indexOf(by) < below;
        if (decidedAbove(before.trafficMode.decidedBy)) {
          expect(after.trafficMode.value).toBe(before.trafficMode.value);
          expect(after.trafficMode.decidedBy).toBe(before.trafficMode.decidedBy);
        }
        if (decidedAbove(before.selection.decidedBy)) {
          expect(after.selection.value).toEqual(before.selection.value);
          expect(after.selection.decidedBy).toBe(before.selection.decidedBy);
        }
      },
    ),
    RUNS,
  );
});

test("removing an overridden value changes nothing but the list of overridden values", () => {
  fc.assert(
    fc.property(anyLayers, anyCandidates, (layers, candidates) => {
      const before = resolve(layers, candidates);
      for (const field of ["trafficMode", "selection"] as const) {
        for (const { layer } of before[field].overridden) {
          if (layer === "system") continue;
          const without: PolicyLayers = { ...layers, [layer]: { ...layers[layer], [field]: undefined } };
          const overridden = before[field].overridden.filter((one) => one.layer !== layer);
          expect(resolve(without, candidates)).toEqual({
            ...before,
            [field]: { ...before[field], overridden },
          });
        }
      }
    }),
    RUNS,
  );
});

test("resolution is independent of the order of candidates, and of invisible ones", () => {
  const shuffled = anyCandidates.chain((all) =>
    fc.tuple(
      fc.constant(all),
      fc.shuffledSubarray([...all], { minLength: all.length, maxLength: all.length }),
    ),
  );
  fc.assert(
    fc.property(anyLayers, shuffled, anyCurrent, (layers, [candidates, other], current) => {
      const resolution = resolve(layers, candidates, current);
      expect(resolve(layers, other, current)).toEqual(resolution);
      expect(
        resolve(
          layers,
          candidates.filter((one) => one.visible),
          current,
        ),
      ).toEqual(resolution);
    }),
    RUNS,
  );
});

test("no path contains a gateway that failed validation, and none that was chosen is unhealthy", () => {
  fc.assert(
    fc.property(anyLayers, anyCandidates, anyCurrent, (layers, candidates, current) => {
      const resolution = resolve(layers, candidates, current);
      const pinned = pinsOf(resolution.selection.value);
      for (const { end, deviceId } of hops(resolution)) {
        const candidate = candidates.find((one) => one.hop.deviceId === deviceId);
        expect(pinProblem(candidate, end)).toBeUndefined();
        if (pinned[end] === null) expect(candidate && judge(candidate, end)).toEqual([]);
        else expect(deviceId).toBe(pinned[end]);
      }
    }),
    RUNS,
  );
});

test("a path is ready with all it needs, or unavailable with a reason and no hop", () => {
  fc.assert(
    fc.property(anyLayers, anyCandidates, (layers, candidates) => {
      const { status, reason, ingress, egress, trafficMode, alternates } = resolve(layers, candidates);
      if (status === "unavailable") {
        expect([ingress, egress, alternates]).toEqual([undefined, undefined, []]);
        expect(reason?.message).toMatch(/\.$/);
      } else {
        expect(reason).toBeUndefined();
        expect(ingress).toBeDefined();
        if (trafficMode.value === "full_tunnel") expect(egress).toBeDefined();
      }
    }),
    RUNS,
  );
});

test("the choice of gateways does not depend on the traffic mode", () => {
  fc.assert(
    fc.property(anyLayers, anyCandidates, anyCurrent, (layers, candidates, current) => {
      const as = (trafficMode: "vpn_only" | "full_tunnel"): Resolution =>
        resolve({ ...layers, device: { ...layers.device, trafficMode } }, candidates, current);
      const full = as("full_tunnel");
      const part = as("vpn_only");
      expect(part.candidates).toEqual(full.candidates);
      if (full.status === "unavailable") return;
      expect([part.ingress, part.egress, part.alternates]).toEqual([
        full.ingress,
        full.egress,
        full.alternates,
      ]);
    }),
    RUNS,
  );
});

test("alternates: the chosen pair is not among them, none twice, at most eight, and each avoidance that exists is there", () => {
  fc.assert(
    fc.property(anyLayers, anyCandidates, anyCurrent, (layers, candidates, current) => {
      const resolution = resolve(layers, candidates, current);
      const { ingress, egress, alternates, selection } = resolution;
      if (ingress === undefined) return;
      const key = (pair: HopPair): string => `${pair.ingress.deviceId} ${pair.egress?.deviceId ?? ""}`;
      const keys = alternates.map(key);
      expect(keys).not.toContain(key({ ingress, egress }));
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys.length).toBeLessThanOrEqual(8);
      if (egress !== undefined) expect(alternates.every((pair) => pair.egress !== undefined)).toBe(true);

      const pinned = pinsOf(selection.value);
      const others = (end: "ingress" | "egress", chosen: string | undefined): boolean =>
        pinned[end] === null &&
        chosen !== undefined &&
        candidates.some((one) => one.hop.deviceId !== chosen && judge(one, end).length === 0);
      const otherIngress = others("ingress", ingress.deviceId);
      const otherEgress = others("egress", egress?.deviceId);
      const avoidsIngress = (pair: HopPair): boolean => pair.ingress.deviceId !== ingress.deviceId;
      const avoidsEgress = (pair: HopPair): boolean => pair.egress?.deviceId !== egress?.deviceId;
      expect(alternates.some(avoidsIngress)).toBe(otherIngress);
      expect(alternates.some(avoidsEgress)).toBe(otherEgress);
      expect(alternates.some((pair) => avoidsIngress(pair) && avoidsEgress(pair))).toBe(
        otherIngress && otherEgress,
      );
    }),
    { numRuns: 1000 },
  );
});

test("what was chosen is kept when nothing changes", () => {
  fc.assert(
    fc.property(anyLayers, anyCandidates, anyCurrent, (layers, candidates, current) => {
      const first = resolve(layers, candidates, current);
      const again = resolve(layers, candidates, {
        ingressDeviceId: first.ingress?.deviceId,
        egressDeviceId: first.egress?.deviceId,
      });
      if (first.status === "ready") expect(again).toEqual(first);
    }),
    RUNS,
  );
});
