import { readFileSync, readdirSync, statSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { RpcRefusal } from "../../../src/rpc/server.ts";
import { LOCKDOWN } from "../../../src/tunnel/lockdown.ts";
import {
  DEVICE,
  enrolled,
  FakeControlPlane,
  FakeEngine,
  FRANKFURT,
  json,
  pathFor,
  problem,
  ROOT,
  startAgent,
  TOKYO,
} from "./fixtures.ts";

async function refusalOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(RpcRefusal);
  return (error as RpcRefusal).problem;
}

test("an agent that is not enrolled says so to every request that needs an enrolment", async () => {
  await using device = await startAgent();
  const { handlers } = device.agent;
  for (const work of [
    handlers.connect({}, ROOT),
    handlers.gateways({}, ROOT),
    handlers.getPreferences({}, ROOT),
    handlers.previewPath({ layers: {} }, ROOT),
    handlers.logout({}, ROOT),
  ]) {
    const refused = await refusalOf(work);
    expect(refused.code).toBe("not_enrolled");
    expect(refused.remedy).toContain("nanami enroll");
  }
});

test("a disconnect works without an enrolment", async () => {
  await using device = await startAgent();
  expect((await device.agent.handlers.disconnect({}, ROOT)).tunnel.state).toBe("disconnected");
});

test("enrolment makes the key here, keeps it to root, and shows what was enrolled", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  expect(device.snapshot.enrollment).toMatchObject({ deviceId: DEVICE, workspaceName: "acme" });
  const stored = readFileSync(join(device.folder, "state", "identity.json"), "utf8");
  const { privateKey } = JSON.parse(stored) as { privateKey: string };
  expect(statSync(join(device.folder, "state")).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(join(device.folder, "state")))
    expect(statSync(join(device.folder, "state", name)).mode & 0o077).toBe(0);
  expect(JSON.stringify(device.snapshot)).not.toContain(privateKey);
  expect(device.logged.join("\n")).not.toContain(privateKey);
  expect(device.logged.join("\n")).not.toContain("token-of-the-device");
  expect(JSON.stringify(device.memory)).not.toContain(privateKey);
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  await expect
    .poll(() => plane.received[0])
    .toEqual({ type: "hello", epoch: { lineage: "first", number: 1 } });
});

test("a broken link and an expired key are refused with the remedy, and nothing is kept", async () => {
  const plane = await FakeControlPlane.start();
  await using device = await startAgent();
  const broken = await refusalOf(device.agent.handlers.enroll({ link: "https://example.com/" }, ROOT));
  expect(broken.code).toBe("bad_request");
  const link = plane.link.replace("0123456789", "9876543210");
  const expired = await refusalOf(device.agent.handlers.enroll({ link }, ROOT));
  expect(expired).toMatchObject({ code: "refused", message: "No such key." });
  expect(expired.remedy).toContain("new enrolment link");
  expect(expired.reason).toBe("link_refused");
  // A face says the control plane's code in its own language.
  expect(expired.facts).toMatchObject({ problem: expect.any(String) as string, detail: "No such key." });
  const expiredAt = "2026-01-02T12:00:00.000Z";
  for (const [code, more, told] of [
    ["enrollment_key_used", {}, { reason: "link_used" }],
    ["enrollment_key_expired", { expiredAt }, { reason: "link_expired", facts: { expiredAt } }],
    // A control plane of before says it in its sentence alone.
    ["enrollment_key_expired", {}, { reason: "link_refused" }],
  ] as const) {
    plane.intercept = (_, response) => {
      json(response, 403, {
        type: "about:blank",
        title: "Refused",
        status: 403,
        code,
        detail: "No.",
        ...more,
      });
      return true;
    };
    const refused = await refusalOf(device.agent.handlers.enroll({ link: plane.link }, ROOT));
    expect(refused).toMatchObject({ code: "refused", message: "No.", ...told });
  }
  plane.intercept = () => false;
  expect(device.snapshot.enrollment).toBeNull();
  await plane.stop();
  const away = await refusalOf(device.agent.handlers.enroll({ link: plane.link }, ROOT));
  expect(away.code).toBe("control_plane_unreachable");
});

