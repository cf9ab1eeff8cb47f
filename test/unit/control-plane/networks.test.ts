/** Networks, what lies behind them, the audit log and the description of the interface. */
import { expect, test } from "vitest";
import { z } from "zod";
import type { Answer } from "../../../src/api/client.ts";
import * as http from "../../../src/api/http.ts";
import { deviceLine, TestPlane, TestWorkspace } from "./harness.ts";

const faults = (answer: Answer<unknown>): string[] => {
  if (answer.ok || answer.kind !== "refused") throw new Error("it was not refused");
  return (answer.problem.errors ?? []).map(({ pointer, code }) => `${pointer} ${code}`);
};

test("two networks of a workspace never share an address", async () => {
  await using plane = await TestPlane.start();
  const acme = await TestWorkspace.create(plane);
  await acme.network();
  const create = (body: object) =>
    acme.operator.call("POST", "/networks", z.unknown(), { name: "lab", ...body });
  expect(faults(await create({ overlayPrefixes: ["100.64.128.0/17"] }))).toEqual([
    "/overlayPrefixes/0 overlap",
  ]);
  expect(faults(await create({ overlayPrefixes: ["10.20.0.0/24"] }))).toEqual(["/overlayPrefixes/0 overlap"]);
  const overlayPrefixes = ["100.65.0.0/16"];
  expect(faults(await create({ overlayPrefixes, privatePrefixes: ["10.20.9.0/24"] }))).toEqual([
    "/privatePrefixes/0 overlap",
  ]);
  expect(faults(await create({ overlayPrefixes, privatePrefixes: ["100.65.0.0/24"] }))).toEqual([
    "/privatePrefixes/0 overlap",
  ]);
  expect(faults(await create({ overlayPrefixes, dns: { servers: ["9.9.9.9"], matchDomains: [] } }))).toEqual([
    "/dns/servers/0 outside_network",
  ]);
  expect(await acme.operator.refused("POST", "/networks", { name: "corp", overlayPrefixes })).toBe(
    "409 name_taken",
  );
  // Another workspace has its own world: the same addresses are none of its business.
  const globex = await TestWorkspace.create(plane, "globex", acme.operatorToken);
  await globex.network();
});

