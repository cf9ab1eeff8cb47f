/** The event connection: who is told what, when, and in which order. */
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { deviceLine, TestGateway, TestPlane, TestWorkspace, until } from "./harness.ts";

/** A workspace with two gateways and a connected laptop that knows its path. */
async function world(plane: TestPlane) {
  const acme = await TestWorkspace.create(plane);
  const corp = await acme.network();
  const ada = await acme.user();
  const tokyo = await acme.openGateway(corp, "tokyo", 10);
  const frankfurt = await acme.openGateway(corp, "frankfurt", 30);
  const laptop = await acme.device(corp, ada.id);
  const line = await deviceLine(plane, laptop.token);
  line.say({ type: "hello" });
  const { path } = await line.inbox.find((event) => event.path.status === "ready");
  return { acme, corp, ada, tokyo, frankfurt, laptop, line, path };
}

describe("hello", () => {
  test("with the newest epoch is answered with path.current, with any other with path.changed", async () => {
    await using plane = await TestPlane.start();
    const { laptop, path } = await world(plane);
    const ask = async (epoch: typeof path.epoch): Promise<string> => {
      using line = await deviceLine(plane, laptop.token);
      line.say({ type: "hello", epoch });
      const event = await line.inbox.find(() => true);
      expect(event.path.ingress).toEqual(path.ingress);
      return event.type;
    };
    expect(await ask(path.epoch)).toBe("path.current");
    expect(await ask({ ...path.epoch, number: path.epoch.number - 1 })).toBe("path.changed");
    expect(await ask({ lineage: "another", number: path.epoch.number })).toBe("path.changed");
  });

  test("with a number that was never given out starts a new lineage, so that nothing looks old", async () => {
    await using plane = await TestPlane.start();
    const { laptop, path } = await world(plane);
    using line = await deviceLine(plane, laptop.token);
    line.say({ type: "hello", epoch: { ...path.epoch, number: path.epoch.number + 5 } });
    const event = await line.inbox.find(() => true);
    expect(event.type).toBe("path.changed");
    expect(event.path.epoch.lineage).not.toBe(path.epoch.lineage);
  });
});