test("connect asks the engine for the path: the ingress alone in vpn_only", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  const snapshot = await device.agent.handlers.connect({}, ROOT);
  expect(snapshot.tunnel).toMatchObject({ state: "connected", mode: "vpn_only" });
  expect(device.engine.intent?.peers.map((peer) => peer.name)).toEqual(["tokyo"]);
  expect(device.engine.intent?.control).toEqual([
    { protocol: "tcp", address: "127.0.0.1", port: plane.port },
  ]);
});

test("connect and settings answer when what was asked for is in force, and not before", async () => {
  await using both = await enrolled();
  const { agent, engine } = both.device;
  for (const ask of [
    () => agent.handlers.connect({}, ROOT),
    () => agent.handlers.setSettings({ localNetwork: "block" }, ROOT),
  ]) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    engine.inForce = promise;
    let answered = false;
    const asking = ask().then(() => (answered = true));
    await expect.poll(() => engine.intent).not.toBeNull();
    await new Promise((later) => setTimeout(later, 50));
    expect(answered).toBe(false);
    resolve(undefined);
    await asking;
  }
});

test("nobody is told of more than is in force, nor later than it is", async () => {
  await using both = await enrolled();
  const { agent, engine } = both.device;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  engine.realising = promise;
  const asking = agent.handlers.connect({}, ROOT);
  await expect.poll(() => engine.status.state).toBe("connected");
  await new Promise((later) => setTimeout(later, 50));
  expect(both.device.snapshot).toMatchObject({ tunnel: { state: "disconnected" }, inForce: null });
  engine.realising = null;
  resolve(undefined);
  await expect.poll(() => both.device.snapshot.tunnel.state).toBe("connected");
  expect(both.device.snapshot.inForce).not.toBeNull();
  await asking;
});

test("connect with a mode writes it to the device layer first, and only once", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  const snapshot = await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  expect(snapshot.tunnel).toMatchObject({ state: "connected", mode: "full_tunnel" });
  expect(plane.preferences.get("device")).toEqual({ value: { trafficMode: "full_tunnel" }, version: 1 });
  expect(snapshot.path?.trafficMode.decidedBy).toBe("device");
  await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  expect(plane.preferences.get("device")?.version).toBe(1);
  expect(device.engine.calls).toEqual(["apply"]);
});

test("a mode whose storing was not waited for is not stored over one that was chosen since", async () => {
  await using both = await enrolled({ requestTimeoutMs: 5_000 });
  const { device, plane } = both;
  const held = Promise.withResolvers<ServerResponse>();
  plane.intercept = (request, response) => {
    if (request.method !== "PUT") return false;
    held.resolve(response);
    return true;
  };
  const full = await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  expect(full.unsaved).toMatchObject({ value: { trafficMode: "full_tunnel" } });
  plane.intercept = () => false;
  const narrow = await device.agent.handlers.connect({ mode: "vpn_only" }, ROOT);
  expect(narrow).toMatchObject({ unsaved: null, tunnel: { mode: "vpn_only" } });
  const stored = plane.preferences.get("device");
  expect(stored?.value).toEqual({ trafficMode: "vpn_only" });
  // What was sent first arrives last.
  problem(await held.promise, 412, "stale", "Somebody was faster");
  await new Promise((later) => setTimeout(later, 200));
  expect(plane.preferences.get("device")).toEqual(stored);
  expect(device.engine.intent?.mode).toBe("vpn_only");
});

test("a mode that is chosen back before the path of the first choice came is stored all the same", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await device.agent.handlers.connect({ mode: "vpn_only" }, ROOT);
  // Every path from now on is on its way for longer than this test.
  const here = plane.path;
  plane.push = () => (plane.path = here);
  await device.agent.handlers.setPreference({ layer: "device", value: { trafficMode: "full_tunnel" } }, ROOT);
  await device.agent.handlers.connect({ mode: "vpn_only" }, ROOT);
  expect(plane.preferences.get("device")?.value).toEqual({ trafficMode: "vpn_only" });
});

