import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  draftOf,
  pinProblem,
  preferenceOf,
  previewedProblem,
  samePreference,
} from "../../../../renderer/screens/preferences/draft.ts";
import { preferenceWords, refusedPin, saidAtPins } from "../../../../renderer/screens/preferences/words.ts";
import { RoutingPreference } from "../../../../src/routing/schema.ts";
import { english } from "../words.ts";

const id = fc.constantFrom(
  "dev_RRApO2y67s1ndYnMkJsk3E",
  "dev_EqYOJ6OT6PvPQukHBepoGL",
  "dev_MAv8gfSfbFnnE5Q9STxJpw",
);
const selection = fc.oneof(
  fc.constant({ routingMode: "auto" as const }),
  fc
    .record({ ingressDeviceId: fc.option(id), egressDeviceId: fc.option(id) })
    .filter(({ ingressDeviceId, egressDeviceId }) => ingressDeviceId !== null || egressDeviceId !== null)
    .map((pins) => ({ routingMode: "manual" as const, ...pins })),
);
const preference = fc.record(
  { trafficMode: fc.constantFrom("vpn_only" as const, "full_tunnel" as const), selection },
  { requiredKeys: [] },
);

test("every layer can be edited and comes back as it was", () => {
  fc.assert(
    fc.property(preference, (value) => {
      expect(preferenceOf(draftOf(value))).toEqual(value);
    }),
  );
});

test("what a draft stands for is a layer that the agent takes", () => {
  const draft = fc.record({
    mode: fc.constantFrom("inherit" as const, "vpn_only" as const, "full_tunnel" as const),
    gateways: fc.constantFrom("inherit" as const, "auto" as const, "manual" as const),
    ingress: fc.option(id),
    egress: fc.option(id),
  });
  fc.assert(
    fc.property(draft, (one) => {
      const value = preferenceOf(one);
      if (value === undefined)
        expect([one.gateways, one.ingress, one.egress]).toEqual(["manual", null, null]);
      else expect(RoutingPreference.safeParse(value).success).toBe(true);
    }),
  );
});

test("layers are the same when they say the same", () => {
  expect(samePreference({}, { trafficMode: undefined })).toBe(true);
  expect(samePreference({ selection: { routingMode: "auto" } }, {})).toBe(false);
});

describe("a pin", () => {
  const row = (reasons: readonly string[]) => ({
    deviceId: "dev_RRApO2y67s1ndYnMkJsk3E",
    name: "tokyo",
    region: "Tokyo",
    healthy: false,
    roundTripMs: null,
    ends: [
      {
        end: "egress" as const,
        eligible: reasons.length === 0,
        chosen: false,
        reasons: reasons.map((code) => ({ code, message: code })),
      },
    ],
  });

  test("says the first rule that it breaks, before it is saved", () => {
    expect(pinProblem("dev_RRApO2y67s1ndYnMkJsk3E", "egress", [row(["access_denied", "missing_role"])])).toBe(
      "access_denied",
    );
    expect(pinProblem("dev_gone", "egress", [row([])])).toBe("unknown_device");
  });

  test("of a gateway that is only ill breaks none", () => {
    expect(pinProblem("dev_RRApO2y67s1ndYnMkJsk3E", "egress", [row(["unhealthy"])])).toBeUndefined();
  });

  test("is not judged before the gateways are known", () => {
    expect(pinProblem("dev_RRApO2y67s1ndYnMkJsk3E", "egress", [])).toBeUndefined();
    expect(pinProblem(null, "egress", [row([])])).toBeUndefined();
  });

  test("in a preview is judged as the control plane judged it, and not where it could say nothing of it", () => {
    const deviceId = "dev_RRApO2y67s1ndYnMkJsk3E";
    const path = {
      selection: {
        value: { routingMode: "manual", ingressDeviceId: null, egressDeviceId: deviceId },
        decidedBy: "device",
        overridden: [],
      },
      candidates: [
        { deviceId, end: "ingress", eligible: true, reasons: [] },
        { deviceId, end: "egress", eligible: false, reasons: ["unhealthy", "missing_role"] },
      ],
    } as const;
    expect(previewedProblem(deviceId, "egress", path)).toBe("missing_role");
    expect(previewedProblem(deviceId, "egress", { ...path, candidates: [] })).toBeUndefined();
    // Another layer's pins are no answer about this one.
    expect(previewedProblem("dev_other", "egress", path)).toBeUndefined();
    expect(previewedProblem(null, "ingress", path)).toBeUndefined();
  });

  test("that the control plane refuses is told at its own field", () => {
    const problem = {
      code: "refused" as const,
      message: "m",
      errors: [{ pointer: "/selection/egressDeviceId", code: "access_denied", message: "m" }],
    };
    expect(refusedPin(problem, "egress", "Tokyo", english)).toMatch(/^Tokyo does not grant you access/);
    expect(refusedPin(problem, "ingress", "Tokyo", english)).toBeUndefined();
  });
});

describe("a refusal is left to the pins", () => {
  const refused = (...pointers: string[]) => ({
    code: "refused" as const,
    message: "m",
    errors: pointers.map((pointer) => ({ pointer, code: "access_denied", message: "m" })),
  });
  const draft = { gateways: "manual", ingress: null, egress: "dev_RRApO2y67s1ndYnMkJsk3E" } as const;

  test("only where each of its errors stands beside one", () => {
    expect(saidAtPins(refused("/selection/egressDeviceId"), draft)).toBe(true);
    expect(saidAtPins(refused("/selection/egressDeviceId", "/trafficMode"), draft)).toBe(false);
    expect(saidAtPins(refused("/selection/ingressDeviceId"), draft)).toBe(false);
    expect(saidAtPins(refused("/selection/egressDeviceId"), { ...draft, gateways: "auto" })).toBe(false);
  });

  test("and never where it names no error", () => {
    expect(saidAtPins(refused(), draft)).toBe(false);
    expect(saidAtPins({ code: "refused", message: "m" }, draft)).toBe(false);
    expect(saidAtPins(undefined, draft)).toBe(false);
  });
});

test("a layer in a line", () => {
  const words = preferenceWords(
    {
      trafficMode: "full_tunnel",
      selection: {
        routingMode: "manual",
        ingressDeviceId: null,
        egressDeviceId: "dev_RRApO2y67s1ndYnMkJsk3E",
      },
    },
    () => "Tokyo",
    english,
  );
  expect(words).toBe("Full tunnel · gateways entry automatic, exit Tokyo");
  expect(preferenceWords({}, () => "", english)).toBe("nothing set");
});
