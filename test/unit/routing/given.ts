/** What the tests of this room are given: gateways, layers and paths, written out and at random. */
import fc from "fast-check";
import { resolve } from "../../../src/routing/resolve.ts";
import type {
  GatewayCandidate,
  Hop,
  NodeRole,
  PolicyLayers,
  ResolvedPath,
  RoutingPreference,
  Selection,
  TrafficMode,
} from "../../../src/routing/types.ts";

export const MODES = [undefined, "vpn_only", "full_tunnel"] as const satisfies readonly (
  TrafficMode | undefined
)[];
export const BOTH: readonly NodeRole[] = ["ingress_gateway", "exit_gateway"];

/** `gw_tokyo000` for `tokyo`: an id that the wire accepts. */
export function idOf(name: string): string {
  return `gw_${name.padEnd(8, "0")}`;
}

export function hop(name: string): Hop {
  return {
    deviceId: idOf(name),
    name,
    region: "somewhere",
    publicKey: `${"A".repeat(42)}A=`,
    endpoint: "192.0.2.1:51820",
    overlayAddresses: ["100.64.0.1/32"],
  };
}

/** A gateway that nothing speaks against. */
export function gateway(name: string, but: Partial<Omit<GatewayCandidate, "hop">> = {}): GatewayCandidate {
  return {
    hop: hop(name),
    roles: BOTH,
    visible: true,
    sameWorkspace: true,
    sameNetwork: true,
    accessGranted: true,
    healthy: true,
    load: 0,
    roundTripMs: 20,
    ...but,
  };
}

export function layersOf(but: Partial<PolicyLayers>): PolicyLayers {
  return { device: {}, user: {}, network: {}, ...but };
}

/** A manual selection by the gateways' names. */
export function pins(ingress: string | null, egress: string | null): Selection {
  return {
    routingMode: "manual",
    ingressDeviceId: ingress === null ? null : idOf(ingress),
    egressDeviceId: egress === null ? null : idOf(egress),
  };
}

/** A whole path as the control plane would issue it. */
export function pathOf(layers: PolicyLayers, candidates: readonly GatewayCandidate[]): ResolvedPath {
  return {
    epoch: { lineage: "first", number: 1 },
    deviceId: "dev_laptop00",
    networkId: "net_corp0000",
    issuedAt: "2026-01-01T00:00:00.000Z",
    tunnel: {
      addresses: ["100.64.0.9/32"],
      privatePrefixes: ["10.20.0.0/16"],
      dns: { servers: ["10.20.0.53"], matchDomains: ["corp.example"] },
      probe: "100.64.0.1",
    },
    ...resolve(layers, candidates),
  };
}

const NAMES = ["amsterdam", "berlin", "chicago", "dakar", "essen", "fukuoka", "ghost"] as const;

export const anyName = fc.constantFrom(...NAMES);

/** Pins of gateways that may, may not or do not exist. */
export const anySelection: fc.Arbitrary<Selection> = fc.oneof(
  fc.constant<Selection>({ routingMode: "auto" }),
  fc
    .tuple(fc.option(anyName), fc.option(anyName))
    .filter(([ingress, egress]) => ingress !== null || egress !== null)
    .map(([ingress, egress]) => pins(ingress, egress)),
);

export const anyPreference: fc.Arbitrary<RoutingPreference> = fc.record(
  { trafficMode: fc.constantFrom("vpn_only", "full_tunnel"), selection: anySelection },
  { requiredKeys: [] },
);

export const anyLayers: fc.Arbitrary<PolicyLayers> = fc.record({
  device: anyPreference,
  user: anyPreference,
  network: anyPreference,
});

const mostly = fc.integer({ min: 0, max: 5 }).map((n) => n > 0);

/** Gateways of every kind, `ghost` never among them. */
export const anyCandidates: fc.Arbitrary<readonly GatewayCandidate[]> = fc
  .subarray(NAMES.slice(0, -1))
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc
          .record({
            roles: fc.constantFrom<readonly NodeRole[]>(
              BOTH,
              BOTH,
              ["ingress_gateway"],
              ["exit_gateway"],
              [],
            ),
            visible: mostly,
            sameWorkspace: mostly,
            sameNetwork: mostly,
            accessGranted: mostly,
            healthy: mostly,
            load: fc.double({ min: 0, max: 1, noNaN: true }),
            roundTripMs: fc.option(fc.double({ min: 0, max: 400, noNaN: true }), { nil: undefined }),
          })
          .map((but) => gateway(name, but)),
      ),
    ),
  );
