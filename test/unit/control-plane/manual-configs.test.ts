/** Configurations for plain WireGuard: who may have one, what is in it, and what is left of it. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { z } from "zod";
import * as http from "../../../src/api/http.ts";
import { checkConfig, reportOf } from "../../../src/wireguard/config/check.ts";
import { derivePublicKey, generatePrivateKey } from "../../../src/wireguard/keys.ts";
import { newPublicKey, TestGateway, TestPlane, TestWorkspace, until, type Caller } from "./harness.ts";

type Body = z.input<typeof http.CreateManualConfig>;
type Issued = z.infer<typeof http.CreatedManualConfig>;

let plane: TestPlane;
let acme: TestWorkspace;
let corp: string;
let path: string;
let ada: { id: string; token: string };
let bob: { id: string; token: string };
let member: Caller;
/** Has both roles. */
let tokyo: TestGateway;

beforeEach(async () => {
  plane = await TestPlane.start();
  acme = await TestWorkspace.create(plane);
  corp = await acme.network();
  path = `/networks/${corp}/manual-configs`;
  ada = await acme.user("Ada");
  bob = await acme.user("Bob");
  member = plane.as(ada.token);
  tokyo = await acme.openGateway(corp, "tokyo", 10);
  await until(() => plane.plane.live.health(tokyo.id).healthy);
  return async () => {
    tokyo[Symbol.dispose]();
    await plane[Symbol.asyncDispose]();
  };
});

async function issue(by: Caller, body: Body): Promise<Issued> {
  return (await by.ok("POST", path, http.CreatedManualConfig, body)).body;
}

async function list(by: Caller): Promise<z.infer<typeof http.ManualConfigs>["manualConfigs"]> {
  return (await by.ok("GET", path, http.ManualConfigs)).body.manualConfigs;
}

/** Code and message of the first fault of a refused request. */
async function fault(by: Caller, body: unknown): Promise<string> {
  const got = await by.call("POST", path, null, body);
  if (got.ok || got.kind !== "refused") throw new Error(`not refused: ${JSON.stringify(got)}`);
  const [first] = got.problem.errors ?? [];
  return `${got.status} ${first === undefined ? got.problem.code : `${first.pointer} ${first.code}`}`;
}

const read = (file: string) => checkConfig(Buffer.from(file));
const peerIds = (gateway: TestGateway) => gateway.state.peers.map(({ deviceId }) => deviceId);

