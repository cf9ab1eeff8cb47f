import { describe, expect, test } from "vitest";
import { resolve } from "../../../src/routing/resolve.ts";
import { ResolvedPath } from "../../../src/routing/schema.ts";
import type { GatewayCandidate, HopPair, PinCode, Selection } from "../../../src/routing/types.ts";
import { gateway, idOf, layersOf, pathOf, pins } from "./given.ts";

const full = (selection?: Selection) => layersOf({ device: { trafficMode: "full_tunnel", selection } });
const privately = (selection?: Selection) => layersOf({ device: { trafficMode: "vpn_only", selection } });
const pairName = ({ ingress, egress }: HopPair): string => `${ingress.name}>${egress?.name ?? "-"}`;

const tokyo = gateway("tokyo", { roundTripMs: 10 });
const frankfurt = gateway("frankfurt", { roundTripMs: 230 });
const osaka = gateway("osaka", { roles: ["ingress_gateway"], roundTripMs: 14 });
const saopaulo = gateway("saopaulo", { roles: ["exit_gateway"], accessGranted: false });
const world = [tokyo, frankfurt, osaka, saopaulo];

describe("a pin that breaks a rule", () => {
  const rules: readonly (readonly [PinCode, Partial<GatewayCandidate>, RegExp])[] = [
    ["unknown_device", { visible: false, sameWorkspace: false }, /does not exist or is not visible/],
    [
      "wrong_workspace",
      { sameWorkspace: false, sameNetwork: false, accessGranted: false },
      /another workspace/,
    ],
    ["wrong_network", { sameNetwork: false, accessGranted: false, roles: [] }, /another network/],
    ["access_denied", { accessGranted: false, roles: [] }, /oslo does not grant access/],
    ["missing_role", { roles: [] }, /oslo does not have the role/],
  ];
  for (const [code, but, words] of rules) {
    const oslo = gateway("oslo", but);
    test.each(["ingress", "egress"] as const)(`${code} makes a full tunnel unavailable (%s)`, (end) => {
      const selection = end === "ingress" ? pins("oslo", null) : pins(null, "oslo");
      const resolution = resolve(full(selection), [...world, oslo]);
      expect(resolution).toMatchObject({ status: "unavailable", reason: { code }, alternates: [] });
      expect(resolution.reason?.message).toMatch(words);
      expect(resolution.reason?.message).toMatch(
        /^The device preference pins the (in|e)gress, but .+\. .+\.$/,
      );
      expect(resolution.ingress).toBeUndefined();
      expect(resolution.egress).toBeUndefined();
    });

    test(`${code} at the egress leaves the private network ready, without an egress`, () => {
      const resolution = resolve(privately(pins(null, "oslo")), [...world, oslo]);
      expect(resolution.status).toBe("ready");
      expect(resolution.ingress?.name).toBe("tokyo");
      expect(resolution).not.toHaveProperty("egress");
      expect(resolution.alternates.map(pairName)).toEqual(["osaka>-", "frankfurt>-"]);
    });

    test(`${code} at the ingress makes the private network unavailable`, () => {
      expect(resolve(privately(pins("oslo", null)), [...world, oslo])).toMatchObject({
        status: "unavailable",
        reason: { code },
      });
    });
  }

  test("an invisible device and one that does not exist give the same answer, to the letter", () => {
    const layers = full(pins("oslo", "oslo"));
    const hidden = gateway("oslo", { visible: false });
    expect(resolve(layers, [...world, hidden])).toEqual(resolve(layers, world));
    expect(JSON.stringify(resolve(layers, [...world, hidden]))).not.toContain('"oslo"');
  });

  test("an overridden pin is not looked at", () => {
    const layers = layersOf({
      device: { selection: { routingMode: "auto" } },
      network: { selection: pins("ghost", "ghost") },
    });
    expect(resolve(layers, world).status).toBe("ready");
  });

  test("both ends broken: the first end's code, both sentences", () => {
    const { reason } = resolve(full(pins("ghost", "saopaulo")), world);
    expect(reason?.code).toBe("unknown_device");
    expect(reason?.message).toMatch(/pins the ingress.*pins the egress/);
  });
});

describe("health", () => {
  const sick = { ...frankfurt, healthy: false };
  test("does not invalidate a pin", () => {
    const resolution = resolve(full(pins(null, "frankfurt")), [tokyo, sick]);
    expect(resolution.status).toBe("ready");
    expect(resolution.egress?.name).toBe("frankfurt");
  });

  test("excludes from the automatic choice, with the reason", () => {
    const resolution = resolve(full(), [sick]);
    expect(resolution.reason?.code).toBe("no_eligible_gateway");
    expect(resolution.reason?.message).toContain("frankfurt is not healthy right now");
    expect(resolution.candidates).toEqual([
      { deviceId: idOf("frankfurt"), end: "ingress", eligible: false, reasons: ["unhealthy"] },
      { deviceId: idOf("frankfurt"), end: "egress", eligible: false, reasons: ["unhealthy"] },
    ]);
  });
});

