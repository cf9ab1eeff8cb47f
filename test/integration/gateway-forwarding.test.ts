import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { once } from "node:events";
import type { Host } from "../../src/lab/host.ts";
import { connectFrom, fetchFrom } from "../../src/lab/socket.ts";
import { ping, seenFrom, udpEchoes, urlOf, watchSources } from "./gateway/packets.ts";
import { DriverProcess, INTERFACE } from "./gateway/programs.ts";
import {
  DEVICES,
  ECHO,
  EGRESS,
  EGRESS_PORT,
  GATEWAY,
  INTRANET,
  raiseGatewayWorld,
  stateOf,
  SURROUNDINGS,
  VAULT,
  type GatewayWorld,
} from "./gateway/world.ts";

let it: GatewayWorld;
let gateway: DriverProcess;
let alice: Host;
let mallory: Host;

/** Alice has the private network and a relay, mallory the private network and the Internet. */
const usual = () => stateOf(it.keys, { alice: { relay: true }, mallory: { internet: true } });

/** How often each reason was counted while something was done. */
async function countedDuring(action: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = (await gateway.refusals()).byReason;
  await action();
  const after = (await gateway.refusals()).byReason;
  return Object.fromEntries(
    Object.entries(after)
      .map(([reason, packets]) => [reason, packets - (before[reason] ?? 0)] as const)
      .filter(([, packets]) => packets > 0),
  );
}

beforeAll(async () => {
  it = await raiseGatewayWorld();
  gateway = new DriverProcess(it.gw, it.keys.gw);
  await gateway.apply(usual());
  [alice, mallory] = await Promise.all([it.join("alice"), it.join("mallory")]);
  // A service of the gateway's own, on every address it has.
  void it.gw.spawn("busybox", ["nc", "-ll", "-p", "8080", "-e", "/bin/echo", "management"]);
});
afterAll(() => it.world.close());

describe("what is granted", () => {
  test.each([
    [INTRANET.v4, "10.20.0.1"],
    [INTRANET.v6, "fd00:20::1"],
  ])("the private host %s answers and sees the gateway as %s", async (server, source) => {
    expect(await seenFrom(alice, server)).toBe(source);
  });

  test.each([
    [ECHO.v4, GATEWAY.v4],
    [ECHO.v6, GATEWAY.v6],
  ])("the Internet's %s answers and sees the gateway as %s", async (server, source) => {
    expect(await seenFrom(mallory, server)).toBe(source);
  });

  test.each([EGRESS.v4, EGRESS.v6])("the relay %s is reached on its one port", async (address) => {
    expect(await udpEchoes(alice, address, EGRESS_PORT)).toBe(true);
  });

  test.each([GATEWAY.overlay4, GATEWAY.overlay6])("the gateway answers a ping of %s", async (address) => {
    expect(await ping(alice, address)).toBe("answer");
  });
});

describe("what is not granted is refused with a word and counted", () => {
  test.each([
    ["a private prefix", VAULT.v4, "refused_private"],
    ["a private prefix", VAULT.v6, "refused_private"],
    ["the Internet", ECHO.v4, "refused_internet"],
    ["the Internet", ECHO.v6, "refused_internet"],
    ["another device", DEVICES.mallory.overlay4, "refused_device"],
    ["another device", DEVICES.mallory.overlay6, "refused_device"],
    ["the gateway's public address", GATEWAY.v6, "refused_gateway"],
    ["the gateway's private address", "10.20.0.1", "refused_gateway"],
    ["the gateway's private address", "fd00:20::1", "refused_gateway"],
  ])("%s (%s)", async (_what, address, reason) => {
    const counted = await countedDuring(async () => expect(await ping(alice, address)).toBe("refused"));
    expect(counted).toEqual({ [reason]: 1 });
  });

  test("refusals are counted by device too", async () => {
    const before = (await gateway.refusals()).byAddress[DEVICES.alice.overlay4] ?? 0;
    await ping(alice, VAULT.v4);
    const after = (await gateway.refusals()).byAddress;
    expect(after[DEVICES.alice.overlay4]).toBe(before + 1);
    expect(after[DEVICES.mallory.overlay4]).toBeUndefined();
  });

  test.each([EGRESS.v4, EGRESS.v6])("the relay %s on any other port or protocol", async (address) => {
    expect(await udpEchoes(alice, address, 53)).toBe(false);
    await expect(fetchFrom(alice, urlOf(address), 2000)).rejects.toThrow();
    expect(await ping(alice, address)).toBe("refused");
  });

  test.each([ECHO.v4, ECHO.v6])("the relay's port on %s, which is no relay", async (address) => {
    expect(await udpEchoes(mallory, address, EGRESS_PORT)).toBe(true);
    expect(await udpEchoes(alice, address, EGRESS_PORT)).toBe(false);
  });

  test.each(SURROUNDINGS)(
    "%s, which the gateway itself reaches, is no part of the Internet",
    async (address) => {
      expect(await ping(it.gw, address)).toBe("answer");
      expect(await ping(mallory, address)).toBe("refused");
    },
  );

  test.each([GATEWAY.overlay4, "10.20.0.1"])("a service of the gateway itself on %s", async (address) => {
    const open = connectFrom(it.world.host("intranet"))({
      host: "10.20.0.1",
      port: 8080,
      signal: AbortSignal.timeout(2000),
    });
    (await open).destroy();
    await expect(
      connectFrom(mallory)({ host: address, port: 8080, signal: AbortSignal.timeout(2000) }),
    ).rejects.toThrow(/EHOSTUNREACH|ECONNREFUSED/);
  });
});