test("a changed path is applied while connected, and only shown while not", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  plane.change("network", { trafficMode: "full_tunnel" });
  await expect.poll(() => device.snapshot.path?.epoch.number).toBe(2);
  expect(device.engine.calls).toEqual([]);
  await device.agent.handlers.connect({}, ROOT);
  plane.change("network", {
    selection: { routingMode: "manual", ingressDeviceId: FRANKFURT.deviceId, egressDeviceId: null },
  });
  await expect.poll(() => device.engine.intent?.peers[0]?.name).toBe("frankfurt");
});

test.each([
  ["an older epoch", () => JSON.stringify({ type: "path.changed", path: pathFor({}, 1) })],
  [
    "another device's path",
    () => JSON.stringify({ type: "path.changed", path: pathFor({}, 9, { deviceId: "dev_bbbbbbbbbbbb" }) }),
  ],
  ["garbage", () => "}{"],
  ["an event that does not exist", () => JSON.stringify({ type: "reboot" })],
  [
    "a path with a field too many",
    () => JSON.stringify({ type: "path.changed", path: { ...pathFor({}, 9), run: "rm -rf /" } }),
  ],
])("%s from the control plane leaves the tunnel as it was", async (_name, text) => {
  await using both = await enrolled();
  const { device, plane } = both;
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  plane.change("network", { trafficMode: "full_tunnel" });
  await expect.poll(() => device.snapshot.path?.epoch.number).toBe(2);
  await device.agent.handlers.connect({}, ROOT);
  const before = device.engine.intent;
  plane.say(text());
  // What comes after it arrives after it was dealt with.
  await expect
    .poll(() => {
      plane.push(pathFor({ network: { trafficMode: "full_tunnel" } }, 20));
      return device.snapshot.path?.epoch.number;
    })
    .toBe(20);
  expect(device.engine.intent).toBe(before);
  expect(device.engine.calls).toEqual(["apply"]);
});

test("a control plane that talks garbage is said in words, and what is connected stays", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await device.agent.handlers.connect({}, ROOT);
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  plane.greeting = () => null;
  plane.say("<html>");
  await expect.poll(() => device.snapshot.controlPlane.problem).toContain("not part of the contract");
  expect(device.snapshot.tunnel.state).toBe("connected");
  expect(device.engine.calls).toEqual(["apply"]);
});

test.each([
  ["an endpoint on this very machine", { ingress: { ...TOKYO, endpoint: "127.0.0.1:51820" } }, "loopback"],
  [
    "an endpoint inside its own tunnel",
    { ingress: { ...TOKYO, endpoint: "10.20.0.9:51820" } },
    "inside the network",
  ],
  ["everything as a private prefix", { privatePrefixes: ["0.0.0.0/0"] }, "no private network"],
])("a path with %s is refused with the reason, and the tunnel stays", async (_name, change, words) => {
  await using both = await enrolled();
  const { device, plane } = both;
  await device.agent.handlers.connect({}, ROOT);
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  const before = device.engine.intent;
  plane.push(pathFor({}, 5, change));
  await expect.poll(() => device.snapshot.controlPlane.problem).toContain(words);
  expect(device.snapshot.controlPlane.problem).toContain("stays as it was");
  expect(device.engine.intent).toBe(before);
  plane.push(pathFor({}, 6));
  await expect.poll(() => device.snapshot.controlPlane.problem).toBeNull();
});

test("a path that cannot be used refuses the connect", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  plane.push(pathFor({}, 5, { privatePrefixes: ["127.0.0.0/8"] }));
  await expect.poll(() => device.snapshot.path?.epoch.number).toBe(5);
  expect(await refusalOf(device.agent.handlers.connect({}, ROOT))).toMatchObject({ code: "refused" });
  expect(device.engine.calls).toEqual([]);
});

test("a path of another lineage is taken whatever its number", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  plane.push(pathFor({}, 7));
  plane.push(pathFor({}, 2, { lineage: "restored" }));
  await expect.poll(() => device.snapshot.path?.epoch).toEqual({ lineage: "restored", number: 2 });
});