describe("the file", () => {
  test("is read by our own reader without a word, and asks for what a device would steer in vpn_only", async () => {
    const { file, manualConfig } = await issue(member, { name: "router" });
    const { findings, verdict, config } = reportOf(read(file));
    expect(findings).toEqual([]);
    expect(verdict).toBe("accepted");
    expect(config).toEqual({
      interface: {
        addresses: manualConfig.addresses,
        dns: ["10.20.0.53"],
        searchDomains: ["corp.test"],
        mtu: null,
        listenPort: null,
      },
      peers: [
        {
          publicKey: (await acme.operator.ok("GET", `/devices/${tokyo.id}`, http.Device)).body.publicKey,
          hasPresharedKey: false,
          endpoint: "198.51.100.10:51820",
          allowedIps: ["10.20.0.0/16", ...tokyo.state.addresses],
          persistentKeepalive: 25,
        },
      ],
    });
  });

  test("asks for everything, in both families, in full_tunnel", async () => {
    const { file } = await issue(member, { name: "router", trafficMode: "full_tunnel" });
    const { findings, config } = reportOf(read(file));
    expect(findings).toEqual([]);
    expect(config?.peers[0]?.allowedIps).toEqual(["0.0.0.0/0", "::/0"]);
  });

  test("carries the network's MTU", async () => {
    const lab = await acme.network("lab", {
      overlayPrefixes: ["100.65.0.0/16"],
      privatePrefixes: [],
      dns: { servers: [], matchDomains: [] },
      mtu: 1380,
    });
    using oslo = await acme.openGateway(lab, "oslo", 50);
    const made = await member.ok("POST", `/networks/${lab}/manual-configs`, http.CreatedManualConfig, {
      name: "router",
      gatewayDeviceId: oslo.id,
    });
    expect(read(made.body.file).config?.interface).toMatchObject({ mtu: 1380, dns: [] });
  });

  test("holds the private key of the public key that gateways are told, generated for this file alone", async () => {
    const made = [await issue(member, { name: "one" }), await issue(member, { name: "two" })];
    for (const { file, manualConfig } of made) {
      const key = read(file).config?.interface.privateKey;
      if (key === undefined) throw new Error("no private key");
      expect(derivePublicKey(key)).toBe(manualConfig.publicKey);
    }
    expect(made[0]?.manualConfig.publicKey).not.toBe(made[1]?.manualConfig.publicKey);
    expect(made[0]?.manualConfig.addresses).not.toEqual(made[1]?.manualConfig.addresses);
  });

  test("for a key that the user keeps is whole but for that key", async () => {
    const key = generatePrivateKey();
    const publicKey = derivePublicKey(key);
    const { file, manualConfig } = await issue(member, { name: "router", publicKey });
    expect(manualConfig.publicKey).toBe(publicKey);
    expect(read(file).verdict).toBe("refused");
    const completed = file.replace(/^# PrivateKey = .*$/m, `PrivateKey = ${key.reveal()}`);
    expect(reportOf(read(completed))).toMatchObject({ verdict: "accepted", findings: [] });
  });

  test("is answered once its gateway knows the key", async () => {
    tokyo.answers = false;
    let answered = false;
    const issuing = issue(member, { name: "router" }).then(() => (answered = true));
    await until(() => tokyo.state.peers.length === 1);
    expect(answered).toBe(false);
    tokyo.apply();
    await issuing;
  });
});

describe("its gateway", () => {
  test("is the least loaded one that the owner may use, and with both roles in full_tunnel", async () => {
    tokyo.line.say({ type: "health", healthy: true, load: 0.9 });
    using osaka = await acme.openGateway(corp, "osaka", 20, ["ingress_gateway"]);
    using secret = await acme.openGateway(corp, "secret", 30);
    await acme.allow(corp, secret.id, [bob.id]);
    await until(() => plane.plane.live.health(tokyo.id).load === 0.9);
    await until(() => plane.plane.live.health(osaka.id).healthy);
    expect((await issue(member, { name: "a" })).manualConfig.gatewayDeviceId).toBe(osaka.id);
    expect(
      (await issue(member, { name: "b", trafficMode: "full_tunnel" })).manualConfig.gatewayDeviceId,
    ).toBe(tokyo.id);
    const pinned = { name: "c", userId: bob.id, gatewayDeviceId: secret.id };
    expect((await issue(acme.operator, pinned)).manualConfig.gatewayDeviceId).toBe(secret.id);
  });

  test("is refused where a rule is broken, by the rights of the owner, whoever asks", async () => {
    using osaka = await acme.openGateway(corp, "osaka", 20, ["ingress_gateway"]);
    using exit = await acme.openGateway(corp, "saopaulo", 40, ["exit_gateway"]);
    const secret = await acme.gateway(corp, "secret", 30);
    const lab = await acme.network("lab", {
      overlayPrefixes: ["100.65.0.0/16"],
      privatePrefixes: [],
      dns: { servers: [], matchDomains: [] },
    });
    const oslo = await acme.gateway(lab, "oslo", 50);
    const bobs = await acme.device(corp, bob.id);
    const globex = await TestWorkspace.create(plane, "globex", acme.operatorToken);
    const lima = await globex.gateway(await globex.network(), "lima", 60);
    const gone = await acme.gateway(corp, "gone", 70);
    await acme.operator.call("DELETE", `/devices/${gone.id}`, null);
    const full = { trafficMode: "full_tunnel" };
    for (const [gatewayDeviceId, code, more] of [
      [secret.id, "access_denied", {}],
      [oslo.id, "wrong_network", {}],
      [lima.id, "unknown_device", {}],
      [gone.id, "unknown_device", {}],
      [bobs.id, "unknown_device", {}],
      ["dev_0000000000000000000000", "unknown_device", {}],
      [exit.id, "missing_role", {}],
      [osaka.id, "missing_role", full],
    ] as const) {
      const body = { name: "router", gatewayDeviceId, ...more };
      expect(await fault(member, body)).toBe(`422 /gatewayDeviceId ${code}`);
      expect(await fault(acme.operator, { ...body, userId: ada.id })).toBe(`422 /gatewayDeviceId ${code}`);
    }
  });

  test("is not invented where none can be", async () => {
    await acme.allow(corp, tokyo.id, []);
    expect(await fault(member, { name: "router" })).toBe("409 no_eligible_gateway");
    await acme.allow(corp, tokyo.id, "everyone");
    using exit = await acme.openGateway(corp, "saopaulo", 40, ["exit_gateway"]);
    await until(() => plane.plane.live.health(exit.id).healthy);
    const roles = { roles: ["ingress_gateway"] };
    await acme.operator.ok("PUT", `/devices/${tokyo.id}/roles`, http.Device, roles, "*");
    await issue(member, { name: "router" });
    const refused = await member.call("POST", path, null, { name: "router", trafficMode: "full_tunnel" });
    expect(refused).toMatchObject({ status: 409, message: expect.stringContaining("at once") as string });
  });
});

test("gateways are told of it exactly as of a device of its owner, and forget both with the grant", async () => {
  using osaka = await acme.openGateway(corp, "osaka", 20, ["ingress_gateway"]);
  const laptop = await acme.device(corp, ada.id);
  const { manualConfig } = await issue(member, { name: "router", gatewayDeviceId: tokyo.id });
  for (const gateway of [tokyo, osaka]) {
    await until(() => gateway.state.peers.length === 2);
    const [a, b] = gateway.state.peers;
    const own = new Set(["deviceId", "name", "publicKey", "addresses"]);
    const shared = (peer: object | undefined) =>
      Object.fromEntries(Object.entries(peer ?? {}).filter(([key]) => !own.has(key)));
    expect(shared(a)).toEqual(shared(b));
    expect(peerIds(gateway).sort()).toEqual([laptop.id, manualConfig.id].sort());
    const peer = gateway.state.peers.find(({ deviceId }) => deviceId === manualConfig.id);
    expect(peer).toMatchObject({ publicKey: manualConfig.publicKey, addresses: manualConfig.addresses });
    expect(peer?.addresses.map((address) => address.split("/")[1])).toEqual(["32", "128"]);
  }
  await acme.allow(corp, tokyo.id, [bob.id]);
  await until(() => tokyo.state.peers.length === 0);
  expect(osaka.state.peers).toHaveLength(2);
});

describe("who", () => {
  test("a member has configurations of their own, an operator makes them for any user of the workspace", async () => {
    const own = (await issue(member, { name: "own" })).manualConfig;
    const bobs = (await issue(acme.operator, { name: "for bob", userId: bob.id })).manualConfig;
    expect(own.ownerId).toBe(ada.id);
    expect(bobs.ownerId).toBe(bob.id);
    const ids = async (by: Caller) => (await list(by)).map(({ id }) => id).sort();
    expect(await ids(member)).toEqual([own.id]);
    expect(await ids(plane.as(bob.token))).toEqual([bobs.id]);
    expect(await ids(acme.operator)).toEqual([own.id, bobs.id].sort());
    expect(await member.refused("DELETE", `${path}/${bobs.id}`)).toBe("404 unknown");
    expect(await member.refused("DELETE", `${path}/cfg_0000000000000000000000`)).toBe("404 unknown");
  });

  test("nobody makes one in another's name", async () => {
    expect(await fault(member, { name: "router", userId: bob.id })).toBe("404 unknown");
    expect(await fault(member, { name: "router", userId: "usr_0000000000000000000000" })).toBe("404 unknown");
    expect(await fault(acme.operator, { name: "router" })).toBe("422 /userId required");
    const globex = await TestWorkspace.create(plane, "globex", acme.operatorToken);
    const eve = await globex.user("Eve");
    expect(await fault(acme.operator, { name: "router", userId: eve.id })).toBe("422 /userId unknown_user");
    expect(await fault(plane.as(eve.token), { name: "router" })).toBe("404 unknown");
  });

  test("devices and gateways make, see and revoke none", async () => {
    const { manualConfig } = await issue(member, { name: "router" });
    const laptop = await acme.device(corp, ada.id);
    for (const token of [laptop.token, tokyo.token]) {
      const caller = plane.as(token);
      expect(await fault(caller, { name: "router" })).toBe("403 forbidden");
      expect(await caller.refused("GET", path)).toBe("403 forbidden");
      expect(await caller.refused("DELETE", `${path}/${manualConfig.id}`)).toBe("403 forbidden");
    }
    expect(await list(member)).toHaveLength(1);
  });

  test("one person has 64 in force at most", async () => {
    const [first] = await Promise.all(
      Array.from({ length: 64 }, (_, number) => issue(member, { name: `router ${number}` })),
    );
    expect(await fault(member, { name: "one more" })).toBe("409 too_many_configs");
    await issue(plane.as(bob.token), { name: "router" });
    await member.call("DELETE", `${path}/${first?.manualConfig.id ?? ""}`, null);
    await issue(member, { name: "one more" });
  });
});

test.each([
  ["no name", {}, "400 /name invalid_type"],
  ["a name of two lines", { name: "a\nPostUp = id" }, "400 /name invalid_format"],
  ["a mode that does not exist", { name: "a", trafficMode: "split" }, "400 /trafficMode invalid_value"],
  ["a key with spare bits", { name: "a", publicKey: `${"A".repeat(42)}B=` }, "400 /publicKey invalid_format"],
  ["a zero key", { name: "a", publicKey: `${"A".repeat(43)}=` }, "422 /publicKey invalid_key"],
  ["a private key", { name: "a", privateKey: newPublicKey() }, "400 /privateKey unknown_field"],
  [
    "an address of its own choice",
    { name: "a", addresses: ["100.64.0.2/32"] },
    "400 /addresses unknown_field",
  ],
  ["a gateway by name", { name: "a", gatewayDeviceId: "tokyo" }, "400 /gatewayDeviceId invalid_format"],
])("bad input is told apart: %s", async (_what, body, told) => {
  expect(await fault(member, body)).toBe(told);
  expect(await list(acme.operator)).toEqual([]);
});

test("a key or an address never has two holders, whoever held it", async () => {
  const publicKey = newPublicKey();
  const { manualConfig } = await issue(member, { name: "router", publicKey });
  expect(await fault(plane.as(bob.token), { name: "mine", publicKey })).toBe("409 public_key_in_use");
  const key = await acme.key(corp, { for: "device", userId: bob.id });
  expect(await member.refused("POST", "/enrollments", { key, publicKey, name: "laptop" })).toBe(
    "409 public_key_in_use",
  );
  const laptop = await acme.enrol(key);
  const rotation = `/devices/${laptop.id}/key-rotation`;
  expect(await plane.as(laptop.token).refused("POST", rotation, { publicKey })).toBe("409 public_key_in_use");
  const gatewayKey = (await acme.operator.ok("GET", `/devices/${tokyo.id}`, http.Device)).body.publicKey;
  expect(await fault(member, { name: "gateway", publicKey: gatewayKey })).toBe("409 public_key_in_use");

  await member.call("DELETE", `${path}/${manualConfig.id}`, null);
  expect(await fault(member, { name: "again", publicKey })).toBe("409 public_key_in_use");
  const next = (await issue(member, { name: "next" })).manualConfig;
  const { addresses } = (await acme.operator.ok("GET", `/devices/${laptop.id}`, http.Device)).body;
  for (const taken of [...manualConfig.addresses, ...addresses]) expect(next.addresses).not.toContain(taken);
});

test("a revoked configuration is forgotten by its gateways and stays in the list", async () => {
  const kept = (await issue(member, { name: "kept" })).manualConfig;
  const { id } = (await issue(member, { name: "lost" })).manualConfig;
  await until(() => tokyo.state.peers.length === 2);
  await member.call("DELETE", `${path}/${id}`, null);
  await until(() => tokyo.state.peers.length === 1);
  expect(peerIds(tokyo)).toEqual([kept.id]);
  const listed = await list(member);
  expect(listed.map((config) => [config.name, config.revokedAt === null])).toEqual([
    ["kept", true],
    ["lost", false],
  ]);
  expect(listed[0]).toEqual(kept);
  // Once more changes nothing.
  const { version } = tokyo.state;
  expect(await member.call("DELETE", `${path}/${id}`, null)).toMatchObject({ ok: true, status: 204 });
  expect(await list(member)).toEqual(listed);
  expect(tokyo.state.version).toBe(version);
});

describe("a store of its own", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "nanami-test-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("over a restart everything is kept but the private key, which nobody has", async () => {
    const file = join(folder, "store.sqlite");
    const first = await TestPlane.start({ file });
    const globex = await TestWorkspace.create(first, "globex");
    const net = await globex.network();
    const oslo = await globex.openGateway(net, "oslo", 10);
    await until(() => first.plane.live.health(oslo.id).healthy);
    const eve = await globex.user("Eve");
    const where = `/networks/${net}/manual-configs`;
    const { body } = await first
      .as(eve.token)
      .ok("POST", where, http.CreatedManualConfig, { name: "router" });
    const secret = read(body.file).config?.interface.privateKey.reveal() ?? "";
    expect(secret).toHaveLength(44);
    const audit = await globex.operator.ok("GET", "/audit", http.AuditLog);
    expect(audit.body.entries[0]).toMatchObject({
      actor: { kind: "member", id: eve.id },
      action: "manual-config.create",
      object: body.manualConfig.id,
      before: null,
      after: body.manualConfig,
    });
    expect(JSON.stringify(audit)).not.toContain(secret.slice(0, 43));
    await first[Symbol.asyncDispose]();
    const stored = Buffer.concat(
      await Promise.all(["", "-wal"].map((end) => readFile(file + end).catch(() => Buffer.alloc(0)))),
    ).toString("latin1");
    expect(stored).toContain(body.manualConfig.publicKey);
    expect(stored).not.toContain(secret.slice(0, 43));

    await using second = await TestPlane.start({ file });
    const listed = await second.as(eve.token).ok("GET", where, http.ManualConfigs);
    expect(listed.body.manualConfigs).toEqual([body.manualConfig]);
    using gateway = await TestGateway.connect(second, oslo.id, oslo.token);
    expect(peerIds(gateway)).toEqual([body.manualConfig.id]);
    await second.as(eve.token).call("DELETE", `${where}/${body.manualConfig.id}`, null);
    await until(() => gateway.state.peers.length === 0);
  });
});