describe("a source that is not the device's own", () => {
  test.each([
    ["another device's address", [DEVICES.alice.overlay4, DEVICES.alice.overlay6]],
    ["the gateway's own address", [GATEWAY.overlay4, GATEWAY.overlay6]],
    ["an address of the overlay that nobody has", ["100.64.0.9", "fd00:64::9"]],
    ["an address outside the overlay", ["10.20.1.99", "fd00:20::99"]],
  ])("%s dies inside WireGuard", async (_what, stolen) => {
    const sources = await watchSources(it.gw, INTERFACE);
    const own = [DEVICES.mallory.overlay4, DEVICES.mallory.overlay6];
    await it.join(
      "mallory",
      [...own, ...stolen].map((a) => `${a}/${a.includes(":") ? 128 : 32}`),
    );
    const pingFrom = (source: string) =>
      ping(mallory, source.includes(":") ? INTRANET.v6 : INTRANET.v4, "-I", source);
    expect(await Promise.all(stolen.map(pingFrom))).toEqual(["silence", "silence"]);
    expect(await Promise.all(own.map(pingFrom))).toEqual(["answer", "answer"]);
    expect([...(await sources())].sort()).toEqual(own.sort());
    await it.join("mallory");
  });

  test("an overlay source that comes from outside the tunnel is dropped and counted", async () => {
    const outside = it.world.host("intranet");
    await outside.run("ip", ["address", "add", `${DEVICES.mallory.overlay4}/32`, "dev", "lo"]);
    await outside.run("ip", ["route", "add", `${ECHO.v4}/32`, "via", "10.20.0.1"]);
    const counted = await countedDuring(async () =>
      expect(await ping(outside, ECHO.v4, "-I", DEVICES.mallory.overlay4)).toBe("silence"),
    );
    expect(counted).toEqual({ dropped_spoofed: 1 });
    await outside.run("ip", ["address", "del", `${DEVICES.mallory.overlay4}/32`, "dev", "lo"]);
  });

  test.each([
    ["a device", DEVICES.alice.overlay4],
    ["the gateway's overlay address", GATEWAY.overlay4],
  ])("from outside nobody reaches %s", async (_what, address) => {
    const outside = it.world.host("intranet");
    await outside.run("ip", ["route", "replace", "100.64.0.0/16", "via", "10.20.0.1"]);
    const counted = await countedDuring(async () => expect(await ping(outside, address)).toBe("silence"));
    expect(counted).toEqual({ dropped_unsolicited: 1 });
  });
});

describe("deny all and no data", () => {
  test.each([
    ["a state without peers", () => stateOf(it.keys, {})],
    ["no state at all", () => null],
  ])("%s lets nothing pass", async (_what, state) => {
    expect(await ping(alice, INTRANET.v4)).toBe("answer");
    await gateway.apply(state());
    const targets = [INTRANET.v4, INTRANET.v6, ECHO.v4, GATEWAY.overlay4];
    expect(await Promise.all(targets.map((address) => ping(alice, address)))).not.toContain("answer");
    expect((await it.gw.run("wg", ["show", INTERFACE, "peers"])).trim()).toBe("");
    await gateway.apply(usual());
    await Promise.all([it.join("alice"), it.join("mallory")]);
  });
});

