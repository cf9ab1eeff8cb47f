/** The three written layers: versions, pins, and what they do to paths. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import * as http from "../../../src/api/http.ts";
import * as routing from "../../../src/routing/schema.ts";
import type { Caller, TestDevice, TestGateway } from "./harness.ts";
import { TestPlane, TestWorkspace } from "./harness.ts";

let plane: TestPlane;
let acme: TestWorkspace;
let corp: string;
let ada: { id: string; token: string };
let laptop: TestDevice;
let tokyo: TestGateway;
let osaka: TestGateway;
let saopaulo: TestDevice;
let oslo: TestDevice;
let lima: TestDevice;
let bobs: TestDevice;
let device: Caller;

beforeAll(async () => {
  plane = await TestPlane.start();
  acme = await TestWorkspace.create(plane);
  const globex = await TestWorkspace.create(plane, "globex", acme.operatorToken);
  corp = await acme.network();
  const lab = await acme.network("lab", {
    overlayPrefixes: ["100.65.0.0/16"],
    privatePrefixes: [],
    dns: { servers: [], matchDomains: [] },
  });
  const theirs = await globex.network();
  ada = await acme.user("Ada");
  const bob = await acme.user("Bob");
  laptop = await acme.device(corp, ada.id);
  bobs = await acme.device(corp, bob.id);
  tokyo = await acme.openGateway(corp, "tokyo", 10);
  osaka = await acme.openGateway(corp, "osaka", 20, ["ingress_gateway"]);
  saopaulo = await acme.gateway(corp, "saopaulo", 40, ["exit_gateway"]);
  oslo = await acme.gateway(lab, "oslo", 50);
  await acme.allow(lab, oslo.id, "everyone");
  lima = await globex.gateway(theirs, "lima", 60);
  await globex.allow(theirs, lima.id, "everyone");
  device = plane.as(laptop.token);
});
afterAll(async () => {
  for (const gateway of [tokyo, osaka]) gateway[Symbol.dispose]();
  await plane[Symbol.asyncDispose]();
});

const pin = (ingressDeviceId: string | null, egressDeviceId: string | null) => ({
  selection: { routingMode: "manual" as const, ingressDeviceId, egressDeviceId },
});

describe("versions", () => {
  const layers = [
    ["network", () => `/networks/${corp}/routing-policy`],
    ["user", () => `/networks/${corp}/users/${ada.id}/routing-preference`],
    ["device", () => `/devices/${laptop.id}/routing-preference`],
  ] as const;
  test.each(layers)("of the %s layer", async (_layer, path) => {
    const { operator } = acme;
    const never = await operator.ok("GET", path(), routing.RoutingPreference);
    expect(never).toEqual({ body: {}, etag: '"0"' });
    const value = { trafficMode: "full_tunnel" as const };
    expect(await operator.refused("PUT", path(), value)).toBe("428 precondition_required");
    expect(await operator.refused("PUT", path(), value, '"7"')).toBe("412 stale");
    expect(await operator.refused("PUT", path(), value, 'W/"0"')).toBe("412 stale");
    expect(await operator.refused("PUT", path(), value, "0")).toBe("412 stale");
    const set = await operator.ok("PUT", path(), routing.RoutingPreference, value, '"0"');
    expect(set).toEqual({ body: value, etag: '"1"' });
    expect(await operator.ok("GET", path(), routing.RoutingPreference)).toEqual(set);
    expect(await operator.refused("PUT", path(), {}, '"0"')).toBe("412 stale");
    // Clearing goes on counting, so that nobody takes a cleared layer for one that was never set.
    const cleared = await operator.ok("PUT", path(), routing.RoutingPreference, {}, '"1"');
    expect(cleared).toEqual({ body: {}, etag: '"2"' });
    await operator.ok("PUT", path(), routing.RoutingPreference, {}, "*");
  });

  test("of two writers at once one wins", async () => {
    const path = `/devices/${laptop.id}/routing-preference`;
    const { etag } = await device.ok("GET", path, routing.RoutingPreference);
    const answers = await Promise.all(
      ["full_tunnel", "vpn_only", "full_tunnel"].map((trafficMode) =>
        device.call("PUT", path, routing.RoutingPreference, { trafficMode }, etag),
      ),
    );
    expect(
      answers.map((answer) => (answer.ok ? 200 : "status" in answer ? answer.status : 0)).sort(),
    ).toEqual([200, 412, 412]);
    await device.put(path, {});
  });
});

describe("pins that break a rule", () => {
  const missing = "dev_0000000000000000000000";
  const rules = [
    ["an absent device", "unknown_device", () => missing],
    ["a gateway of another workspace", "unknown_device", () => lima.id],
    ["somebody else's device", "unknown_device", () => bobs.id],
    ["a gateway of another network", "wrong_network", () => oslo.id],
    ["a gateway without access", "access_denied", () => saopaulo.id],
    ["one's own laptop", "missing_role", () => laptop.id],
    ["an ingress as egress", "missing_role", () => osaka.id],
  ] as const;

  test.each(rules)("%s: %s", async (_what, code, id) => {
    const refused = await device.call(
      "PUT",
      `/devices/${laptop.id}/routing-preference`,
      z.unknown(),
      pin(tokyo.id, id()),
      "*",
    );
    expect(refused).toMatchObject({
      status: 422,
      problem: { errors: [{ pointer: "/selection/egressDeviceId", code }] },
    });
    const preview = await device.ok("POST", `/devices/${laptop.id}/resolved-path/preview`, http.Previewed, {
      layers: { device: { trafficMode: "full_tunnel", ...pin(tokyo.id, id()) } },
    });
    expect(preview.body.proposed).toMatchObject({ status: "unavailable", reason: { code } });
    expect(preview.body.proposed.ingress).toBeUndefined();
  });

  test("an invisible device and an absent one read alike, to the letter", async () => {
    const answer = async (id: string): Promise<string> => {
      const path = `/devices/${laptop.id}/routing-preference`;
      const refused = await device.call("PUT", path, z.unknown(), pin(id, id), "*");
      return JSON.stringify(refused).replaceAll(id, "ID");
    };
    const absent = await answer(missing);
    expect(await answer(lima.id)).toBe(absent);
    expect(await answer(bobs.id)).toBe(absent);
  });

  test("both ends are told, each at its place", async () => {
    const path = `/networks/${corp}/users/me/routing-preference`;
    const refused = await device.call("PUT", path, z.unknown(), pin(saopaulo.id, oslo.id), "*");
    expect(refused).toMatchObject({
      problem: {
        errors: [
          { pointer: "/selection/ingressDeviceId", code: "access_denied" },
          { pointer: "/selection/egressDeviceId", code: "wrong_network" },
        ],
      },
    });
  });

  test("a network policy that an owner may not follow concerns that owner alone", async () => {
    const cleo = await acme.user("Cleo");
    const cleos = await acme.device(corp, cleo.id);
    await acme.allow(corp, saopaulo.id, [cleo.id]);
    const policy = `/networks/${corp}/routing-policy`;
    await acme.operator.put(policy, { trafficMode: "full_tunnel", ...pin(tokyo.id, saopaulo.id) });
    expect(await plane.as(laptop.token).path(laptop.id)).toMatchObject({
      status: "unavailable",
      reason: { code: "access_denied" },
    });
    expect(await plane.as(cleos.token).path(cleos.id)).toMatchObject({
      status: "ready",
      egress: { name: "saopaulo" },
    });
    await acme.operator.put(policy, {});
    await acme.allow(corp, saopaulo.id, []);
  });

  test("a pin that goes stale never falls back, and comes back with its reason gone", async () => {
    const layer = `/devices/${laptop.id}/routing-preference`;
    await device.put(layer, { trafficMode: "full_tunnel", ...pin(osaka.id, tokyo.id) });
    expect(await device.path(laptop.id)).toMatchObject({ status: "ready", alternates: [] });
    await acme.allow(corp, tokyo.id, []);
    const stale = await device.path(laptop.id);
    expect(stale).toMatchObject({ status: "unavailable", reason: { code: "access_denied" }, alternates: [] });
    expect(stale.ingress ?? stale.egress).toBeUndefined();
    await acme.allow(corp, tokyo.id, "everyone");
    expect(await device.path(laptop.id)).toMatchObject({ status: "ready", egress: { name: "tokyo" } });
    await device.put(layer, {});
  });
});

describe("preview", () => {
  const preview = (caller: Caller, layers: unknown) =>
    caller.ok("POST", `/devices/${laptop.id}/resolved-path/preview`, http.Previewed, { layers });

  test("absent is as stored, null is unset, and nothing changes", async () => {
    await device.put(`/devices/${laptop.id}/routing-preference`, { trafficMode: "full_tunnel" });
    const before = await device.path(laptop.id);
    const same = (await preview(device, {})).body;
    expect(same.proposed.trafficMode).toEqual(same.current.trafficMode);
    const { proposed } = (await preview(device, { device: null, user: { trafficMode: "vpn_only" } })).body;
    expect(proposed.trafficMode).toEqual({
      value: "vpn_only",
      decidedBy: "user",
      overridden: [{ layer: "system", value: "vpn_only" }],
    });
    const after = await device.path(laptop.id);
    expect(after).toEqual({ ...before, issuedAt: after.issuedAt });
    await device.put(`/devices/${laptop.id}/routing-preference`, {});
  });

  test("of the network needs an operator", async () => {
    const path = `/devices/${laptop.id}/resolved-path/preview`;
    const body = { layers: { network: null } };
    expect(await device.refused("POST", path, body)).toBe("403 forbidden");
    expect(await plane.as(ada.token).refused("POST", path, body)).toBe("403 forbidden");
    const asked = { network: { trafficMode: "full_tunnel" } };
    expect((await preview(acme.operator, asked)).body.proposed.trafficMode.decidedBy).toBe("network");
  });

  test("by an operator counts the owner's rights too, because the path will be resolved with them", async () => {
    const asked = { network: { trafficMode: "full_tunnel", ...pin(tokyo.id, saopaulo.id) } };
    expect((await preview(acme.operator, asked)).body.proposed).toMatchObject({
      status: "unavailable",
      reason: { code: "access_denied" },
    });
  });
});

test("gateways are listed with why each is or is not eligible for the caller", async () => {
  const list = async (caller: Caller) =>
    (await caller.ok("GET", `/networks/${corp}/gateways`, http.Gateways)).body.gateways.map((gateway) => [
      gateway.name,
      ...gateway.ends.map(({ reasons }) => reasons.map(({ code }) => code).join(" ") || "yes"),
    ]);
  expect(await list(device)).toEqual([
    ["osaka", "yes", "missing_role"],
    ["saopaulo", "access_denied missing_role unhealthy", "access_denied unhealthy"],
    ["tokyo", "yes", "yes"],
  ]);
  expect(await list(acme.operator)).toEqual([
    ["osaka", "yes", "missing_role"],
    ["saopaulo", "missing_role unhealthy", "unhealthy"],
    ["tokyo", "yes", "yes"],
  ]);
});
