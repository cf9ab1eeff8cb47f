/** The control plane is away: what a person decides here applies here, and is saved, or lost to a newer value. */
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { RpcRefusal } from "../../../src/rpc/server.ts";
import {
  enrolled,
  FakeControlPlane,
  FakeEngine,
  FRANKFURT,
  pathFor,
  problem,
  ROOT,
  startAgent,
} from "./fixtures.ts";

const PINNED = {
  trafficMode: "vpn_only",
  selection: { routingMode: "manual", ingressDeviceId: FRANKFURT.deviceId, egressDeviceId: null },
} as const;

/** Takes the control plane away; `back` brings one with the same memory to the same port. */
async function goAway(plane: FakeControlPlane) {
  const { port, preferences } = plane;
  await plane.stop();
  return async (change: (back: FakeControlPlane) => void = () => undefined) => {
    const back = await FakeControlPlane.start(port);
    for (const [layer, value] of preferences) back.preferences.set(layer, value);
    back.path = plane.path;
    change(back);
    return back;
  };
}

/** The next change of the user's layer is stored, and from then on no answer comes. */
function hearAndSayNothing(
  plane: FakeControlPlane,
  value: { trafficMode: "full_tunnel" | "vpn_only" },
): void {
  let isSilent = false;
  plane.intercept = (request, response) => {
    if (!isSilent && request.method === "GET") return false;
    if (!isSilent) plane.preferences.set("user", { value, version: 7 });
    isSilent = true;
    response.destroy();
    return true;
  };
}

test("a mode chosen while it is away applies at once, is shown as not saved, and is saved when it is back", async () => {
  await using both = await enrolled();
  const { device } = both;
  await device.agent.handlers.connect({}, ROOT);
  const back = await goAway(both.plane);
  const snapshot = await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  expect(snapshot.tunnel).toMatchObject({ state: "connected", mode: "full_tunnel" });
  expect(snapshot.unsaved).toEqual({
    layer: "device",
    value: { trafficMode: "full_tunnel" },
    conflict: null,
  });
  const calls = device.engine.calls.length;
  const plane = await back();
  await expect.poll(() => device.snapshot.unsaved).toBeNull();
  expect(plane.preferences.get("device")?.value).toEqual({ trafficMode: "full_tunnel" });
  await expect.poll(() => device.snapshot.path?.epoch.number).toBe(2);
  // Never back to the old mode in between.
  expect(device.engine.calls.length).toBe(calls);
  expect(device.engine.intent?.mode).toBe("full_tunnel");
  await plane.stop();
});

test("a control plane that is back and not well yet is asked again", async () => {
  await using both = await enrolled();
  const { device } = both;
  const back = await goAway(both.plane);
  await device.agent.handlers.setPreference({ layer: "user", value: { trafficMode: "full_tunnel" } }, ROOT);
  let failures = 0;
  const plane = await back((it) => {
    it.intercept = (request, response) => {
      if (request.method !== "PUT" || failures > 0) return false;
      failures += 1;
      problem(response, 503, "starting", "Not yet");
      return true;
    };
  });
  await expect.poll(() => device.snapshot.unsaved, { timeout: 5000 }).toBeNull();
  expect(failures).toBe(1);
  expect(plane.preferences.get("user")?.value).toEqual({ trafficMode: "full_tunnel" });
  await plane.stop();
});

test("a change that did not get through is saved by itself, though the session never broke", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  let failures = 0;
  plane.intercept = (request, response) => {
    if (request.method !== "PUT" || failures > 1) return false;
    failures += 1;
    problem(response, 503, "busy", "Not now");
    return true;
  };
  const value = { trafficMode: "full_tunnel" } as const;
  const saving = await device.agent.handlers.setPreference({ layer: "user", value }, ROOT);
  expect(saving.saved).toBe(false);
  await expect.poll(() => device.snapshot.unsaved, { timeout: 5000 }).toBeNull();
  expect(failures).toBe(2);
  expect(plane.preferences.get("user")?.value).toEqual(value);
});

test("a layer that somebody else changed meanwhile wins, and the person is told", async () => {
  await using both = await enrolled();
  const { device } = both;
  await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  const back = await goAway(both.plane);
  const pin = { routingMode: "manual", ingressDeviceId: FRANKFURT.deviceId, egressDeviceId: null } as const;
  const mine = { trafficMode: "full_tunnel", selection: { routingMode: "auto" } } as const;
  const saving = await device.agent.handlers.setPreference({ layer: "device", value: mine }, ROOT);
  expect(saving.saved).toBe(false);
  const plane = await back((it) => it.change("device", { trafficMode: "full_tunnel", selection: pin }));
  await expect.poll(() => device.snapshot.unsaved?.conflict).toContain("the stored value wins");
  await expect.poll(() => device.engine.intent?.peers[0]?.name).toBe("frankfurt");
  expect(plane.preferences.get("device")?.value.selection).toEqual(pin);
  // Deciding anew ends the conflict.
  await device.agent.handlers.setPreference({ layer: "device", value: mine }, ROOT);
  expect(device.snapshot.unsaved).toBeNull();
  await plane.stop();
});

