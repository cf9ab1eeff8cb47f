import { describe, expect, test } from "vitest";
import { loosens } from "../../../src/routing/loosens.ts";
import type { Layer, TrafficMode } from "../../../src/routing/types.ts";

function protection(value: TrafficMode, decidedBy: Layer, ...privatePrefixes: string[]) {
  return { trafficMode: { value, decidedBy, overridden: [] }, tunnel: { privatePrefixes } };
}

describe("the mode", () => {
  test.each([
    ["device", true],
    ["user", true],
    ["network", false],
    ["system", false],
  ] as const)("full tunnel chosen by %s → private only: needs consent = %s", (chosenBy, needsConsent) => {
    const loosening = loosens(
      protection("full_tunnel", chosenBy, "10.0.0.0/8"),
      protection("vpn_only", "network", "10.0.0.0/8"),
    );
    expect(loosening).toMatchObject({
      mode: true,
      prefixes: [],
      chosenBy,
      decidedBy: "network",
      needsConsent,
    });
    expect(loosening?.message).toMatch(
      /^Only the private network stays in the tunnel.*the network policy decides now/,
    );
  });

  test("never loosens towards a full tunnel, whatever happens to the prefixes", () => {
    expect(
      loosens(protection("vpn_only", "device", "10.0.0.0/8"), protection("full_tunnel", "network")),
    ).toBeUndefined();
    expect(
      loosens(protection("full_tunnel", "device", "10.0.0.0/8"), protection("full_tunnel", "network")),
    ).toBeUndefined();
  });
});

describe("the private prefixes", () => {
  const before = protection("vpn_only", "network", "10.20.0.0/16", "fd00:20::/48");
  test.each([
    ["the same in another order", ["fd00:20::/48", "10.20.0.0/16"], []],
    ["more", ["10.20.0.0/16", "fd00:20::/48", "192.0.2.0/24"], []],
    ["cut in two", ["10.20.0.0/17", "10.20.128.0/17", "fd00:20::/48"], []],
    ["inside a wider one", ["10.0.0.0/8", "fd00::/8"], []],
    ["one gone", ["10.20.0.0/16"], ["fd00:20::/48"]],
    ["narrowed", ["10.20.0.0/17", "fd00:20::/48"], ["10.20.128.0/17"]],
    ["replaced by the other family's default", ["::/0"], ["10.20.0.0/16"]],
  ])("%s", (_what, after, lost) => {
    const loosening = loosens(before, protection("vpn_only", "network", ...after));
    expect(loosening?.prefixes ?? []).toEqual(lost);
    expect(loosening?.needsConsent).toBe(lost.length === 0 ? undefined : false);
    for (const prefix of lost) expect(loosening?.message).toContain(prefix);
  });

  test("fewer, where the person chose the mode, wait for consent", () => {
    const chosen = protection("vpn_only", "device", "10.20.0.0/16");
    expect(loosens(chosen, protection("vpn_only", "device"))).toMatchObject({
      mode: false,
      needsConsent: true,
    });
  });
});
