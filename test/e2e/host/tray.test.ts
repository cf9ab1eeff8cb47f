/** The tray: what it says, and what its entries do. */
import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { Result } from "../../../src/rpc/contract.ts";
import { RpcRefusal } from "../../../src/rpc/server.ts";
import {
  BLOCKED,
  CONNECTING,
  DISCONNECTED,
  FRANKFURT,
  GATEWAYS,
  OSAKA,
  PATH,
  PRIVATE_PATH,
  SNAPSHOT,
} from "../../unit/cli/values.ts";
import { closeHosts, STARTERS, startOnDouble } from "./hosts.ts";
import { offers } from "./page-request.ts";
import { busForAll } from "./session-bus.ts";
import { startStandIn, type StandIn } from "./stand-in.ts";

const PREFERENCES: Result<"getPreferences"> = [
  {
    layer: "device",
    value: { selection: { routingMode: "manual", ingressDeviceId: OSAKA.deviceId, egressDeviceId: null } },
    etag: '"7"',
  },
];

const CONNECTED = {
  state: "connected",
  since: "2026-11-23T16:00:00.000Z",
  verified: "traffic",
} as const;

const bus = busForAll();
let agent: StandIn;

afterAll(closeHosts);
afterEach(() => agent[Symbol.asyncDispose]());

describe.each(STARTERS)("$name", ({ start }) => {
  test("says the state in words and by the shape of its icon, as it changes", async () => {
    agent = await startStandIn(DISCONNECTED);
    await using app = await start({ socket: agent.socket, bus: bus.address, words: ["--hidden"] });
    const tip = async () => (await app.tray())?.toolTip.replace("Nanami: ", "");
    await expect.poll(tip).toBe("Not connected");
    agent.say({ tunnel: CONNECTING.tunnel });
    await expect.poll(tip).toBe("Connecting…");
    agent.say({ tunnel: { ...CONNECTED, mode: "vpn_only" }, path: PRIVATE_PATH });
    await expect.poll(tip).toBe("Private network connected. Other traffic goes directly");
    agent.say({ tunnel: SNAPSHOT.tunnel, path: PATH });
    await expect.poll(tip).toBe("All traffic leaves in Frankfurt");
    agent.say({ tunnel: BLOCKED.tunnel });
    await expect.poll(tip).toBe("Nothing leaves this device");
  });

  test("connects, disconnects, and chooses the mode and the exit in the device's own layer", async () => {
    agent = await startStandIn(DISCONNECTED, {
      gateways: () => Promise.resolve(GATEWAYS),
      getPreferences: () => Promise.resolve(PREFERENCES),
      setPreference: ({ value }) =>
        Promise.resolve({ saved: true, stored: { layer: "device", value, etag: '"8"' } }),
    });
    await using app = await start({ socket: agent.socket, bus: bus.address, words: ["--hidden"] });
    await app.choose("Connect");
    await expect.poll(() => agent.askedFor("connect")).toEqual([{ method: "connect", params: {} }]);
    await app.choose("Mode", "Full tunnel");
    await app.choose("Exit gateway", "Frankfurt");
    await expect.poll(() => agent.askedFor("setPreference").length).toBe(2);
    const manual = { routingMode: "manual", ingressDeviceId: OSAKA.deviceId };
    expect(agent.askedFor("setPreference").map(({ params }) => params)).toEqual([
      {
        layer: "device",
        etag: '"7"',
        value: { selection: { ...manual, egressDeviceId: null }, trafficMode: "full_tunnel" },
      },
      {
        layer: "device",
        etag: '"7"',
        value: { selection: { ...manual, egressDeviceId: FRANKFURT.deviceId } },
      },
    ]);
    agent.say({ tunnel: SNAPSHOT.tunnel });
    await app.choose("Disconnect");
    await expect.poll(() => agent.askedFor("disconnect")).toEqual([{ method: "disconnect", params: {} }]);
  });

  test("what the agent refuses is said in the window, in the agent's words", async () => {
    const problem = {
      code: "unavailable",
      message: "This device was removed from its network.",
      remedy: "Log out and enrol it anew.",
    } as const;
    agent = await startStandIn(DISCONNECTED, {
      connect: () => Promise.reject(new RpcRefusal(problem)),
    });
    await using app = await start({ socket: agent.socket, bus: bus.address, words: ["--hidden"] });
    await app.choose("Connect");
    const page = await app.page();
    await expect
      .poll(() => offers(page))
      .toMatchObject([{ kind: "refused", message: `${problem.message} ${problem.remedy}`, problem }]);
  });
});

test("the icon changes with the state, drawn for plain and for dense displays", async () => {
  agent = await startStandIn(DISCONNECTED);
  await using app = await startOnDouble({ socket: agent.socket, bus: bus.address, words: ["--hidden"] });
  const icon = () => app.double.tray?.image.representations ?? [];
  await expect.poll(() => app.double.tray?.toolTip).toBe("Nanami: Not connected");
  const before = icon();
  // A PNG says its width at byte 16.
  expect(before.map(({ scaleFactor, buffer }) => [scaleFactor, buffer.readUInt32BE(16)])).toEqual([
    [1, 22],
    [2, 44],
  ]);
  agent.say({ tunnel: SNAPSHOT.tunnel });
  await expect.poll(() => icon()[0]?.buffer.equals(before[0]?.buffer ?? Buffer.alloc(0))).toBe(false);
});