test("an earlier change of one's own, whose answer was lost, is nobody else's", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  const [first, second] = [{ trafficMode: "full_tunnel" }, { trafficMode: "vpn_only" }] as const;
  hearAndSayNothing(plane, first);
  const set = (value: typeof first | typeof second) =>
    device.agent.handlers.setPreference({ layer: "user", value }, ROOT);
  expect((await set(first)).saved).toBe(false);
  expect((await set(second)).saved).toBe(false);
  plane.intercept = () => false;
  await expect.poll(() => device.snapshot.unsaved, { timeout: 5000 }).toBeNull();
  expect(plane.preferences.get("user")?.value).toEqual(second);
});

test("a change that a newer one overtook, and whose answer was lost, is nobody else's", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  const heard: ServerResponse[] = [];
  plane.intercept = (request, response) => {
    if (heard.length > 0) response.destroy();
    else if (request.method === "PUT") {
      plane.preferences.set("device", { value: PINNED, version: 7 });
      heard.push(response);
    } else return false;
    return true;
  };
  const pinning = device.agent.handlers.setPreference({ layer: "device", value: PINNED }, ROOT);
  const refused = expect(pinning).rejects.toMatchObject({ problem: { reason: "changed_meanwhile" } });
  await expect.poll(() => heard.length).toBe(1);
  await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  heard[0]?.destroy();
  await refused;
  plane.intercept = () => false;
  await expect.poll(() => device.snapshot.unsaved, { timeout: 5000 }).toBeNull();
  expect(plane.preferences.get("device")?.value).toEqual({ trafficMode: "full_tunnel" });
  expect(device.engine.intent?.mode).toBe("full_tunnel");
});

test("a change whose answer was lost can be taken back exactly to what was stored before", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  const [first, second] = [{ trafficMode: "full_tunnel" }, { trafficMode: "vpn_only" }] as const;
  plane.change("user", first);
  await expect.poll(() => device.snapshot.path?.trafficMode.decidedBy).toBe("user");
  hearAndSayNothing(plane, second);
  const set = (value: typeof first | typeof second) =>
    device.agent.handlers.setPreference({ layer: "user", value }, ROOT);
  expect((await set(second)).saved).toBe(false);
  // Whether that got through is not known, so what it is taken back to waits to be saved too.
  expect((await set(first)).saved).toBe(false);
  expect(device.snapshot.unsaved).toMatchObject({ value: first, conflict: null });
  plane.intercept = () => false;
  await expect.poll(() => device.snapshot.unsaved, { timeout: 5000 }).toBeNull();
  expect(plane.preferences.get("user")?.value).toEqual(first);
});

test("a conflict that would open what the person closed waits for consent", async () => {
  await using both = await enrolled();
  const { device } = both;
  await device.agent.handlers.connect({}, ROOT);
  const back = await goAway(both.plane);
  await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  const plane = await back((it) => it.change("device", { trafficMode: "vpn_only" }));
  await expect.poll(() => device.snapshot.controlPlane.problem).toContain("consent");
  expect(device.engine.intent?.mode).toBe("full_tunnel");
  await device.agent.handlers.connect({ mode: "vpn_only" }, ROOT);
  await expect.poll(() => device.engine.intent?.mode).toBe("vpn_only");
  expect(device.snapshot.controlPlane.problem).toBeNull();
  await plane.stop();
});

test("taking a change back while it is away leaves nothing to save", async () => {
  await using both = await enrolled();
  const { device } = both;
  await device.agent.handlers.connect({}, ROOT);
  await goAway(both.plane);
  const set = (value: object) => device.agent.handlers.setPreference({ layer: "user", value }, ROOT);
  expect((await set({ trafficMode: "full_tunnel" })).saved).toBe(false);
  expect(device.engine.intent?.mode).toBe("full_tunnel");
  expect((await set({})).saved).toBe(true);
  expect(device.snapshot.unsaved).toBeNull();
  expect(device.engine.intent?.mode).toBe("vpn_only");
});