describe("a changed path", () => {
  test("waits for its gateways, then goes out at once", async () => {
    await using plane = await TestPlane.start({ gatewaysFirstMs: 3_600_000 });
    const { acme, corp, tokyo, frankfurt, line } = await world(plane);
    tokyo.answers = false;
    const before = line.inbox.received.length;
    const { etag } = await acme.operator.call("GET", `/networks/${corp}`, null).then((answer) => {
      if (!answer.ok) throw new Error(answer.message);
      return answer;
    });
    const put = acme.operator.call(
      "PUT",
      `/networks/${corp}/private-prefixes`,
      null,
      { privatePrefixes: ["10.20.0.0/16", "10.21.0.0/16"] },
      etag ?? "",
    );
    await until(() => tokyo.state.privatePrefixes.length === 2);
    expect(await put).toMatchObject({ ok: true });
    await until(() => frankfurt.state.privatePrefixes.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(line.inbox.received).toHaveLength(before);
    tokyo.apply();
    const event = await line.inbox.find(({ path }) => path.tunnel.privatePrefixes.length === 2);
    expect(event.type).toBe("path.changed");
  });

  test("waits one second for a gateway that does not answer", async () => {
    await using plane = await TestPlane.start();
    const { acme, corp, tokyo, line } = await world(plane);
    tokyo.answers = false;
    const start = performance.now();
    await acme.operator.call(
      "PUT",
      `/networks/${corp}/private-prefixes`,
      null,
      { privatePrefixes: [], dns: { servers: [], matchDomains: [] } },
      "*",
    );
    await line.inbox.find(({ path }) => path.tunnel.privatePrefixes.length === 0);
    const waited = performance.now() - start;
    expect(waited).toBeGreaterThan(980);
  });

  test("does not wait for a gateway that went away meanwhile", async () => {
    await using plane = await TestPlane.start({ gatewaysFirstMs: 3_600_000 });
    const { acme, corp, tokyo, line } = await world(plane);
    tokyo.answers = false;
    await acme.operator.call(
      "PUT",
      `/networks/${corp}/private-prefixes`,
      null,
      { privatePrefixes: [], dns: { servers: [], matchDomains: [] } },
      "*",
    );
    tokyo[Symbol.dispose]();
    await line.inbox.find(({ path }) => path.tunnel.privatePrefixes.length === 0);
  });

  test("goes exactly to the devices that it concerns", async () => {
    await using plane = await TestPlane.start();
    const { acme, corp, ada, line, laptop } = await world(plane);
    const bob = await acme.user("Bob");
    const phone = await acme.device(corp, ada.id, "phone");
    const bobs = await acme.device(corp, bob.id, "bobs");
    const [phoneLine, bobsLine] = [await deviceLine(plane, phone.token), await deviceLine(plane, bobs.token)];
    for (const one of [phoneLine, bobsLine]) {
      one.say({ type: "hello" });
      await one.inbox.find(() => true);
    }
    const counts = (): number[] => [line, phoneLine, bobsLine].map(({ inbox }) => inbox.received.length);
    const [a = 0, b = 0, c = 0] = counts();

    await acme.operator.put(`/devices/${laptop.id}/routing-preference`, { trafficMode: "full_tunnel" });
    await line.inbox.find(({ path }) => path.trafficMode.value === "full_tunnel");
    expect(counts()).toEqual([a + 1, b, c]);

    const mode = { trafficMode: "vpn_only" } as const;
    await acme.operator.put(`/networks/${corp}/users/${ada.id}/routing-preference`, mode);
    await phoneLine.inbox.find(({ path }) => path.trafficMode.decidedBy === "user");
    await until(() => counts()[0] === a + 2);
    expect(counts()).toEqual([a + 2, b + 1, c]);

    await acme.operator.put(`/networks/${corp}/routing-policy`, mode);
    await bobsLine.inbox.find(({ path }) => path.trafficMode.decidedBy === "network");
    await until(() => counts()[1] === b + 2);
    // A value that is overridden is shown too: all three have a new path.
    expect(counts()).toEqual([a + 3, b + 2, c + 1]);
    for (const one of [phoneLine, bobsLine]) one[Symbol.dispose]();
  });

  test("is not what scores make: measured round trips move no epoch until they move a choice", async () => {
    await using plane = await TestPlane.start();
    const { laptop, line, tokyo, frankfurt, path } = await world(plane);
    const chosen = path.ingress?.deviceId === tokyo.id ? tokyo : frankfurt;
    const other = chosen === tokyo ? frankfurt : tokyo;
    const device = plane.as(laptop.token);
    line.say({ type: "report", roundTrips: { [chosen.id]: 20, [other.id]: 30 } });
    await until(async () => (await device.path(laptop.id)).candidates.some(({ score }) => score === 20));
    expect((await device.path(laptop.id)).epoch).toEqual(path.epoch);
    line.say({ type: "report", roundTrips: { [chosen.id]: 200, [other.id]: 30 } });
    const moved = await line.inbox.find((event) => event.path.ingress?.deviceId === other.id);
    expect(moved.path.epoch.number).toBe(path.epoch.number + 1);
    // Sticky: nearly as good is not reason enough to go back.
    line.say({ type: "report", roundTrips: { [chosen.id]: 25, [other.id]: 30 } });
    await until(async () => (await device.path(laptop.id)).candidates.some(({ score }) => score === 25));
    expect((await device.path(laptop.id)).ingress?.deviceId).toBe(other.id);
  });
});

describe("gateways", () => {
  test("that are unhealthy or gone are left, and come back", async () => {
    await using plane = await TestPlane.start({ gatewayGraceMs: 50 });
    const { tokyo, frankfurt, line, path } = await world(plane);
    const chosen = path.egress?.deviceId === tokyo.id ? tokyo : frankfurt;
    const other = chosen === tokyo ? frankfurt : tokyo;
    chosen.line.say({ type: "health", healthy: false, load: 0 });
    await line.inbox.find((event) => event.path.egress?.deviceId === other.id);
    other[Symbol.dispose]();
    const none = await line.inbox.find((event) => event.path.status === "unavailable");
    expect(none.path.reason?.code).toBe("no_eligible_gateway");
    using back = await TestGateway.connect(plane, other.id, other.token);
    await line.inbox.find(
      ({ path }) => path.epoch.number > none.path.epoch.number && path.status === "ready",
    );
    expect(back.state.deviceId).toBe(other.id);
  });

  test("may drop a connection shortly without anybody noticing", async () => {
    await using plane = await TestPlane.start();
    const { tokyo, line, laptop, path } = await world(plane);
    tokyo[Symbol.dispose]();
    await until(() => !plane.plane.hub.isConnected(tokyo.id));
    using back = await TestGateway.connect(plane, tokyo.id, tokyo.token);
    expect(back.state.deviceId).toBe(tokyo.id);
    expect((await plane.as(laptop.token).path(laptop.id)).epoch).toEqual(path.epoch);
    expect(line.inbox.received).toHaveLength(1);
  });

  test("tell how the Internet sees them, but cannot claim private addresses", async () => {
    await using plane = await TestPlane.start();
    const { tokyo, line, acme, laptop } = await world(plane);
    const selection = { routingMode: "manual", ingressDeviceId: tokyo.id, egressDeviceId: tokyo.id } as const;
    await acme.operator.put(`/devices/${laptop.id}/routing-preference`, { selection });
    const publicAddresses = ["203.0.113.7", "10.20.0.5", "100.64.0.9", "127.0.0.1", "2001:db8::7"];
    tokyo.line.say({ type: "health", healthy: true, load: 0, publicAddresses });
    const { path } = await line.inbox.find((event) => event.path.egress?.publicAddresses !== undefined);
    expect(path.egress?.publicAddresses).toEqual(["203.0.113.7", "2001:db8::7"]);
  });

  test("hold as peers the devices whose owner may use them, with grants by entitlement", async () => {
    await using plane = await TestPlane.start();
    const acme = await TestWorkspace.create(plane);
    const corp = await acme.network();
    const [ada, bob] = [await acme.user("Ada"), await acme.user("Bob")];
    const laptop = await acme.device(corp, ada.id);
    const bobs = await acme.device(corp, bob.id);
    using osaka = await acme.openGateway(corp, "osaka", 20, ["ingress_gateway"]);
    const saopaulo = await acme.gateway(corp, "saopaulo", 40, ["exit_gateway"]);
    await acme.allow(corp, saopaulo.id, [ada.id]);
    using exit = await TestGateway.connect(plane, saopaulo.id, saopaulo.token);
    const grants = (gateway: TestGateway) =>
      Object.fromEntries(gateway.state.peers.map((peer) => [peer.deviceId, peer.grants]));
    const relay = { deviceId: saopaulo.id, endpoint: "198.51.100.40:51820" };
    const privatePrefixes = ["10.20.0.0/16"];
    await until(() => osaka.state.peers.length === 2 && exit.state.peers.length === 1);
    expect(grants(osaka)).toEqual({
      [laptop.id]: { privatePrefixes, internet: false, relays: [relay] },
      [bobs.id]: { privatePrefixes, internet: false, relays: [] },
    });
    expect(grants(exit)).toEqual({ [laptop.id]: { privatePrefixes: [], internet: true, relays: [] } });
    expect(exit.state).toMatchObject({
      workspaceId: acme.id,
      networkId: corp,
      listenPort: 51820,
      overlayPrefixes: ["100.64.0.0/16", "fd00:64::/64"],
      privateRouting: "masquerade",
    });
    await acme.allow(corp, saopaulo.id, []);
    await until(() => exit.state.peers.length === 0);
    await until(() => osaka.state.peers.every((peer) => peer.grants.relays.length === 0));
  });
});

describe("a connection", () => {
  test("is for devices and gateways", async () => {
    await using plane = await TestPlane.start();
    const { acme, ada } = await world(plane);
    await expect(deviceLine(plane, acme.operatorToken)).rejects.toThrow("status 403");
    await expect(deviceLine(plane, ada.token)).rejects.toThrow("status 403");
    await expect(deviceLine(plane, "nanami_device_guess")).rejects.toThrow("status 401");
  });

  test.each([
    ["not JSON", "hello"],
    ["an unknown message", JSON.stringify({ type: "obey" })],
    ["a message with a field too many", JSON.stringify({ type: "hello", more: 1 })],
    ["a gateway's message", JSON.stringify({ type: "health", healthy: true, load: 0 })],
    ["a binary frame", Buffer.from([0, 1, 2])],
  ])("that says %s is closed, and the device may come back", async (_what, frame) => {
    await using plane = await TestPlane.start();
    const { laptop, path } = await world(plane);
    using line = await deviceLine(plane, laptop.token);
    line.socket.send(frame);
    expect(await line.closed).toEqual({ code: 1008, reason: "not part of the contract" });
    using again = await deviceLine(plane, laptop.token);
    again.say({ type: "hello", epoch: path.epoch });
    expect((await again.inbox.find(() => true)).type).toBe("path.current");
  });

  test("that sends a huge frame or a flood is closed", async () => {
    await using plane = await TestPlane.start();
    const { laptop } = await world(plane);
    using huge = await deviceLine(plane, laptop.token);
    huge.socket.send("x".repeat(65 * 1024));
    expect(await huge.closed).toMatchObject({ code: 1009 });
    using flood = await deviceLine(plane, laptop.token);
    for (let i = 0; i < 1100; i++) flood.say({ type: "report", roundTrips: {} });
    expect(await flood.closed).toEqual({ code: 1008, reason: "too many messages" });
  });

  test("of the same device replaces the one before", async () => {
    await using plane = await TestPlane.start();
    const { laptop, line } = await world(plane);
    using second = await deviceLine(plane, laptop.token);
    second.say({ type: "hello" });
    await second.inbox.find(() => true);
    expect(await line.closed).toMatchObject({ code: 4409 });
    expect(second.socket.readyState).toBe(WebSocket.OPEN);
  });
});
