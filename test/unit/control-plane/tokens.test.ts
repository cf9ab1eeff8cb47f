/** Every token where it may not be used. */
import { readFile } from "node:fs/promises";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import * as http from "../../../src/api/http.ts";
import { newPublicKey, TestPlane, TestWorkspace } from "./harness.ts";

test("no token, a wrong one, and one in the wrong dress are all strangers", async () => {
  await using plane = await TestPlane.start();
  const get = async (authorization?: string): Promise<string> => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${plane.origin}/api/v1/users`, { headers });
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    const { code } = http.Problem.parse(await response.json());
    return `${response.status} ${code}`;
  };
  const token = plane.bootstrap ?? "";
  expect(await get()).toBe("401 unauthenticated");
  expect(await get("Bearer ")).toBe("401 unauthenticated");
  expect(await get("Bearer nanami_operator_AAAA")).toBe("401 unauthenticated");
  expect(await get(`Basic ${token}`)).toBe("401 unauthenticated");
  expect(await get(`Bearer ${token} ${token}`)).toBe("401 unauthenticated");
  expect(await get(`bearer ${token}`)).toBe("403 forbidden");
});

test("the first token makes one workspace and nothing else, even when it asks twice at once", async () => {
  await using plane = await TestPlane.start();
  const first = plane.as(plane.bootstrap ?? "");
  expect(await first.refused("GET", "/networks")).toBe("403 forbidden");
  expect(await first.refused("GET", "/workspaces")).toBe("403 forbidden");
  expect(await first.refused("POST", "/users", { name: "Ada" })).toBe("403 forbidden");
  const answers = await Promise.all(
    [1, 2, 3].map(() => first.call("POST", "/workspaces", http.CreatedWorkspace, { name: "acme" })),
  );
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await first.refused("POST", "/workspaces", { name: "acme" })).toBe("401 revoked");
});

test("a refused first workspace leaves the first token good", async () => {
  await using plane = await TestPlane.start();
  const first = plane.as(plane.bootstrap ?? "");
  expect(await first.refused("POST", "/workspaces", { name: "Not A Label" })).toBe("400 malformed");
  await TestWorkspace.create(plane);
});

test("members, devices and gateways do only what is theirs", async () => {
  await using plane = await TestPlane.start();
  const acme = await TestWorkspace.create(plane);
  const corp = await acme.network();
  const ada = await acme.user("Ada");
  const bob = await acme.user("Bob");
  const laptop = await acme.device(corp, ada.id, "laptop");
  const phone = await acme.device(corp, ada.id, "phone");
  const bobs = await acme.device(corp, bob.id, "bobs");
  const tokyo = await acme.gateway(corp, "tokyo", 10);
  const member = plane.as(ada.token);
  const device = plane.as(laptop.token);
  const gateway = plane.as(tokyo.token);

  const operatorsOnly = [
    ["POST", "/users", { name: "Mallory" }],
    ["POST", "/networks", { name: "mine", overlayPrefixes: ["10.99.0.0/16"] }],
    ["GET", "/audit"],
    ["PUT", `/networks/${corp}/routing-policy`, {}],
    ["PUT", `/networks/${corp}/private-prefixes`, { privatePrefixes: [] }],
    ["GET", `/networks/${corp}/enrollment-keys`],
    ["POST", `/networks/${corp}/enrollment-keys`, { for: "device", userId: ada.id }],
    ["PUT", `/networks/${corp}/gateways/${tokyo.id}/access`, { allow: "everyone" }],
    ["PUT", `/devices/${tokyo.id}/roles`, { roles: [] }],
    ["DELETE", `/devices/${tokyo.id}`],
  ] as const;
  for (const [method, path, body] of operatorsOnly) {
    expect(await member.refused(method, path, body, '"0"')).toBe("403 forbidden");
    expect(await device.refused(method, path, body, '"0"')).toBe("403 forbidden");
    expect(await gateway.refused(method, path, body, '"0"')).toBe("403 forbidden");
  }
  expect(await member.refused("POST", "/workspaces", { name: "mine" })).toBe("403 forbidden");

  for (const path of [`/devices/${bobs.id}`, `/devices/${bobs.id}/resolved-path`]) {
    expect(await member.refused("GET", path)).toBe("404 unknown");
    expect(await device.refused("GET", path)).toBe("404 unknown");
  }
  expect(await member.refused("DELETE", `/devices/${bobs.id}`)).toBe("404 unknown");
  expect(await device.refused("GET", `/devices/${phone.id}/resolved-path`)).toBe("403 forbidden");
  expect(await device.refused("DELETE", `/devices/${phone.id}`)).toBe("403 forbidden");
  expect(await device.refused("GET", "/devices")).toBe("403 forbidden");
  const bobsLayer = `/networks/${corp}/users/${bob.id}/routing-preference`;
  expect(await member.refused("PUT", bobsLayer, {}, '"0"')).toBe("404 unknown");
  expect(await gateway.refused("GET", `/networks/${corp}/gateways`)).toBe("403 forbidden");
  expect(await gateway.refused("GET", `/devices/${laptop.id}/resolved-path`)).toBe("404 unknown");
  expect(
    await gateway.refused("POST", `/devices/${tokyo.id}/key-rotation`, { publicKey: newPublicKey() }),
  ).toBe("403 forbidden");

  await member.path(laptop.id);
  await device.path(laptop.id);
  await member.put(`/networks/${corp}/users/me/routing-preference`, { trafficMode: "full_tunnel" });
  await device.put(`/networks/${corp}/users/me/routing-preference`, { trafficMode: "vpn_only" });
  await device.put(`/devices/${laptop.id}/routing-preference`, { trafficMode: "full_tunnel" });
  await member.put(`/devices/${phone.id}/routing-preference`, { trafficMode: "full_tunnel" });
  await device.ok("GET", `/networks/${corp}/gateways`, http.Gateways);
  expect(await acme.operator.refused("GET", `/networks/${corp}/users/me/routing-preference`)).toBe(
    "404 unknown",
  );
});

test("where operators write preferences, members and devices read them", async () => {
  await using plane = await TestPlane.start();
  const acme = await TestWorkspace.create(plane);
  const corp = await acme.network("corp", { preferencesWritableBy: "operators" });
  const ada = await acme.user();
  const laptop = await acme.device(corp, ada.id);
  const layer = `/devices/${laptop.id}/routing-preference`;
  const body = { trafficMode: "full_tunnel" };
  for (const token of [ada.token, laptop.token]) {
    const caller = plane.as(token);
    await caller.ok("GET", layer, z.unknown());
    const refused = await caller.call("PUT", layer, z.unknown(), body, '"0"');
    expect(refused).toMatchObject({ ok: false, status: 403 });
    expect(refused).toMatchObject({ message: expect.stringContaining("set by your operator") as string });
    const user = `/networks/${corp}/users/me/routing-preference`;
    expect(await caller.refused("PUT", user, body, '"0"')).toBe("403 set_by_operator");
  }
  await acme.operator.put(layer, { trafficMode: "full_tunnel" });
  const path = await plane.as(laptop.token).path(laptop.id);
  expect(path.trafficMode).toMatchObject({ value: "full_tunnel", decidedBy: "device" });
});

test("no secret is in the store or the audit log", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nanami-test-"));
  const file = join(folder, "store.sqlite");
  const secrets: string[] = [];
  {
    await using plane = await TestPlane.start({ file });
    const acme = await TestWorkspace.create(plane);
    const corp = await acme.network();
    const ada = await acme.user();
    const key = await acme.key(corp, { for: "device", userId: ada.id });
    const laptop = await acme.enrol(key);
    secrets.push(plane.bootstrap ?? "", acme.operatorToken, ada.token, key, laptop.token);
    const audit = JSON.stringify(await acme.operator.ok("GET", "/audit?limit=500", http.AuditLog));
    for (const secret of secrets) expect(audit).not.toContain(secret);
  }
  const stored = await readFile(file, "latin1");
  expect(stored).toContain("Ada");
  for (const secret of secrets) expect(stored).not.toContain(secret.slice(-43));
  await rm(folder, { recursive: true });
});