test("a pin that went stale closes what was connected and refuses what was not", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  const selection = {
    routingMode: "manual",
    ingressDeviceId: "dev_gone000000",
    egressDeviceId: null,
  } as const;
  plane.change("user", { selection });
  await expect.poll(() => device.snapshot.path?.status).toBe("unavailable");
  const refused = await refusalOf(device.agent.handlers.connect({}, ROOT));
  expect(refused).toMatchObject({ code: "unavailable" });
  expect(refused.message).toContain("dev_gone000000");
  plane.change("user", {});
  await expect.poll(() => device.snapshot.path?.status).toBe("ready");
  await device.agent.handlers.connect({}, ROOT);
  plane.change("user", { selection });
  await expect.poll(() => device.snapshot.tunnel.state).toBe("blocked");
  expect(device.engine.intent?.peers).toEqual([]);
  plane.change("user", {});
  await expect.poll(() => device.snapshot.tunnel.state).toBe("connected");
});

test("a revoked device stays closed if it was closed, says why, and can be disconnected", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await device.agent.handlers.connect({}, ROOT);
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  plane.revoke("removed by ada");
  await expect.poll(() => device.snapshot.tunnel.state).toBe("blocked");
  expect(device.snapshot.controlPlane).toMatchObject({ connected: false, revoked: true });
  expect(device.snapshot.controlPlane.problem).toContain("removed by ada");
  expect((await refusalOf(device.agent.handlers.connect({}, ROOT))).message).toContain("removed by ada");
  expect(device.snapshot.tunnel.state).toBe("blocked");
  expect((await device.agent.handlers.disconnect({}, ROOT)).tunnel.state).toBe("disconnected");
});

test("a revoked device that was open stays open", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  plane.revoke("removed by ada");
  await expect.poll(() => device.snapshot.controlPlane.revoked).toBe(true);
  expect(device.engine.calls).toEqual([]);
});

test("a disconnect never waits for the control plane", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await device.agent.handlers.connect({}, ROOT);
  plane.intercept = () => true;
  const waiting = refusalOf(device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT));
  const started = performance.now();
  expect((await device.agent.handlers.disconnect({}, ROOT)).tunnel.state).toBe("disconnected");
  expect(performance.now() - started).toBeLessThan(200);
  // Nor does a connect that waits for the control plane go on after it.
  expect(await waiting).toMatchObject({ code: "conflict" });
  expect(device.engine.status.state).toBe("disconnected");
});

test("a disconnect that could not put everything back is told, and can be repeated", async () => {
  await using both = await enrolled();
  const { device } = both;
  await device.agent.handlers.connect({}, ROOT);
  device.engine.failsToDisconnect = true;
  expect((await refusalOf(device.agent.handlers.disconnect({}, ROOT))).message).toContain("a route is stuck");
  device.engine.failsToDisconnect = false;
  expect((await device.agent.handlers.disconnect({}, ROOT)).tunnel.state).toBe("disconnected");
});

test("an answer that never comes and an answer that is no answer are told apart from a refusal", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  plane.intercept = () => true;
  expect(await refusalOf(device.agent.handlers.gateways({}, ROOT))).toMatchObject({
    code: "control_plane_unreachable",
  });
  plane.intercept = (_request, response) => {
    response.end("<html>Sign in to this Wi-Fi</html>");
    return true;
  };
  const garbage = await refusalOf(device.agent.handlers.gateways({}, ROOT));
  expect(garbage.code).toBe("control_plane_unreachable");
  expect(garbage.message).toContain("not a Nanami control plane");
  plane.intercept = (_request, response) => {
    problem(response, 403, "forbidden", "Not yours");
    return true;
  };
  expect(await refusalOf(device.agent.handlers.gateways({}, ROOT))).toMatchObject({
    code: "not_permitted",
    message: "Not yours",
    facts: { problem: "forbidden", detail: "Not yours" },
  });
});

test("gateways come with what is chosen", async () => {
  await using both = await enrolled();
  const [row] = await both.device.agent.handlers.gateways({}, ROOT);
  expect(row?.ends.map((end) => end.chosen)).toEqual([true, true]);
});

