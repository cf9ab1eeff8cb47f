/** Another workspace's objects look exactly like objects that do not exist. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Method } from "../../../src/api/client.ts";
import * as http from "../../../src/api/http.ts";
import { newPublicKey, TestPlane, TestWorkspace, type TestDevice } from "./harness.ts";

let plane: TestPlane;
let acme: TestWorkspace;
let globex: TestWorkspace;
let corp: string;
let theirs: string;
let ada: { id: string; token: string };
let eve: { id: string; token: string };
let laptop: TestDevice;
let tokyo: TestDevice;
let evesLaptop: TestDevice;
let lima: TestDevice;
let evesConfig: string;

beforeAll(async () => {
  plane = await TestPlane.start();
  acme = await TestWorkspace.create(plane);
  globex = await TestWorkspace.create(plane, "globex", acme.operatorToken);
  corp = await acme.network();
  theirs = await globex.network();
  [ada, eve] = [await acme.user("Ada"), await globex.user("Eve")];
  laptop = await acme.device(corp, ada.id);
  evesLaptop = await globex.device(theirs, eve.id);
  tokyo = await acme.gateway(corp, "tokyo", 10);
  lima = await globex.gateway(theirs, "lima", 60);
  await globex.allow(theirs, lima.id, "everyone");
  const { body } = await plane
    .as(eve.token)
    .ok("POST", `/networks/${theirs}/manual-configs`, http.CreatedManualConfig, {
      name: "router",
      gatewayDeviceId: lima.id,
    });
  evesConfig = body.manualConfig.id;
});
afterAll(() => plane[Symbol.asyncDispose]());

const missing = (kind: string): string => `${kind}_0000000000000000000000`;

/** Answer with status, type, headers that could tell, and every byte of the body. */
async function raw(token: string, method: Method, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${plane.origin}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      "if-match": '"0"',
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const headers = Object.fromEntries(
    [...response.headers].filter(([name]) => !name.startsWith("x-ratelimit") && name !== "date"),
  );
  return { status: response.status, headers, body: await response.text() };
}

const surfaces: readonly (readonly [Method, (ids: Ids) => string, unknown?])[] = [
  ["GET", ({ network }) => `/networks/${network}`],
  ["PUT", ({ network }) => `/networks/${network}/private-prefixes`, { privatePrefixes: [] }],
  ["GET", ({ network }) => `/networks/${network}/routing-policy`],
  ["PUT", ({ network }) => `/networks/${network}/routing-policy`, {}],
  ["GET", ({ network }) => `/networks/${network}/users/me/routing-preference`],
  ["GET", ({ network, user }) => `/networks/${network}/users/${user}/routing-preference`],
  ["PUT", ({ network, user }) => `/networks/${network}/users/${user}/routing-preference`, {}],
  ["GET", ({ network }) => `/networks/${network}/gateways`],
  ["GET", ({ network }) => `/networks/${network}/enrollment-keys`],
  [
    "POST",
    ({ network }) => `/networks/${network}/enrollment-keys`,
    { for: "device", userId: missing("usr") },
  ],
  ["GET", ({ network, gateway }) => `/networks/${network}/gateways/${gateway}/access`],
  ["PUT", ({ network, gateway }) => `/networks/${network}/gateways/${gateway}/access`, { allow: [] }],
  ["GET", ({ network }) => `/networks/${network}/manual-configs`],
  ["POST", ({ network }) => `/networks/${network}/manual-configs`, { name: "router" }],
  ["DELETE", ({ network, config }) => `/networks/${network}/manual-configs/${config}`],
  ["GET", ({ device }) => `/devices/${device}`],
  ["PUT", ({ device }) => `/devices/${device}/roles`, { roles: [] }],
  ["GET", ({ device }) => `/devices/${device}/routing-preference`],
  ["PUT", ({ device }) => `/devices/${device}/routing-preference`, {}],
  ["GET", ({ device }) => `/devices/${device}/resolved-path`],
  ["POST", ({ device }) => `/devices/${device}/resolved-path/preview`, { layers: {} }],
  ["POST", ({ device }) => `/devices/${device}/key-rotation`, { publicKey: newPublicKey() }],
  ["DELETE", ({ device }) => `/devices/${device}`],
];

interface Ids {
  readonly network: string;
  readonly user: string;
  readonly device: string;
  readonly gateway: string;
  readonly config: string;
}