test("what needs the control plane is refused while it is away, and the tunnel stays", async () => {
  await using both = await enrolled();
  const { device } = both;
  await device.agent.handlers.connect({}, ROOT);
  await goAway(both.plane);
  const selection = {
    routingMode: "manual",
    ingressDeviceId: "dev_unknown000",
    egressDeviceId: null,
  } as const;
  const before = device.engine.intent;
  await expect(
    device.agent.handlers.setPreference({ layer: "device", value: { selection } }, ROOT),
  ).rejects.toBeInstanceOf(RpcRefusal);
  expect(device.engine.intent).toBe(before);
  expect(device.snapshot.unsaved).toBeNull();
});

test("one change waits at a time", async () => {
  await using both = await enrolled();
  const { device } = both;
  await goAway(both.plane);
  const value = { trafficMode: "full_tunnel" } as const;
  await device.agent.handlers.setPreference({ layer: "device", value }, ROOT);
  await expect(device.agent.handlers.setPreference({ layer: "user", value }, ROOT)).rejects.toThrow(
    "one at a time",
  );
});

/** Refuses to store a layer as one that is busy, so many times. */
function refusePuts(plane: FakeControlPlane, layer: "device" | "user", times: number): { left: number } {
  const refusals = { left: times };
  plane.intercept = (request, response) => {
    if (request.method !== "PUT" || request.url?.includes(layer) !== true || refusals.left === 0)
      return false;
    refusals.left -= 1;
    problem(response, 503, "busy", "Not now");
    return true;
  };
  return refusals;
}

test("a mode chosen just when the control plane answers again is put upon what waits, and loses nothing of it", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await device.agent.handlers.connect({}, ROOT);
  // The change itself, and the first attempt to save it.
  const refusals = refusePuts(plane, "device", 2);
  await device.agent.handlers.setPreference({ layer: "device", value: PINNED }, ROOT);
  expect(device.engine.intent?.peers[0]?.name).toBe("frankfurt");
  // Its own address is asked, not that of the gateway before, which is outside now.
  expect(device.engine.intent?.probe).toBe("100.64.0.2");
  await expect.poll(() => refusals.left).toBe(0);
  const gateways: string[] = [];
  const apply = device.engine.apply.bind(device.engine);
  device.engine.apply = (intent, key) => {
    gateways.push(intent.peers[0]?.name ?? "none");
    apply(intent, key);
  };
  await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  const wanted = { ...PINNED, trafficMode: "full_tunnel" };
  expect(plane.preferences.get("device")?.value).toEqual(wanted);
  await expect.poll(() => device.snapshot.unsaved, { timeout: 5000 }).toBeNull();
  expect(plane.preferences.get("device")?.value).toEqual(wanted);
  expect(device.engine.intent?.mode).toBe("full_tunnel");
  // Never by another gateway in between.
  expect(new Set(gateways)).toEqual(new Set(["frankfurt"]));
});

test("where somebody else changed the layer that waits, a mode is put upon what is stored, and the person is told", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  const refusals = refusePuts(plane, "device", 2);
  await device.agent.handlers.setPreference({ layer: "device", value: PINNED }, ROOT);
  await expect.poll(() => refusals.left).toBe(0);
  const theirs = { trafficMode: "vpn_only", selection: { routingMode: "auto" } } as const;
  plane.change("device", theirs);
  await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  expect(plane.preferences.get("device")?.value).toEqual({ ...theirs, trafficMode: "full_tunnel" });
  await expect.poll(() => device.snapshot.unsaved?.conflict).toContain("the stored value wins");
});

test("a change of one layer leaves what waits of another", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  const refusals = refusePuts(plane, "device", Infinity);
  await device.agent.handlers.setPreference({ layer: "device", value: PINNED }, ROOT);
  const value = { trafficMode: "full_tunnel" } as const;
  const saving = await device.agent.handlers.setPreference({ layer: "user", value }, ROOT);
  expect(saving.saved).toBe(true);
  expect(device.snapshot.unsaved).toMatchObject({ layer: "device", value: PINNED, conflict: null });
  refusals.left = 0;
  await expect.poll(() => device.snapshot.unsaved, { timeout: 10_000 }).toBeNull();
  expect(plane.preferences.get("device")?.value).toEqual(PINNED);
});

test("preferences and previews are answered from the last path", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  plane.change("network", { trafficMode: "full_tunnel" });
  await expect.poll(() => device.snapshot.path?.epoch.number).toBe(2);
  await goAway(plane);
  const layers = await device.agent.handlers.getPreferences({}, ROOT);
  expect(layers.find(({ layer }) => layer === "network")?.value).toEqual({ trafficMode: "full_tunnel" });
  const { current, proposed } = await device.agent.handlers.previewPath(
    { layers: { device: { trafficMode: "vpn_only" } } },
    ROOT,
  );
  expect([current.trafficMode.value, proposed.trafficMode.value]).toEqual(["full_tunnel", "vpn_only"]);
});

