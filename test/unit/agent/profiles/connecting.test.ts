import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RpcRefusal } from "../../../../src/rpc/server.ts";
import { LOCKDOWN } from "../../../../src/tunnel/lockdown.ts";
import { enrolled, FakeEngine, ROOT, startAgent } from "../fixtures.ts";
import { base64, conf } from "./given.ts";

type Device = Awaited<ReturnType<typeof startAgent>>;

async function add(device: Device, name: string, text: string): Promise<string> {
  const { handlers } = device.agent;
  const { digest } = await handlers.importBytes({ bytes: base64(text) }, ROOT);
  const [profile] = await handlers.confirmImport({ digest, choices: [{ index: 0, name }] }, ROOT);
  if (profile === undefined) throw new Error("nothing was imported");
  return profile.id;
}

const ALL = conf({ allowedIps: "0.0.0.0/0, ::/0" });
const up = (device: Device, profile: string) => device.agent.handlers.connect({ profile }, ROOT);

test("a profile is connected without an enrolment, and shown as what is connected", async () => {
  await using device = await startAgent();
  const profile = await add(device, "office", conf());
  const snapshot = await up(device, profile);
  expect(snapshot).toMatchObject({
    profile: { id: profile, name: "office", problem: null },
    enrollment: null,
  });
  expect(device.engine.intent).toMatchObject({ mode: "vpn_only", control: [] });
  expect((await device.agent.handlers.disconnect({}, ROOT)).profile).toBeNull();
  expect(device.engine.calls).toEqual(["apply", "disconnect"]);
});

test("switching between managed and manual, both ways, never passes through nothing", async () => {
  await using world = await enrolled();
  const { device } = world;
  const profile = await add(device, "office", ALL);
  await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  const managed = device.engine.intent;
  await up(device, profile);
  expect(device.engine.intent?.peers[0]?.endpoint.address).toBe("203.0.113.7");
  const back = await device.agent.handlers.connect({}, ROOT);
  expect(back.profile).toBeNull();
  expect(device.engine.intent?.peers).toEqual(managed?.peers);
  expect(new Set(device.engine.calls)).toEqual(new Set(["apply"]));
});

test("while a profile is connected, the control plane neither moves nor closes the tunnel", async () => {
  await using world = await enrolled();
  const { device, plane } = world;
  const profile = await add(device, "office", ALL);
  await up(device, profile);
  const { intent } = device.engine;
  plane.change("network", { trafficMode: "full_tunnel" });
  plane.revoke("removed by an operator");
  await expect.poll(() => device.snapshot.controlPlane.revoked).toBe(true);
  expect(device.engine.intent).toBe(intent);
  expect(device.engine.calls).toEqual(["apply"]);
  expect(device.snapshot.profile?.id).toBe(profile);
});

test("its control plane and the resolvers stay within reach of the agent's own sockets", async () => {
  await using world = await enrolled();
  const { device, plane } = world;
  await up(device, await add(device, "office", ALL));
  const own = { protocol: "tcp", address: "127.0.0.1", port: plane.port };
  expect(device.engine.intent?.control).toEqual([own]);
  await add(device, "named", conf({ endpoint: "vpn.example.com:51820" }));
  const resolver = { protocol: "udp", address: "192.0.2.53", port: 53 };
  await expect.poll(() => device.engine.intent?.control).toEqual([own, resolver]);
});

test("what cannot be connected changes nothing", async () => {
  await using device = await startAgent();
  await up(device, await add(device, "office", conf()));
  const { intent } = device.engine;
  const impossible = [
    conf({ endpoint: "nowhere.example.com:51820" }),
    conf().replaceAll(/Endpoint = .*/g, ""),
  ];
  for (const text of impossible) {
    const other = await add(device, "other", text);
    await expect(up(device, other)).rejects.toThrow(RpcRefusal);
  }
  await expect(up(device, "prf_00000000")).rejects.toThrow(RpcRefusal);
  expect(device.engine.intent?.peers).toEqual(intent?.peers);
  expect(device.snapshot.profile?.name).toBe("office");
});

test("when the engine refuses a profile, the managed path is followed on", async () => {
  await using world = await enrolled();
  const { device, plane } = world;
  await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  const profile = await add(device, "office", ALL);
  const apply = device.engine.apply.bind(device.engine);
  device.engine.apply = () => {
    throw new Error("no such thing");
  };
  await expect(up(device, profile)).rejects.toThrow("no such thing");
  device.engine.apply = apply;
  expect(device.snapshot.profile).toBeNull();
  plane.change("network", { trafficMode: "vpn_only" });
  const { calls } = device.engine;
  const before = calls.length;
  await device.agent.handlers.setPreference({ layer: "device", value: { trafficMode: "vpn_only" } }, ROOT);
  expect(calls.length).toBeGreaterThan(before);
  expect(device.engine.intent?.mode).toBe("vpn_only");
});

