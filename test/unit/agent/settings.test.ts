import { writeFile } from "node:fs/promises";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { refusedChange, withSettings } from "../../../src/agent/settings.ts";
import { DEFAULT_SETTINGS } from "../../../src/rpc/settings.ts";
import { LOCKDOWN } from "../../../src/tunnel/lockdown.ts";
import { fullIntent } from "../tunnel/intents.ts";
import { enrolled, ROOT, startAgent } from "./fixtures.ts";

const LOCKED = { ...DEFAULT_SETTINGS, lockdown: "on", localNetwork: "block" } as const;
const owner = { uid: 1000, gids: [1000] };
const member = { uid: 1001, gids: [1001, 900] };

test.each([
  ["root turns lockdown off", LOCKED, { lockdown: "off" }, ROOT, true],
  ["the owner turns lockdown off", LOCKED, { lockdown: "off" }, owner, true],
  ["a member turns lockdown off", LOCKED, { lockdown: "off" }, member, false],
  ["a member lets the local network into lockdown", LOCKED, { localNetwork: "allow" }, member, false],
  ["a member changes something else under lockdown", LOCKED, { dns: "off" }, member, true],
  ["a member turns lockdown on", DEFAULT_SETTINGS, { lockdown: "on" }, member, true],
] as const)("%s", (_, before, change, peer, may) => {
  expect(refusedChange(before, change, peer, 1000) === undefined).toBe(may);
});

test("the settings decide about the local network and the tunnel's resolvers", () => {
  const intent = fullIntent();
  expect(withSettings(intent, DEFAULT_SETTINGS)).toEqual({ ...intent, allowLocalNetwork: true });
  expect(withSettings(intent, { ...LOCKED, dns: "off" })).toEqual({
    ...intent,
    allowLocalNetwork: false,
    dns: { servers: [], matchDomains: [] },
  });
});

test("lockdown closes a disconnected device, stays after a disconnect, and survives a restart", async () => {
  await using world = await enrolled();
  const { device } = world;
  const answer = await device.agent.handlers.setSettings({ lockdown: "on" }, ROOT);
  expect(answer).toEqual({ ...DEFAULT_SETTINGS, lockdown: "on" });
  expect(device.snapshot.settings.lockdown).toBe("on");
  expect(device.snapshot.tunnel).toMatchObject({ state: "blocked", reason: { code: "lockdown" } });
  expect(device.engine.intent).toMatchObject({
    mode: "full_tunnel",
    peers: [],
    control: [
      { protocol: "udp", address: "192.0.2.53", port: 53 },
      { protocol: "tcp", address: "127.0.0.1", port: world.plane.port },
    ],
  });
  await device.agent.handlers.connect({}, ROOT);
  expect(device.snapshot.tunnel.state).toBe("connected");
  await device.agent.handlers.disconnect({}, ROOT);
  expect(device.snapshot.tunnel).toMatchObject({ state: "blocked", reason: { code: "lockdown" } });
  await using next = await startAgent({ folder: device.folder });
  expect(next.snapshot.settings.lockdown).toBe("on");
  expect(next.snapshot.tunnel).toMatchObject({ state: "blocked", reason: { code: "lockdown" } });
  await next.agent.handlers.setSettings({ lockdown: "off" }, ROOT);
  expect(next.snapshot.tunnel.state).toBe("disconnected");
});

test("a lockdown that cannot be put in force is stored, tried again, and refused with why", async () => {
  await using world = await enrolled();
  const { device } = world;
  const reason = {
    ...{
      code: "lockdown_not_in_force",
      message: "Lockdown is not in force: traffic leaves.",
      remedy: "Wait.",
    },
    facts: { detail: "nft failed", open: "everything" },
  };
  device.engine.rest = () => {
    device.engine.closing = LOCKDOWN;
    device.engine.become({ state: "disconnected", reason });
    return Promise.reject(new Error("nft failed"));
  };
  await expect(device.agent.handlers.setSettings({ lockdown: "on" }, ROOT)).rejects.toMatchObject({
    problem: {
      ...{
        code: "internal",
        reason: "lockdown_not_in_force",
        message: reason.message,
        remedy: reason.remedy,
      },
      facts: { detail: "nft failed" },
    },
  });
  expect(device.snapshot).toMatchObject({
    ...{ settings: { lockdown: "on" }, tunnel: { state: "disconnected", reason } },
  });
  // Whoever asks again is told again, also where the engine has nothing new to do; other settings are free.
  device.engine.rest = () => Promise.resolve();
  await expect(device.agent.handlers.setSettings({ lockdown: "on" }, ROOT)).rejects.toMatchObject({
    problem: { reason: "lockdown_not_in_force", facts: { detail: "nft failed" } },
  });
  expect(await device.agent.handlers.setSettings({ dns: "off" }, ROOT)).toMatchObject({ dns: "off" });
  // Nobody enrols under a lockdown, in force or not.
  await expect(device.agent.handlers.enroll({ link: "nanami://enroll" }, ROOT)).rejects.toMatchObject({
    problem: { reason: "connected_or_locked" },
  });
  // What could not be put back is another matter.
  device.engine.rest = () => {
    device.engine.closing = null;
    device.engine.become({ state: "disconnected" });
    return Promise.reject(new Error("a route is stuck"));
  };
  await expect(device.agent.handlers.setSettings({ lockdown: "off" }, ROOT)).rejects.toMatchObject({
    problem: { reason: "not_put_back", facts: { detail: "a route is stuck" } },
  });
  expect(device.snapshot.settings.lockdown).toBe("off");
});

test("connect-at-start connects when the agent starts, and only then", async () => {
  await using world = await enrolled();
  await world.device.agent.handlers.setSettings({ connectAtStart: "on" }, ROOT);
  expect(world.device.snapshot.tunnel.state).toBe("disconnected");
  await using next = await startAgent({ folder: world.device.folder });
  await expect.poll(() => next.snapshot.tunnel.state).toBe("connected");
});

test("settings that cannot be read close the device until somebody decides", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nanami-"));
  try {
    await using first = await startAgent({ folder });
    expect(first.snapshot.tunnel.state).toBe("disconnected");
    await writeFile(join(folder, "state", "settings.json"), "{ damaged");
    await using next = await startAgent({ folder });
    expect(next.snapshot.tunnel).toMatchObject({ state: "blocked", reason: { code: "lockdown" } });
    expect(next.logged.join()).toContain("The record of the settings was damaged");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