test("a network has names of its own looked up, never everybody's: what no device would take is refused", async () => {
  await using plane = await TestPlane.start();
  const acme = await TestWorkspace.create(plane);
  const corp = await acme.network();
  const path = `/networks/${corp}/private-prefixes`;
  const dns = (...matchDomains: string[]) => ({ servers: ["10.20.0.53"], matchDomains });
  const put = (...domains: string[]) =>
    acme.operator.call(
      "PUT",
      path,
      z.unknown(),
      { privatePrefixes: ["10.20.0.0/16"], dns: dns(...domains) },
      "*",
    );
  for (const [domain, code] of [
    ["com", "domain_captures_public"],
    ["co.uk", "domain_captures_public"],
    ["jp", "domain_captures_public"],
    ["in-addr.arpa", "domain_captures_public"],
    ["corp.1", "endpoint_name"],
  ] as const) {
    const answer = await put("corp.test", domain);
    expect(answer).toMatchObject({ ok: false, problem: { status: 422, code: "invalid" } });
    expect(faults(answer)).toEqual([`/dns/matchDomains/1 ${code}`]);
  }
  // What is no name at all does not come that far.
  for (const domain of [".", "corp.test.", "*.corp.test", "Corp.test", ""])
    expect(await put(domain)).toMatchObject({ ok: false, problem: { status: 400, code: "malformed" } });
  const create = await acme.operator.call("POST", "/networks", z.unknown(), {
    ...{ name: "lab", overlayPrefixes: ["100.65.0.0/16"], privatePrefixes: ["10.30.0.0/16"] },
    dns: { servers: ["10.30.0.53"], matchDomains: ["com"] },
  });
  expect(create).toMatchObject({
    ok: false,
    problem: {
      status: 422,
      detail: expect.stringMatching(/under com .* Name the network's own domain/) as string,
    },
  });
  expect((await acme.operator.ok("GET", `/networks/${corp}`, http.Network)).body.dns).toEqual(
    dns("corp.test"),
  );
  expect((await put("corp.test", "lab.internal", "corp.example.com", "corp")).ok).toBe(true);
});

test("private prefixes are replaced under a version, and nonsense leaves them as they were", async () => {
  await using plane = await TestPlane.start();
  const acme = await TestWorkspace.create(plane);
  const corp = await acme.network();
  using tokyo = await acme.openGateway(corp, "tokyo", 10);
  const laptop = await acme.device(corp, (await acme.user()).id);
  using line = await deviceLine(plane, laptop.token);
  line.say({ type: "hello" });
  await line.inbox.find(() => true);
  const path = `/networks/${corp}/private-prefixes`;
  const put = (body: object, etag = "*") => acme.operator.call("PUT", path, z.unknown(), body, etag);
  const { etag } = await acme.operator.ok("GET", `/networks/${corp}`, http.Network);

  expect(await acme.operator.refused("PUT", path, { privatePrefixes: [] })).toBe("428 precondition_required");
  expect(await acme.operator.refused("PUT", path, { privatePrefixes: [] }, '"99"')).toBe("412 stale");
  expect(faults(await put({ privatePrefixes: ["0.0.0.0/0"] }))).toEqual(["/privatePrefixes/0 default_route"]);
  expect(faults(await put({ privatePrefixes: ["100.64.0.0/10"] }))).toEqual(["/privatePrefixes/0 overlap"]);
  expect(faults(await put({ privatePrefixes: ["10.20.0.0/16", "198.51.100.0/24"] }))).toEqual([
    "/privatePrefixes/1 covers_endpoint",
  ]);
  // The resolver that is already set would be cut off.
  expect(faults(await put({ privatePrefixes: ["10.21.0.0/16"] }))).toEqual([
    "/dns/servers/0 outside_network",
  ]);
  expect(tokyo.state.privatePrefixes).toEqual(["10.20.0.0/16"]);
  expect(line.inbox.received).toHaveLength(1);

  const body = { privatePrefixes: ["10.21.0.0/16"], dns: { servers: ["10.21.0.53"], matchDomains: [] } };
  const changed = await acme.operator.ok("PUT", path, http.Network, body, etag);
  expect(changed.etag).not.toBe(etag);
  expect(changed.body).toMatchObject(body);
  const event = await line.inbox.find((one) => one.path.tunnel.privatePrefixes[0] === "10.21.0.0/16");
  expect(event.path.tunnel.dns).toEqual(body.dns);
  expect(tokyo.state.peers[0]?.grants.privatePrefixes).toEqual(["10.21.0.0/16"]);
});

test("roles decide which ends a gateway serves, and belong to gateways alone", async () => {
  await using plane = await TestPlane.start();
  const acme = await TestWorkspace.create(plane);
  const corp = await acme.network();
  using tokyo = await acme.openGateway(corp, "tokyo", 10);
  const laptop = await acme.device(corp, (await acme.user()).id);
  expect((await acme.operator.path(laptop.id)).egress?.name).toBe("tokyo");
  const roles = ["ingress_gateway", "ingress_gateway"];
  const { etag } = await acme.operator.ok("GET", `/devices/${tokyo.id}`, http.Device);
  const path = `/devices/${tokyo.id}/roles`;
  expect(await acme.operator.refused("PUT", path, { roles }, '"99"')).toBe("412 stale");
  expect(await acme.operator.refused("PUT", path, { roles })).toBe("428 precondition_required");
  const { body } = await acme.operator.ok("PUT", path, http.Device, { roles }, etag);
  expect(body.roles).toEqual(["ingress_gateway"]);
  expect((await acme.operator.path(laptop.id)).egress).toBeUndefined();
  expect(tokyo.state.peers[0]?.grants.internet).toBe(false);
  expect(await acme.operator.refused("PUT", `/devices/${laptop.id}/roles`, { roles }, "*")).toBe(
    "422 invalid",
  );
  expect(await acme.operator.refused("PUT", path, { roles: ["router"] })).toBe("400 malformed");
});

test("who may use a gateway is replaced only by somebody who saw the present answer", async () => {
  await using plane = await TestPlane.start();
  const acme = await TestWorkspace.create(plane);
  const corp = await acme.network();
  const { id } = await acme.gateway(corp, "tokyo", 10);
  const path = `/networks/${corp}/gateways/${id}/access`;
  expect(await acme.operator.ok("GET", path, http.GatewayAccess)).toEqual({
    body: { allow: [] },
    etag: '"0"',
  });
  const body = { allow: "everyone" };
  expect(await acme.operator.refused("PUT", path, body)).toBe("428 precondition_required");
  const { etag } = await acme.operator.ok("PUT", path, http.GatewayAccess, body, '"0"');
  expect(await acme.operator.refused("PUT", path, { allow: [] }, '"0"')).toBe("412 stale");
  await acme.operator.ok("PUT", path, http.GatewayAccess, { allow: [] }, etag);
});

test("every change is in the audit log, with who, before and after, newest first", async () => {
  await using plane = await TestPlane.start();
  const acme = await TestWorkspace.create(plane);
  const corp = await acme.network();
  const ada = await acme.user();
  const laptop = await acme.device(corp, ada.id);
  await plane
    .as(laptop.token)
    .put(`/devices/${laptop.id}/routing-preference`, { trafficMode: "full_tunnel" });
  await plane.as(ada.token).put(`/networks/${corp}/users/me/routing-preference`, { trafficMode: "vpn_only" });
  await acme.operator.call("DELETE", `/devices/${laptop.id}`, null);
  const { entries } = (await acme.operator.ok("GET", "/audit", http.AuditLog)).body;
  expect(entries.map(({ actor, action }) => `${actor.kind} ${action}`)).toEqual([
    "operator device.remove",
    "member user.preference.set",
    "device device.preference.set",
    "device device.enrol",
    "operator enrollment-key.create",
    "operator user.create",
    "operator network.create",
    "bootstrap workspace.create",
  ]);
  expect(entries[2]).toMatchObject({
    actor: { kind: "device", id: laptop.id },
    object: laptop.id,
    before: {},
    after: { trafficMode: "full_tunnel" },
  });
  const page = await acme.operator.ok("GET", `/audit?limit=2&before=${entries[2]?.id ?? 0}`, http.AuditLog);
  expect(page.body.entries.map(({ id }) => id)).toEqual(entries.slice(3, 5).map(({ id }) => id));
  expect(await acme.operator.refused("GET", "/audit?limit=0")).toBe("400 malformed");
  // A refused change leaves no trace of having happened.
  expect(await acme.operator.refused("PUT", `/networks/${corp}/routing-policy`, {}, '"9"')).toBe("412 stale");
  const after = await acme.operator.ok("GET", "/audit", http.AuditLog);
  expect(after.body.entries).toHaveLength(entries.length);
});

test("the interface describes itself", async () => {
  await using plane = await TestPlane.start();
  const described = await plane
    .as(undefined)
    .ok(
      "GET",
      "/openapi.json",
      z.object({ openapi: z.string(), paths: z.record(z.string(), z.record(z.string(), z.unknown())) }),
    );
  expect(described.body.openapi).toMatch(/^3\.1/);
  const surfaces = Object.entries(described.body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace("/api/v1", "")}`),
  );
  expect(surfaces.sort()).toEqual([
    "DELETE /devices/{id}",
    "DELETE /networks/{id}/manual-configs/{configId}",
    "GET /audit",
    "GET /devices",
    "GET /devices/{id}",
    "GET /devices/{id}/resolved-path",
    "GET /devices/{id}/routing-preference",
    "GET /networks",
    "GET /networks/{id}",
    "GET /networks/{id}/enrollment-keys",
    "GET /networks/{id}/gateways",
    "GET /networks/{id}/gateways/{deviceId}/access",
    "GET /networks/{id}/manual-configs",
    "GET /networks/{id}/routing-policy",
    "GET /networks/{id}/users/{userId}/routing-preference",
    "GET /users",
    "GET /workspaces",
    "POST /devices/{id}/key-rotation",
    "POST /devices/{id}/resolved-path/preview",
    "POST /enrollments",
    "POST /networks",
    "POST /networks/{id}/enrollment-keys",
    "POST /networks/{id}/manual-configs",
    "POST /users",
    "POST /workspaces",
    "PUT /devices/{id}/roles",
    "PUT /devices/{id}/routing-preference",
    "PUT /networks/{id}/gateways/{deviceId}/access",
    "PUT /networks/{id}/private-prefixes",
    "PUT /networks/{id}/routing-policy",
    "PUT /networks/{id}/users/{userId}/routing-preference",
  ]);
});
