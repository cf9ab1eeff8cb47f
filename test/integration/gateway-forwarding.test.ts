import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Host } from "../../src/lab/host.ts";
import { fetchFrom } from "../../src/lab/socket.ts";
import { DriverProcess } from "./gateway/programs.ts";
import {
  ECHO,
  GATEWAY,
  INTRANET,
  raiseGatewayWorld,
  stateOf,
  VAULT,
  type GatewayWorld,
} from "./gateway/world.ts";

let it: GatewayWorld;
let gateway: DriverProcess;
let alice: Host;

beforeAll(async () => {
  it = await raiseGatewayWorld();
  gateway = new DriverProcess(it.gw, it.keys.gw);
  await gateway.apply(stateOf(it.keys, { alice: {}, mallory: { internet: true } }));
  alice = await it.join("alice");
  await it.join("mallory");
});
afterAll(() => it.world.close());

const url = (address: string) => `http://${address.includes(":") ? `[${address}]` : address}/`;
const seenFrom = async (host: Host, address: string): Promise<unknown> =>
  (JSON.parse((await fetchFrom(host, url(address))).body) as { address: string }).address;

describe("a granted private prefix", () => {
  test.each([INTRANET.v4, INTRANET.v6])("%s answers, and sees the gateway", async (address) => {
    expect(await seenFrom(alice, address)).toBe(address.includes(":") ? "fd00:20::1" : "10.20.0.1");
  });
});

test.each([GATEWAY.overlay4, GATEWAY.overlay6])("the gateway answers a ping of %s", async (address) => {
  const ping = await alice.exec("ping", ["-c1", "-W2", address]);
  expect(ping.stdout).toContain("1 received");
});

test.each([VAULT.v4, VAULT.v6, ECHO.v4, ECHO.v6])(
  "%s, not granted, is refused with a word",
  async (address) => {
    const ping = await alice.exec("ping", ["-c1", "-W2", address]);
    expect(ping.stdout).toMatch(/Packet filtered|Administratively prohibited/);
  },
);