test("a change of the connected profile is brought in force, a change of another is not", async () => {
  await using device = await startAgent();
  const { handlers } = device.agent;
  const [one, two] = [await add(device, "one", ALL), await add(device, "two", conf())];
  await up(device, one);
  await handlers.narrowProfile({ id: one, prefixes: ["10.20.0.0/16"] }, ROOT);
  await expect.poll(() => device.engine.intent?.mode).toBe("vpn_only");
  await handlers.renameProfile({ id: one, name: "uno" }, ROOT);
  await expect.poll(() => device.snapshot.profile?.name).toBe("uno");
  const { intent } = device.engine;
  await handlers.narrowProfile({ id: two, prefixes: ["10.7.0.0/25"] }, ROOT);
  await expect.poll(() => device.engine.intent).toEqual(intent);
});

test("an edit that cannot be brought in force is told, and what is in force stays", async () => {
  await using device = await startAgent();
  const { handlers } = device.agent;
  const id = await add(device, "office", ALL);
  await up(device, id);
  const { intent } = device.engine;
  const text = conf({ endpoint: "nowhere.example.com:51820" });
  const { digest } = await handlers.checkEdit({ id, text }, ROOT);
  await handlers.confirmEdit({ id, digest }, ROOT);
  await expect
    .poll(() => device.snapshot.profile?.problem, { timeout: 5_000 })
    .toContain("no address right now");
  expect(device.engine.intent).toEqual(intent);
});

test("after a restart the profile goes on, with the mode that was asked for", async () => {
  await using device = await startAgent();
  const id = await add(device, "office", conf({ allowedIps: "0.0.0.0/0, 10.20.0.0/16" }));
  await device.agent.handlers.connect({ profile: id, mode: "vpn_only" }, ROOT);
  const { intent, status } = device.engine;
  await device.agent.close();
  const engine = new FakeEngine();
  engine.status = status;
  engine.intent = intent;
  await using again = await startAgent({ folder: device.folder, engine });
  await expect.poll(() => engine.calls).toContain("apply");
  expect(engine.intent).toEqual(intent);
  expect(again.snapshot.profile).toMatchObject({ id, name: "office" });
});

test("a profile, or a record of it, that is lost closes instead of opening", async () => {
  for (const damage of ["profile", "record"] as const) {
    await using world = await enrolled();
    const { device } = world;
    await up(device, await add(device, "office", ALL));
    const { intent, status } = device.engine;
    await device.agent.close();
    const state = join(device.folder, "state");
    if (damage === "record") writeFileSync(join(state, "active-profile.json"), "{");
    else for (const file of readdirSync(join(state, "profiles"))) rmSync(join(state, "profiles", file));
    const engine = new FakeEngine();
    engine.status = status;
    engine.intent = intent;
    await using again = await startAgent({ folder: device.folder, engine });
    await expect
      .poll(() => engine.status)
      .toMatchObject({ state: "blocked", reason: { code: "profile_lost" } });
    expect(engine.calls).not.toContain("apply");
    await again.agent.handlers.disconnect({}, ROOT);
    expect(engine.status.state).toBe("disconnected");
  }
});

test("a record of a profile that outlived its tunnel is forgotten", async () => {
  await using device = await startAgent();
  await up(device, await add(device, "office", ALL));
  await device.agent.close();
  await using again = await startAgent({ folder: device.folder });
  expect(again.snapshot.profile).toBeNull();
  expect(again.engine.calls).toEqual([]);
});

test("a record of a profile that outlived its tunnel is forgotten where lockdown could not be put in force", async () => {
  await using device = await startAgent();
  await up(device, await add(device, "office", ALL));
  await device.agent.close();
  const engine = new FakeEngine();
  engine.closing = LOCKDOWN;
  const reason = { code: "not_protected", message: "nft failed", remedy: "install it" };
  engine.status = { state: "connecting", mode: "full_tunnel", since: "2026-01-01T00:00:00.000Z", reason };
  await using again = await startAgent({ folder: device.folder, engine });
  expect(again.snapshot.profile).toBeNull();
  expect(engine.calls).toEqual([]);
});

test("a disconnect that comes while a profile is being prepared wins", async () => {
  await using device = await startAgent();
  const id = await add(device, "office", ALL);
  const connecting = up(device, id);
  await device.agent.handlers.disconnect({}, ROOT);
  await connecting.catch(() => undefined);
  expect(device.engine.status.state).toBe("disconnected");
  expect(device.snapshot.profile).toBeNull();
});
