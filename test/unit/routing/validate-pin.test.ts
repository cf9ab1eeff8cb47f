import fc from "fast-check";
import { expect, test } from "vitest";
import { resolve } from "../../../src/routing/resolve.ts";
import { validateSelection } from "../../../src/routing/validate-pin.ts";
import type { GatewayCandidate } from "../../../src/routing/types.ts";
import { anyCandidates, anySelection, gateway, idOf, layersOf, pins } from "./given.ts";

function byId(candidates: readonly GatewayCandidate[]): ReadonlyMap<string, GatewayCandidate> {
  return new Map(candidates.map((one) => [one.hop.deviceId, one]));
}

test("automatic selection and allowed pins have no errors, healthy or not", () => {
  expect(validateSelection({ routingMode: "auto" }, byId([]))).toEqual([]);
  const sick = gateway("tokyo", { healthy: false });
  expect(validateSelection(pins("tokyo", "tokyo"), byId([sick]))).toEqual([]);
});

test("each broken pin is named by its place, its rule and a remedy", () => {
  const osaka = gateway("osaka", { roles: ["ingress_gateway"] });
  const closed = gateway("saopaulo", { accessGranted: false });
  expect(validateSelection(pins("saopaulo", "osaka"), byId([osaka, closed]))).toEqual([
    {
      pointer: "/selection/ingressDeviceId",
      code: "access_denied",
      message: "saopaulo does not grant access. Ask an operator for access, or choose another gateway.",
    },
    {
      pointer: "/selection/egressDeviceId",
      code: "missing_role",
      message:
        "osaka does not have the role of an exit gateway. Choose another gateway, or ask an operator to give it the role.",
    },
  ]);
});

test("an invisible device is told apart from one that does not exist by nothing", () => {
  const hidden = gateway("secret", { visible: false, sameWorkspace: false });
  expect(validateSelection(pins("secret", "secret"), byId([hidden]))).toEqual(
    validateSelection(pins("secret", "secret"), byId([])),
  );
});

test("validation refuses exactly what makes a full tunnel unavailable at resolution", () => {
  fc.assert(
    fc.property(anySelection, anyCandidates, (selection, candidates) => {
      fc.pre(selection.routingMode === "manual");
      const [error] = validateSelection(selection, byId(candidates));
      const { reason } = resolve(layersOf({ device: { selection, trafficMode: "full_tunnel" } }), candidates);
      if (error !== undefined) expect(["no_eligible_gateway", error.code]).toContain(reason?.code);
      else expect([undefined, "no_eligible_gateway"]).toContain(reason?.code);
    }),
  );
});

test("the pointer leads to the pin inside the preference", () => {
  const [error] = validateSelection(pins(null, "ghost"), byId([]));
  const preference = { selection: pins(null, "ghost") };
  const found = error?.pointer
    .split("/")
    .slice(1)
    .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], preference);
  expect(found).toBe(idOf("ghost"));
});
