import { describe, expect, test } from "vitest";
import { resolve } from "../../../src/routing/resolve.ts";
import type { Layer, RoutingPreference, Selection } from "../../../src/routing/types.ts";
import { MODES, gateway, layersOf, pins } from "./given.ts";

const candidates = [gateway("tokyo"), gateway("osaka", { roundTripMs: 30 })];
const SELECTIONS: readonly (Selection | undefined)[] = [
  undefined,
  { routingMode: "auto" },
  pins("tokyo", null),
  pins("osaka", "tokyo"),
];

/** The rule, said another way than the code does: the first that is set, then all others that are set. */
function expected(said: readonly (readonly [Layer, unknown])[]): unknown {
  const [first, ...others] = said.filter(([, value]) => value !== undefined);
  return {
    value: first?.[1],
    decidedBy: first?.[0],
    overridden: others.map(([layer, value]) => ({ layer, value })),
  };
}

describe("every combination of layers", () => {
  const rows = MODES.flatMap((device) =>
    MODES.flatMap((user) => MODES.map((network) => ({ device, user, network }))),
  );
  test.each(rows)("traffic mode: device $device, user $user, network $network", (row) => {
    const { device, user, network } = row;
    const preference = (trafficMode: (typeof MODES)[number]): RoutingPreference => ({ trafficMode });
    const resolution = resolve(
      { device: preference(device), user: preference(user), network: preference(network) },
      candidates,
    );
    expect(resolution.trafficMode).toEqual(
      expected([
        ["device", device],
        ["user", user],
        ["network", network],
        ["system", "vpn_only"],
      ]),
    );
    expect(resolution.selection).toEqual({
      value: { routingMode: "auto" },
      decidedBy: "system",
      overridden: [],
    });
  });

  test("selection: all 64 combinations, whatever the traffic mode says", () => {
    let seen = 0;
    for (const device of SELECTIONS)
      for (const user of SELECTIONS)
        for (const network of SELECTIONS) {
          const resolution = resolve(
            {
              device: { selection: device },
              user: { selection: user, trafficMode: "full_tunnel" },
              network: { selection: network },
            },
            candidates,
          );
          expect(resolution.selection).toEqual(
            expected([
              ["device", device],
              ["user", user],
              ["network", network],
              ["system", { routingMode: "auto" }],
            ]),
          );
          expect(resolution.trafficMode.decidedBy).toBe("user");
          seen++;
        }
    expect(seen).toBe(64);
  });
});

test("the two decisions come from different layers at once", () => {
  const resolution = resolve(
    layersOf({
      device: { trafficMode: "full_tunnel" },
      network: { trafficMode: "vpn_only", selection: pins(null, "osaka") },
    }),
    candidates,
  );
  expect(resolution.trafficMode).toMatchObject({ value: "full_tunnel", decidedBy: "device" });
  expect(resolution.selection.decidedBy).toBe("network");
  expect(resolution.egress?.name).toBe("osaka");
});

test("pins of two layers never mix", () => {
  const resolution = resolve(
    layersOf({ device: { selection: pins("tokyo", null) }, network: { selection: pins(null, "osaka") } }),
    candidates,
  );
  expect(resolution.egress?.name).toBe("tokyo");
});