test("a restart goes on with what was connected, over the stored path, without the control plane", async () => {
  const plane = await FakeControlPlane.start();
  await using first = await startAgent();
  await first.agent.handlers.enroll({ link: plane.link }, ROOT);
  await first.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  await expect
    .poll(() => readFileSync(join(first.folder, "state", "routing.json"), "utf8"))
    .toContain('"inForce":{');
  await first.agent.close();
  await plane.stop();
  const engine = new FakeEngine();
  engine.status = { state: "connecting", mode: "full_tunnel", since: "2026-01-01T00:00:00.000Z" };
  engine.intent = first.engine.intent;
  await using second = await startAgent({ folder: first.folder, engine });
  await expect.poll(() => engine.calls).toContain("apply");
  expect(engine.intent?.mode).toBe("full_tunnel");
  expect(second.snapshot.path?.trafficMode.value).toBe("full_tunnel");
  await expect.poll(() => second.snapshot.controlPlane.problem).not.toBeNull();
});

test("a restart after a disconnect connects nothing", async () => {
  await using both = await enrolled();
  await both.device.agent.handlers.connect({}, ROOT);
  await both.device.agent.handlers.disconnect({}, ROOT);
  await both.device.agent.close();
  await using second = await startAgent({ folder: both.device.folder });
  await expect.poll(() => second.snapshot.controlPlane.connected).toBe(true);
  expect(second.engine.calls).toEqual([]);
});

test("a lost record of the engine stays closed until somebody decides", async () => {
  await using both = await enrolled();
  await both.device.agent.close();
  const engine = new FakeEngine();
  const reason = { code: "record_lost", message: "lost", remedy: "connect" };
  engine.status = { state: "blocked", mode: "full_tunnel", since: "2026-01-01T00:00:00.000Z", reason };
  await using second = await startAgent({ folder: both.device.folder, engine });
  await expect.poll(() => second.snapshot.controlPlane.connected).toBe(true);
  both.plane.push(pathFor({}, 5));
  await expect.poll(() => second.snapshot.path?.epoch.number).toBe(5);
  expect(engine.calls).toEqual([]);
  await second.agent.handlers.connect({}, ROOT);
  expect(engine.calls).toEqual(["apply"]);
});

/** A status of an engine that goes on with what an earlier life left. */
const found = <const State extends "connecting" | "blocked">(state: State, code: string) => ({
  ...({ state, mode: "full_tunnel", since: "2026-01-01T00:00:00.000Z" } as const),
  reason: { code, message: "nft failed", remedy: "It is tried again by itself." },
});

test.each([
  [
    "a lockdown that could not be put in force",
    LOCKDOWN,
    { state: "disconnected", reason: found("blocked", "lockdown_not_in_force").reason } as const,
  ],
  [
    "closing after a lost record that could not be done",
    { code: "record_lost", message: "lost", remedy: "connect" },
    found("connecting", "not_protected"),
  ],
  ["a disconnect that fails again", null, found("blocked", "program_failed")],
])("at the start, %s is nobody's wish to connect", async (_, closing, status) => {
  await using both = await enrolled();
  await both.device.agent.close();
  const engine = new FakeEngine();
  engine.closing = closing;
  engine.status = status;
  await using second = await startAgent({ folder: both.device.folder, engine });
  await expect.poll(() => second.snapshot.controlPlane.connected).toBe(true);
  both.plane.push(pathFor({}, 5));
  await expect.poll(() => second.snapshot.path?.epoch.number).toBe(5);
  expect(engine.calls).toEqual([]);
  await second.agent.handlers.connect({}, ROOT);
  expect(engine.calls).toEqual(["apply"]);
});

test("logging out disconnects, forgets the identity, and does not depend on the control plane", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await device.agent.handlers.connect({}, ROOT);
  plane.intercept = (request, response) => {
    if (request.method !== "DELETE") return false;
    json(response, 500, {});
    return true;
  };
  await device.agent.handlers.logout({}, ROOT);
  expect(device.snapshot).toMatchObject({ enrollment: null, path: null, tunnel: { state: "disconnected" } });
  expect(readdirSync(join(device.folder, "state"))).not.toContain("identity.json");
});

test("what was read for one enrolment is not written for the next one", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  const pin = { routingMode: "manual", ingressDeviceId: TOKYO.deviceId, egressDeviceId: null } as const;
  plane.preferences.set("device", { value: { selection: pin }, version: 0 });
  await device.agent.handlers.getPreferences({}, ROOT);
  await device.agent.handlers.logout({}, ROOT);
  // A new device of the same control plane begins with an empty layer, whose ETag may well be the same.
  plane.preferences.clear();
  await device.agent.handlers.enroll({ link: plane.link }, ROOT);
  await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  expect(plane.preferences.get("device")?.value).toEqual({ trafficMode: "full_tunnel" });
});