test("a change that waits survives a restart", async () => {
  await using both = await enrolled();
  const { device } = both;
  await goAway(both.plane);
  await device.agent.handlers.setPreference({ layer: "device", value: { trafficMode: "full_tunnel" } }, ROOT);
  await device.agent.close();
  await using second = await startAgent({ folder: device.folder });
  expect(second.snapshot.unsaved?.value).toEqual({ trafficMode: "full_tunnel" });
  expect(second.snapshot.path?.trafficMode.value).toBe("full_tunnel");
});

test("an ETag of the caller's insists on a version", async () => {
  await using both = await enrolled();
  const set = (etag?: string) =>
    both.device.agent.handlers.setPreference(
      { layer: "user", value: { trafficMode: "full_tunnel" }, ...(etag === undefined ? {} : { etag }) },
      ROOT,
    );
  await expect(set('"7"')).rejects.toThrow("Somebody was faster");
  expect((await set('"0"')).stored.etag).toBe('"1"');
  both.plane.change("user", {});
  // Without one, whatever is stored now is meant.
  expect((await set()).stored.etag).toBe('"3"');
});

test("a push that loosens what an operator's layer decided applies", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  plane.change("network", { trafficMode: "full_tunnel" });
  await expect.poll(() => device.snapshot.path?.epoch.number).toBe(2);
  await device.agent.handlers.connect({}, ROOT);
  plane.push(pathFor({}, 3));
  await expect.poll(() => device.engine.intent?.mode).toBe("vpn_only");
});

test("a control plane cannot loosen what the person chose by first saying that an operator decides", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  plane.push(pathFor({ network: { trafficMode: "full_tunnel" } }, 8));
  await expect.poll(() => device.snapshot.path?.trafficMode.decidedBy).toBe("network");
  plane.push(pathFor({ network: { trafficMode: "vpn_only" } }, 9));
  await expect.poll(() => device.snapshot.controlPlane.problem).toContain("waits for your consent");
  expect(device.engine.intent?.mode).toBe("full_tunnel");
});

test("who left the mode to others follows them", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  plane.change("network", { trafficMode: "full_tunnel" });
  await device.agent.handlers.setPreference({ layer: "device", value: {} }, ROOT);
  await expect.poll(() => device.snapshot.path?.trafficMode.decidedBy).toBe("network");
  plane.push(pathFor({ network: { trafficMode: "vpn_only" } }, 20));
  await expect.poll(() => device.engine.intent?.mode).toBe("vpn_only");
  await expect.poll(() => device.snapshot.announcement).not.toBeNull();
  await device.agent.handlers.connect({}, ROOT);
  expect(device.snapshot.announcement).toBeNull();
});

test("a push that loosens what the person chose waits for consent, also after a restart", async () => {
  await using both = await enrolled();
  const { device, plane } = both;
  await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  await expect.poll(() => device.snapshot.controlPlane.connected).toBe(true);
  plane.push(pathFor({}, 9));
  await expect.poll(() => device.snapshot.controlPlane.problem).toContain("waits for your consent");
  expect(device.engine.intent?.mode).toBe("full_tunnel");
  await device.agent.close();
  const engine = new FakeEngine();
  engine.status = device.engine.status;
  engine.intent = device.engine.intent;
  await using second = await startAgent({ folder: device.folder, engine });
  await expect.poll(() => second.snapshot.controlPlane.problem).toContain("waits for your consent");
  // The engine is given the key for what is in force, and nothing looser.
  await expect.poll(() => engine.calls).toEqual(["apply"]);
  expect(engine.intent?.mode).toBe("full_tunnel");
  await second.agent.handlers.connect({ mode: "vpn_only" }, ROOT);
  await expect.poll(() => engine.intent?.mode).toBe("vpn_only");
});

test("a control plane that is silent does not keep a full tunnel from closing for longer than a moment", async () => {
  await using both = await enrolled({ requestTimeoutMs: 20_000 });
  const { device, plane } = both;
  const held: (() => void)[] = [];
  plane.intercept = (request, response) => {
    if (request.method !== "PUT") return false;
    held.push(() => problem(response, 503, "late", "Too late"));
    return true;
  };
  const began = performance.now();
  const { tunnel, unsaved } = await device.agent.handlers.connect({ mode: "full_tunnel" }, ROOT);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(tunnel).toMatchObject({ mode: "full_tunnel" });
  expect(unsaved).toMatchObject({ value: { trafficMode: "full_tunnel" }, conflict: null });
  for (const answer of held) answer();
});
