import fc from "fast-check";
import { expect, test } from "vitest";
import { gatewaysOf, nextPair, pairKey, pairsOf, throughPair } from "../../../src/agent/next-pair.ts";
import type { Path } from "../../../src/agent/routing-state.ts";
import { FRANKFURT, OSAKA, pathFor, TOKYO } from "./fixtures.ts";

const full = pathFor({ device: { trafficMode: "full_tunnel" } }, 1);
const names = (path: Path) =>
  pairsOf(path).map(({ ingress, egress }) => `${ingress.name} ${egress?.name ?? ""}`);

test("the path's own pair comes first, and in vpn_only each ingress once", () => {
  expect(names(full)[0]).toBe("tokyo tokyo");
  const ingresses = pairsOf(pathFor({}, 1)).map(({ ingress }) => ingress.name);
  expect(ingresses[0]).toBe("tokyo");
  expect([...ingresses].sort()).toEqual(["frankfurt", "osaka", "tokyo"]);
});

test("a gateway that may be at fault is avoided while there is another way", () => {
  const tried = new Set([pairKey({ ingress: TOKYO, egress: TOKYO }, "full_tunnel")]);
  const next = nextPair(full, tried, new Set([TOKYO.deviceId]));
  expect([next?.ingress.name, next?.egress?.name]).not.toContain("tokyo");
});

test("what a person pinned has no other way", () => {
  const selection = {
    routingMode: "manual",
    ingressDeviceId: TOKYO.deviceId,
    egressDeviceId: FRANKFURT.deviceId,
  } as const;
  const pinned = pathFor({ device: { trafficMode: "full_tunnel", selection } }, 1);
  expect(pairsOf(pinned)).toHaveLength(1);
  const tried = new Set(pairsOf(pinned).map((pair) => pairKey(pair, "full_tunnel")));
  expect(nextPair(pinned, tried, new Set())).toBeNull();
});

test("the probe moves to the gateway where the way through the tunnel ends, and nothing else changes", () => {
  const moved = throughPair(full, { ingress: OSAKA, egress: FRANKFURT });
  expect(moved.tunnel.probe).toBe("100.64.0.2");
  const near = throughPair(pathFor({}, 1), { ingress: OSAKA, egress: FRANKFURT });
  expect(near.tunnel.probe).toBe("100.64.0.3");
  const { ingress, egress, tunnel, ...rest } = moved;
  expect([ingress?.name, egress?.name]).toEqual(["osaka", "frankfurt"]);
  expect({ ...tunnel, probe: full.tunnel.probe }).toEqual(full.tunnel);
  expect(full).toMatchObject(rest);
});

test("a probe that is nobody's address among the gateways stays where it is", () => {
  const elsewhere = { ...full, tunnel: { ...full.tunnel, probe: "10.20.0.7" } };
  expect(throughPair(elsewhere, { ingress: OSAKA, egress: FRANKFURT }).tunnel.probe).toBe("10.20.0.7");
});

const hops = Array.from({ length: 6 }, (_, index) => ({
  ...TOKYO,
  deviceId: `dev_gateway${String(index).padStart(5, "0")}`,
  name: `gateway ${index}`,
}));
const pair = fc.record({ ingress: fc.constantFrom(...hops), egress: fc.constantFrom(...hops) });

test("whatever failed: every pair is visited exactly once a round, the least doubtful first", () => {
  fc.assert(
    fc.property(
      fc.array(pair, { maxLength: 12 }),
      fc.constantFrom("vpn_only", "full_tunnel"),
      fc.array(fc.constantFrom(...hops.map((hop) => hop.deviceId)), { maxLength: 3 }),
      (alternates, value, suspects) => {
        const path = {
          ...full,
          alternates: structuredClone(alternates),
          trafficMode: { ...full.trafficMode, value },
        } as Path;
        const failed = new Set(suspects);
        const doubts: number[] = [];
        const tried = new Set<string>();
        for (let next = nextPair(path, tried, failed); next !== null; next = nextPair(path, tried, failed)) {
          const key = pairKey(next, value);
          expect(tried.has(key)).toBe(false);
          tried.add(key);
          doubts.push([...gatewaysOf(next, value)].filter((id) => failed.has(id)).length);
        }
        expect(tried).toEqual(new Set(pairsOf(path).map((one) => pairKey(one, value))));
        expect(doubts).toEqual([...doubts].sort((a, b) => a - b));
      },
    ),
  );
});