/** Asks for the gateways whenever the identity is about to be written, as a face may that asks now and then. */
function askMeanwhile({ memory, agent }: Awaited<ReturnType<typeof startAgent>>): void {
  const setIdentity = memory.setIdentity.bind(memory);
  vi.spyOn(memory, "setIdentity").mockImplementation(async (identity) => {
    await agent.handlers.gateways({}, ROOT).catch(() => undefined);
    await setIdentity(identity);
  });
}

test("who asked while this device was enrolled anew asks its new control plane afterwards", async () => {
  await using both = await enrolled();
  const { device, plane: former } = both;
  const plane = await FakeControlPlane.start();
  try {
    askMeanwhile(device);
    await device.agent.handlers.enroll({ link: plane.link }, ROOT);
    former.requests.length = 0;
    await device.agent.handlers.gateways({}, ROOT);
    expect(plane.requests).toContain("GET /networks/net_aaaaaaaaaaaa/gateways");
    expect(former.requests).toEqual([]);
  } finally {
    await plane.stop();
  }
});

test("who asked while this device was logged out asks nobody afterwards", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  askMeanwhile(device);
  await device.agent.handlers.logout({}, ROOT);
  plane.requests.length = 0;
  expect(await refusalOf(device.agent.handlers.gateways({}, ROOT))).toMatchObject({ code: "not_enrolled" });
  expect(plane.requests).toEqual([]);
});

test("an enrolment that cannot be stored leaves the former one, and its session, as they were", async () => {
  await using both = await enrolled();
  const { device, plane: former } = both;
  const plane = await FakeControlPlane.start();
  try {
    vi.spyOn(device.memory, "setIdentity").mockRejectedValueOnce(
      new Error("ENOSPC: no space left on device"),
    );
    await expect(device.agent.handlers.enroll({ link: plane.link }, ROOT)).rejects.toThrow("ENOSPC");
    expect(device.snapshot.enrollment?.controlPlane).toBe(`127.0.0.1:${former.port}`);
    former.path = pathFor({}, 2);
    await expect.poll(() => device.snapshot.path?.epoch.number).toBe(2);
    expect(device.snapshot.controlPlane.connected).toBe(true);
  } finally {
    await plane.stop();
  }
});

test("a gateway that is silent is looked up again by its name, one that answers is not", async () => {
  let addresses = ["203.0.113.71"];
  let asked = 0;
  const lookUp = () => Promise.resolve(((asked += 1), addresses));
  const plane = await FakeControlPlane.start();
  const path = pathFor({}, 1);
  if (path.ingress !== undefined) path.ingress = { ...path.ingress, endpoint: "tokyo.example.com:51820" };
  plane.path = path;
  await using device = await startAgent({ lookUp });
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    await device.agent.handlers.enroll({ link: plane.link }, ROOT);
    await device.agent.handlers.connect({}, ROOT);
    const endpoint = () => device.engine.intent?.peers[0]?.endpoint.address;
    expect(endpoint()).toBe("203.0.113.71");
    const before = asked;
    addresses = ["203.0.113.72"];
    vi.advanceTimersByTime(60_000);
    expect(asked).toBe(before);
    device.engine.become({ state: "connecting", mode: "vpn_only", since: "2026-01-01T00:00:00.000Z" });
    vi.advanceTimersByTime(10_000);
    await expect.poll(endpoint).toBe("203.0.113.72");
    // It answered there: that is what is known from now on, also after a restart.
    const kept = () => device.memory.surroundings.addresses["tokyo.example.com"]?.[0];
    await expect.poll(kept).toBe("203.0.113.72");
  } finally {
    vi.useRealTimers();
    await plane.stop();
  }
});

test("an enrolment is not replaced while the tunnel is up", async () => {
  await using both = await enrolled();
  await both.device.agent.handlers.connect({}, ROOT);
  expect(await refusalOf(both.device.agent.handlers.enroll({ link: both.plane.link }, ROOT))).toMatchObject({
    code: "conflict",
  });
});
