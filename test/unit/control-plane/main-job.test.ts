import { expect, test } from "vitest";
import { deviceLine, TestPlane, TestWorkspace, until } from "./harness.ts";

test("from an empty store to a device that is told its path, and every change of it", async () => {
  await using plane = await TestPlane.start();
  const acme = await TestWorkspace.create(plane);
  const network = await acme.network();
  const ada = await acme.user();
  using tokyo = await acme.openGateway(network, "tokyo", 10);
  using frankfurt = await acme.openGateway(network, "frankfurt", 30);
  const laptop = await acme.device(network, ada.id);

  using line = await deviceLine(plane, laptop.token);
  line.say({ type: "hello" });
  const first = await line.inbox.find((event) => event.path.status === "ready");
  expect(first.type).toBe("path.changed");
  expect(first.path.trafficMode).toEqual({ value: "vpn_only", decidedBy: "system", overridden: [] });
  expect(first.path.tunnel).toEqual({
    addresses: ["100.64.0.4/32", "fd00:64::4/128"],
    privatePrefixes: ["10.20.0.0/16"],
    dns: { servers: ["10.20.0.53"], matchDomains: ["corp.test"] },
    probe: first.path.ingress?.overlayAddresses[0]?.replace("/32", ""),
  });

  await acme.operator.put(`/networks/${network}/routing-policy`, {
    trafficMode: "full_tunnel",
    selection: { routingMode: "manual", ingressDeviceId: tokyo.id, egressDeviceId: frankfurt.id },
  });
  const second = await line.inbox.find((event) => event.path.trafficMode.value === "full_tunnel");
  expect(second.path.ingress?.name).toBe("tokyo");
  expect(second.path.egress?.name).toBe("frankfurt");
  expect(second.path.trafficMode.decidedBy).toBe("network");
  expect(second.path.epoch.lineage).toBe(first.path.epoch.lineage);
  expect(second.path.epoch.number).toBeGreaterThan(first.path.epoch.number);
  // The egress answers the probe, so that the whole way is proven.
  expect(second.path.tunnel.probe).toBe("100.64.0.3");
  expect(await plane.as(laptop.token).path(laptop.id)).toEqual({
    ...second.path,
    issuedAt: expect.any(String) as string,
  });

  await until(() => tokyo.state.peers.length === 1);
  expect(tokyo.state.peers[0]).toMatchObject({
    deviceId: laptop.id,
    addresses: ["100.64.0.4/32", "fd00:64::4/128"],
    grants: {
      privatePrefixes: ["10.20.0.0/16"],
      internet: true,
      relays: [{ deviceId: frankfurt.id, endpoint: "198.51.100.30:51820" }],
    },
  });
});
