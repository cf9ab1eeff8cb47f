/** After any change everything that it concerns is up to date: a full recomputation finds nothing to do. */
import fc from "fast-check";
import { expect, test } from "vitest";
import * as http from "../../../src/api/http.ts";
import { recomputeGateways, recomputePaths } from "../../../src/control-plane/recompute.ts";
import type { RoutingPreference, Selection } from "../../../src/routing/types.ts";
import { newPublicKey, TestPlane, TestWorkspace, type TestDevice, type TestGateway } from "./harness.ts";

const RUNS = 15;
const CHANGES = 12;

/** A world that every run starts from anew. */
class World implements AsyncDisposable {
  readonly plane: TestPlane;
  readonly acme: TestWorkspace;
  readonly corp: string;
  readonly users: readonly { id: string; token: string }[];
  readonly devices: readonly TestDevice[];
  readonly gateways: readonly TestGateway[];

  private constructor(
    plane: TestPlane,
    acme: TestWorkspace,
    corp: string,
    users: World["users"],
    devices: World["devices"],
    gateways: World["gateways"],
  ) {
    this.plane = plane;
    this.acme = acme;
    this.corp = corp;
    this.users = users;
    this.devices = devices;
    this.gateways = gateways;
  }

  static async create(): Promise<World> {
    const plane = await TestPlane.start();
    const acme = await TestWorkspace.create(plane);
    const corp = await acme.network();
    const users = [await acme.user("Ada"), await acme.user("Bob")];
    const devices: TestDevice[] = [];
    for (const user of [...users, ...users]) devices.push(await acme.device(corp, user.id));
    const gateways: TestGateway[] = [];
    for (const [index, name] of ["tokyo", "osaka", "frankfurt"].entries())
      gateways.push(await acme.openGateway(corp, name, index + 10));
    return new World(plane, acme, corp, users, devices, gateways);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const gateway of this.gateways) gateway[Symbol.dispose]();
    await this.plane[Symbol.asyncDispose]();
  }
}

type Change = (world: World) => Promise<unknown>;

const which = fc.nat({ max: 3 });
const pick = <T>(list: readonly T[], index: number): T => {
  const found = list[index % list.length];
  if (found === undefined) throw new Error("nothing to pick from");
  return found;
};
const preference = fc.record({
  trafficMode: fc.constantFrom("vpn_only", "full_tunnel", undefined),
  pins: fc.option(fc.tuple(fc.option(which), fc.option(which)), { nil: undefined }),
});
const preferenceOf = (world: World, { trafficMode, pins }: ValueOf<typeof preference>): RoutingPreference => {
  const [ingress, egress] = pins ?? [null, null];
  const id = (index: number | null): string | null =>
    index === null ? null : pick(world.gateways, index).id;
  const selection: Selection | undefined =
    pins === undefined
      ? undefined
      : ingress === null && egress === null
        ? { routingMode: "auto" }
        : { routingMode: "manual", ingressDeviceId: id(ingress), egressDeviceId: id(egress) };
  return { trafficMode, selection };
};
type ValueOf<A> = A extends fc.Arbitrary<infer T> ? T : never;

/** Calls that may be refused (a revoked gateway, a pin without access): a refused change has to leave nothing behind. */
const attempt = (world: World, method: "PUT" | "POST" | "DELETE", path: string, body?: unknown) =>
  world.acme.operator.call(method, path, null, body, method === "PUT" ? "*" : undefined);

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(which, preference).map(
    ([n, value]): Change =>
      (world) =>
        attempt(
          world,
          "PUT",
          `/devices/${pick(world.devices, n).id}/routing-preference`,
          preferenceOf(world, value),
        ),
  ),
  fc.tuple(which, preference).map(([n, value]): Change => (world) => {
    const path = `/networks/${world.corp}/users/${pick(world.users, n).id}/routing-preference`;
    return attempt(world, "PUT", path, preferenceOf(world, value));
  }),
  preference.map(
    (value): Change =>
      (world) =>
        attempt(world, "PUT", `/networks/${world.corp}/routing-policy`, preferenceOf(world, value)),
  ),
  fc.tuple(which, fc.constantFrom("everyone", "ada", "nobody")).map(([n, who]): Change => (world) => {
    const allow = who === "everyone" ? who : who === "ada" ? [pick(world.users, 0).id] : [];
    const gateway = pick(world.gateways, n).id;
    return attempt(world, "PUT", `/networks/${world.corp}/gateways/${gateway}/access`, { allow });
  }),
  fc.tuple(which, fc.subarray(["ingress_gateway", "exit_gateway"])).map(
    ([n, roles]): Change =>
      (world) =>
        attempt(world, "PUT", `/devices/${pick(world.gateways, n).id}/roles`, { roles }),
  ),
  fc.subarray(["10.20.0.0/16", "10.21.0.0/16"]).map(
    (privatePrefixes): Change =>
      (world) =>
        attempt(world, "PUT", `/networks/${world.corp}/private-prefixes`, {
          privatePrefixes,
          dns: { servers: [], matchDomains: [] },
        }),
  ),
  fc.tuple(which, fc.boolean()).map(
    ([n, gateway]): Change =>
      (world) =>
        attempt(
          world,
          "POST",
          `/devices/${pick(gateway ? world.gateways : world.devices, n).id}/key-rotation`,
          {
            publicKey: newPublicKey(),
          },
        ),
  ),
  fc.tuple(which, fc.boolean()).map(
    ([n, gateway]): Change =>
      (world) =>
        attempt(world, "DELETE", `/devices/${pick(gateway ? world.gateways : world.devices, n).id}`),
  ),
  fc.tuple(which, fc.constantFrom("vpn_only", "full_tunnel")).map(
    ([n, trafficMode]): Change =>
      (world) =>
        attempt(world, "POST", `/networks/${world.corp}/manual-configs`, {
          name: "router",
          userId: pick(world.users, n).id,
          trafficMode,
        }),
  ),
  fc.constant<Change>(async (world) => {
    const path = `/networks/${world.corp}/manual-configs`;
    const { body } = await world.acme.operator.ok("GET", path, http.ManualConfigs);
    for (const { id } of body.manualConfigs.slice(0, 1)) await attempt(world, "DELETE", `${path}/${id}`);
  }),
  fc.constant<Change>((world) => world.acme.device(world.corp, pick(world.users, 0).id)),
);

test("nothing is left to recompute after any change", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: CHANGES }), async (steps) => {
      await using world = await World.create();
      const { plane } = world.plane;
      const around = { live: plane.live, lineageOf: () => "any", now: new Date() };
      for (const step of steps) {
        await step(world);
        const left = await plane.read(async (tx) => ({
          paths: await recomputePaths(tx, world.corp, "all", around),
          states: await recomputeGateways(tx, world.corp),
        }));
        expect(left).toEqual({ paths: [], states: [] });
      }
    }),
    { numRuns: RUNS },
  );
}, 120_000);