describe("a change of the state", () => {
  afterEach(async () => {
    await gateway.apply(usual());
  });

  test("without masquerading towards the private network its hosts see the device", async () => {
    await gateway.apply({ ...usual(), privateRouting: "routed" });
    const intranet = it.world.host("intranet");
    await intranet.run("ip", ["route", "replace", "100.64.0.0/16", "via", "10.20.0.1"]);
    await intranet.run("ip", ["route", "replace", "fd00:64::/64", "via", "fd00:20::1"]);
    expect(await seenFrom(alice, INTRANET.v4)).toBe(DEVICES.alice.overlay4);
    expect(await seenFrom(alice, INTRANET.v6)).toBe(DEVICES.alice.overlay6);
    // Nor may they start a conversation with it.
    const counted = await countedDuring(async () =>
      expect(await ping(intranet, DEVICES.alice.overlay4)).toBe("silence"),
    );
    expect(counted).toEqual({ dropped_unsolicited: 1 });
  });

  test("does not cost a packet of an established flow", async () => {
    const flow = alice.exec("ping", ["-i0.005", "-c400", "-W1", INTRANET.v4]);
    for (let round = 0; round < 8; round += 1) {
      await gateway.apply(stateOf(it.keys, { alice: { internet: round % 2 === 0 } }));
      await gateway.apply(
        stateOf(it.keys, { alice: {}, mallory: { relay: round % 2 === 0 } }, { mtu: 1380 }),
      );
    }
    expect((await flow).stdout).toMatch(/400 received, 0% packet loss/);
    await gateway.apply(usual());
    await it.join("mallory");
  });

  test("ends at once what it no longer grants, though it was established", async () => {
    const socket = await connectFrom(alice)({
      host: INTRANET.v4,
      port: 80,
      signal: AbortSignal.timeout(2000),
    });
    const closed = once(socket, "error");
    await gateway.apply(stateOf(it.keys, { alice: { private: false } }));
    socket.write("GET / HTTP/1.1\r\nHost: intranet\r\n\r\n");
    expect(String((await closed)[0])).toContain("ECONNRESET");
  });

  test("hands an address on only after its last holder lost it", async () => {
    const state = usual();
    const [first, second] = state.peers;
    if (first === undefined || second === undefined) throw new Error("two peers");
    await gateway.apply({ ...state, peers: [{ ...second, addresses: first.addresses }] });
    const dump = await it.gw.run("wg", ["show", INTERFACE, "allowed-ips"]);
    expect(dump.trim()).toBe(
      `${second.publicKey}\t${DEVICES.alice.overlay4}/32 ${DEVICES.alice.overlay6}/128`,
    );
    await gateway.apply(usual());
    await Promise.all([it.join("alice"), it.join("mallory")]);
  });

  test("takes and drops preshared keys", async () => {
    const state = usual();
    const presharedKey = Buffer.alloc(32, 7).toString("base64");
    const secured = { ...state, peers: state.peers.map((peer) => ({ ...peer, presharedKey })) };
    await gateway.apply(secured);
    expect(await gateway.problem(secured)).toBeNull();
    expect(await it.gw.run("wg", ["show", INTERFACE, "preshared-keys"])).not.toContain("(none)");
    await gateway.apply(usual());
    expect(await it.gw.run("wg", ["show", INTERFACE, "preshared-keys"])).not.toContain(presharedKey);
  });

  test("touches nothing when nothing is different", async () => {
    const before = await it.gw.run("nft", ["-a", "list", "table", "inet", "nanami_gateway"]);
    await gateway.apply(usual());
    const handles = (text: string) => [...text.matchAll(/handle (\d+)/g)].map((match) => match[1]);
    expect(handles(await it.gw.run("nft", ["-a", "list", "table", "inet", "nanami_gateway"]))).toEqual(
      handles(before),
    );
  });
});

describe("interference is noticed", () => {
  test.each([
    ["a grant that somebody added", ["nft", "add element inet nanami_gateway internet4 { 100.64.0.2 }"]],
    ["a rule that somebody added", ["nft", "insert rule inet nanami_gateway forward accept"]],
    ["a peer that somebody removed", ["wg", `set ${INTERFACE} peer`]],
    ["an address that somebody removed", ["ip", `address del ${GATEWAY.overlay4}/32 dev ${INTERFACE}`]],
    ["a table that somebody deleted", ["nft", "delete table inet nanami_gateway"]],
    ["an interface that somebody deleted", ["ip", `link del ${INTERFACE}`]],
  ] as const)("%s, and put right", async (_what, [program, args]) => {
    expect(await gateway.problem(usual())).toBeNull();
    const peer = program === "wg" ? [usual().peers[0]?.publicKey ?? "", "remove"] : [];
    await it.gw.run(program, [...args.split(" "), ...peer]);
    expect(await gateway.problem(usual())).toEqual(expect.any(String));
    await gateway.apply(usual());
    expect(await gateway.problem(usual())).toBeNull();
  });
});