describe("the automatic choice", () => {
  const chosen = (candidates: readonly GatewayCandidate[], selection?: Selection): string => {
    const { ingress, egress } = resolve(full(selection), candidates);
    return `${ingress?.name ?? "-"}>${egress?.name ?? "-"}`;
  };

  test("takes one gateway for both ends unless another ingress is clearly nearer", () => {
    const exit = gateway("exit", { roundTripMs: 60 });
    expect(chosen([exit, gateway("entry", { roles: ["ingress_gateway"], roundTripMs: 31 })])).toBe(
      "exit>exit",
    );
    expect(chosen([exit, gateway("entry", { roles: ["ingress_gateway"], roundTripMs: 29 })])).toBe(
      "entry>exit",
    );
  });

  test("leaves the other end to the platform when one is pinned", () => {
    expect(chosen(world, pins(null, "frankfurt"))).toBe("tokyo>frankfurt");
    expect(chosen(world, pins("osaka", null))).toBe("osaka>tokyo");
  });

  test("weighs load against distance", () => {
    const far = gateway("far", { roundTripMs: 40 });
    expect(chosen([gateway("near", { roundTripMs: 10, load: 0.5 }), far])).toBe("near>near");
    expect(chosen([gateway("near", { roundTripMs: 10, load: 0.9 }), far])).toBe("far>far");
  });

  test("assumes 150 ms where nobody measured", () => {
    const unmeasured = gateway("aaa", { roundTripMs: undefined });
    expect(chosen([unmeasured, gateway("bbb", { roundTripMs: 149 })])).toBe("bbb>bbb");
    expect(chosen([unmeasured, gateway("bbb", { roundTripMs: 151 })])).toBe("aaa>aaa");
  });

  test("breaks ties by device id", () => {
    expect(chosen([gateway("bbb"), gateway("aaa"), gateway("ccc")])).toBe("aaa>aaa");
  });

  test("says that there is no gateway at all", () => {
    expect(resolve(full(), []).reason?.message).toContain(
      "This network has no gateway that could be the ingress",
    );
  });

  test("names two of many, counts the rest, and stays within the bound of the wire", () => {
    const many = Array.from({ length: 30 }, (_, i) =>
      gateway(`${i}`.padStart(64, "x"), { roles: [], healthy: false }),
    );
    const path = pathOf(full(), many);
    expect(path.reason?.message).toContain("and 28 more");
    expect(path.reason?.message.length).toBeLessThanOrEqual(1000);
  });
});

describe("stickiness", () => {
  const near = (roundTripMs: number) => gateway("near", { roundTripMs });
  const held = gateway("held", { roundTripMs: 100 });
  const current = { ingressDeviceId: idOf("held"), egressDeviceId: idOf("held") };
  const egress = (candidates: readonly GatewayCandidate[]) =>
    resolve(full(), candidates, current).egress?.name;

  test("keeps a healthy gateway until another is better by 20 ms and by 20 %", () => {
    expect(egress([held, near(81)])).toBe("held");
    expect(egress([held, near(79)])).toBe("near");
    const quick = gateway("held", { roundTripMs: 40 });
    expect(egress([quick, near(21)])).toBe("held");
    expect(egress([quick, near(19)])).toBe("near");
    const slow = gateway("held", { roundTripMs: 300 });
    expect(egress([slow, near(245)])).toBe("held");
    expect(egress([slow, near(235)])).toBe("near");
  });

  test("leaves an unhealthy or forbidden one at once", () => {
    expect(egress([{ ...held, healthy: false }, near(300)])).toBe("near");
    expect(egress([{ ...held, accessGranted: false }, near(300)])).toBe("near");
  });

  test("holds each end by itself", () => {
    const entry = gateway("entry", { roles: ["ingress_gateway"], roundTripMs: 65 });
    const { ingress } = resolve(full(), [held, entry], { ...current, ingressDeviceId: idOf("entry") });
    expect(ingress?.name).toBe("entry");
    expect(resolve(full(), [held, entry], current).ingress?.name).toBe("held");
  });

  test("does not hold against a pin", () => {
    expect(resolve(full(pins(null, "near")), [held, near(399)], current).egress?.name).toBe("near");
  });
});

describe("alternates", () => {
  test("are the other pairs, best first", () => {
    const resolution = resolve(full(), world);
    expect(resolution.alternates.map(pairName)).toEqual([
      "osaka>tokyo",
      "tokyo>frankfurt",
      "frankfurt>tokyo",
      "osaka>frankfurt",
      "frankfurt>frankfurt",
    ]);
  });

  test("keep a pinned end pinned, and are none where both are", () => {
    const half = resolve(full(pins(null, "frankfurt")), world);
    expect(half.alternates.map(pairName)).toEqual(["osaka>frankfurt", "frankfurt>frankfurt"]);
    expect(resolve(full(pins("osaka", "frankfurt")), world).alternates).toEqual([]);
  });

  test("are eight at most and still avoid a far pair's both ends", () => {
    const near = Array.from({ length: 12 }, (_, i) =>
      gateway(`i${i}`, { roles: ["ingress_gateway"], roundTripMs: i }),
    );
    const exits = [
      gateway("exit", { roundTripMs: 5, roles: ["exit_gateway"] }),
      gateway("far", { roundTripMs: 400 }),
    ];
    const { ingress, egress, alternates } = resolve(full(), [...near, ...exits]);
    expect([ingress?.name, egress?.name, alternates.length]).toEqual(["i0", "exit", 8]);
    expect(alternates.some((pair) => pair.egress?.name === "far" && pair.ingress.name !== "i0")).toBe(true);
  });
});

test("what is resolved passes the schema of the wire", () => {
  for (const layers of [full(), privately(), full(pins("ghost", null)), privately(pins(null, "ghost"))]) {
    const path = pathOf(layers, world);
    expect(ResolvedPath.parse(JSON.parse(JSON.stringify(path)))).toEqual(path);
  }
});
