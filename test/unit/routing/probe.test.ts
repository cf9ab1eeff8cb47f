import { expect, test } from "vitest";
import { probeAddress, probeAlong } from "../../../src/routing/probe.ts";
import type { Hop, TrafficMode } from "../../../src/routing/types.ts";

test("the probe is the IPv4 address where there is one", () => {
  expect(probeAddress({ overlayAddresses: ["fd00::2/128", "100.64.0.2/32"] })).toBe("100.64.0.2");
  expect(probeAddress({ overlayAddresses: ["fd00::2/128"] })).toBe("fd00::2");
});

test("it moves along with the gateway that answers it, and one that is nobody's stays", () => {
  const hop = (number: number): Hop => ({
    ...{ deviceId: `dev_${number}`, name: `gateway-${number}`, region: "here", publicKey: "" },
    ...{ endpoint: `203.0.113.${number}:51820`, overlayAddresses: [`100.64.0.${number}/32`] },
  });
  const [a, b] = [hop(2), hop(3)];
  const path = { trafficMode: { value: "vpn_only" }, ingress: a, egress: b } as const;
  const along = (probe: string, mode: TrafficMode, pair: { ingress: Hop; egress?: Hop }) =>
    probeAlong({ ...path, tunnel: { probe } }, mode, pair);
  expect(along("100.64.0.2", "vpn_only", { ingress: b })).toBe("100.64.0.3");
  expect(along("100.64.0.2", "full_tunnel", { ingress: a, egress: b })).toBe("100.64.0.3");
  expect(along("100.64.0.2", "full_tunnel", { ingress: a })).toBe("100.64.0.2");
  expect(along("100.64.0.1", "full_tunnel", { ingress: a, egress: b })).toBe("100.64.0.1");
});