describe.each(surfaces.map(([method, path, body]) => ({ method, path, body })))(
  "$method $path",
  ({ method, path, body }) => {
    test.each(["operator", "member", "device", "gateway"] as const)("%s", async (who) => {
      const token = {
        operator: acme.operatorToken,
        member: ada.token,
        device: laptop.token,
        gateway: tokyo.token,
      }[who];
      const foreign = {
        network: theirs,
        user: eve.id,
        device: evesLaptop.id,
        gateway: lima.id,
        config: evesConfig,
      };
      const absent = {
        network: missing("net"),
        user: missing("usr"),
        device: missing("dev"),
        gateway: missing("dev"),
        config: missing("cfg"),
      };
      const answer = await raw(token, method, path(foreign), body);
      expect(answer).toMatchObject({ status: 404 });
      expect(answer).toEqual(await raw(token, method, path(absent), body));
    });
  },
);

test("a foreign gateway is as unknown through one's own network as an absent one", async () => {
  const path = (id: string): string => `/networks/${corp}/gateways/${id}/access`;
  const foreign = await raw(acme.operatorToken, "PUT", path(lima.id), { allow: "everyone" });
  expect(foreign).toEqual(await raw(acme.operatorToken, "PUT", path(missing("dev")), { allow: "everyone" }));
  expect(foreign).toMatchObject({ status: 404 });
});

test("a foreign configuration is as unknown through one's own network as an absent one", async () => {
  const path = (id: string): string => `/networks/${corp}/manual-configs/${id}`;
  const foreign = await raw(acme.operatorToken, "DELETE", path(evesConfig));
  expect(foreign).toEqual(await raw(acme.operatorToken, "DELETE", path(missing("cfg"))));
  expect(foreign).toMatchObject({ status: 404 });
});

test("a configuration is no device: not to be read, pinned, previewed or removed as one", async () => {
  const own = globex.operator;
  for (const path of [`/devices/${evesConfig}`, `/devices/${evesConfig}/resolved-path`])
    expect(await own.refused("GET", path)).toBe("404 unknown");
  expect(await own.refused("DELETE", `/devices/${evesConfig}`)).toBe("404 unknown");
  const key = { publicKey: newPublicKey() };
  expect(await own.refused("POST", `/devices/${evesConfig}/key-rotation`, key)).toBe("404 unknown");
  const selection = { routingMode: "manual", ingressDeviceId: evesConfig, egressDeviceId: null };
  const pin = await own.call("PUT", `/networks/${theirs}/routing-policy`, null, { selection }, "*");
  expect(pin).toMatchObject({ problem: { errors: [{ code: "unknown_device" }] } });
  expect(JSON.stringify(await own.ok("GET", "/devices", http.Devices))).not.toContain(evesConfig);
});

test("a foreign user cannot be given access or a key, and looks like an absent one", async () => {
  const path = `/networks/${corp}/gateways/${tokyo.id}/access`;
  const strip = (answer: unknown, id: string): string => JSON.stringify(answer).replaceAll(id, "ID");
  const foreign = strip(await raw(acme.operatorToken, "PUT", path, { allow: [eve.id] }), eve.id);
  const absent = missing("usr");
  expect(foreign).toBe(strip(await raw(acme.operatorToken, "PUT", path, { allow: [absent] }), absent));
  expect(foreign).toContain("unknown_user");
  const keys = `/networks/${corp}/enrollment-keys`;
  expect(await acme.operator.refused("POST", keys, { for: "device", userId: eve.id })).toBe("422 invalid");
});

test("lists hold what is one's own", async () => {
  const text = async (token: string, path: string): Promise<string> =>
    JSON.stringify(await raw(token, "GET", path));
  for (const path of ["/workspaces", "/users", "/networks", "/devices", "/audit"]) {
    const seen = await text(acme.operatorToken, path);
    for (const id of [globex.id, theirs, eve.id, evesLaptop.id, lima.id, evesConfig])
      expect(seen).not.toContain(id);
  }
  const bob = await acme.user("Bob");
  const bobs = await acme.device(corp, bob.id, "bobs");
  expect(await text(ada.token, "/users")).not.toContain(bob.id);
  const devices = await text(ada.token, "/devices");
  expect(devices).toContain(laptop.id);
  expect(devices).not.toContain(bobs.id);
  expect(devices).not.toContain(tokyo.id);
});

test("making a second workspace gives its maker nothing inside it", async () => {
  expect(await acme.operator.refused("GET", `/networks/${theirs}`)).toBe("404 unknown");
  expect(await globex.operator.refused("GET", `/networks/${corp}`)).toBe("404 unknown");
});
