/**
 * Isolation is the gateways' doing and never the file's: configurations that the real control plane issued, in the
 * hands of somebody with plain WireGuard who edits them in every way that matters. What a gateway refuses to forward
 * it says so and counts; what dies inside WireGuard is shown by its absence behind the interface, beside something
 * that passes.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { CreatedManualConfig, CreatedUser, type CreateManualConfig } from "../../src/api/http.ts";
import { parseRefusedBy, parseTable } from "../../src/gateway/readings.ts";
import { ECHO, gatewaySite, INTRANET } from "../../src/lab/demo-places.ts";
import { DemoNetwork } from "../../src/lab/demo-network.ts";
import { connectIn, isConnected, prefer, until } from "../../src/lab/device.ts";
import type { Host } from "../../src/lab/host.ts";
import { bodyOf, gatewaysOf, request } from "../../src/lab/seed.ts";
import type { TrafficMode } from "../../src/routing/types.ts";
import type { AgentClient } from "../../src/rpc/client.ts";
import { generatePrivateKey } from "../../src/wireguard/keys.ts";
import { claim, edit, sendRaw, withFile } from "./enforcement/plain-wireguard.ts";
import { ping, seenFrom, watchSources } from "./gateway/packets.ts";

const INTERFACE = "nanami-gw";
const EVERYTHING = "0.0.0.0/0, ::/0";
const TOKYO = {
  ...gatewaySite("tokyo"),
  private4: "10.20.0.10",
  private6: "fd00:20::10",
} as const;
/** Hosts that tokyo itself reaches, on the cable to its private network, and that are nobody's to reach through it. */
const NEIGHBOURHOOD = {
  "another network of the workspace": ["10.30.1.80"],
  "another workspace's network": ["10.40.1.80", "fd00:40::80"],
  "another workspace's overlay": ["100.66.0.9", "fd00:66::9"],
  "the LAN behind the gateway": ["192.168.77.1", "172.16.5.1", "fd00:77::1"],
  "the metadata service": ["169.254.169.254", "fd00:ec2::254"],
} as const;
const neighbourhood = Object.values(NEIGHBOURHOOD).flat();

type Issued = z.infer<typeof CreatedManualConfig>;

let network: DemoNetwork;
let agent: AgentClient;
let tokyo: Host;
/** Somebody in the hotel with plain WireGuard. */
let mallory: Host;
/** A second machine with plain WireGuard, elsewhere. */
let second: Host;
let gatewayIds: ReadonlyMap<string, string>;
let tokyoOverlay: readonly string[];
/** Mallory's own, by mode, and one of somebody else. */
let files: Readonly<Record<TrafficMode, Issued>>;
let rens: Issued;

const configsPath = () => `/networks/${network.seed.networks.corp}/manual-configs`;

function gatewayId(name: string): string {
  const id = gatewayIds.get(name);
  if (id === undefined) throw new Error(`no gateway ${name}`);
  return id;
}

/** A fresh configuration of the laptop's owner, or of somebody else. */
function issue(
  body: Partial<z.input<typeof CreateManualConfig>> & { readonly via?: string },
): Promise<Issued> {
  const { via = "tokyo", ...more } = body;
  return request(network.operator, "POST", configsPath(), CreatedManualConfig, {
    name: "plain",
    userId: network.seed.member.id,
    gatewayDeviceId: gatewayId(via),
    ...more,
  });
}

/** Its overlay addresses, IPv4 first, without lengths. */
function addressesOf({ manualConfig }: Issued): [string, string] {
  const [four = "", six = ""] = manualConfig.addresses.map((address) => address.split("/")[0] ?? "");
  return [four, six];
}

const table = async (host: Host) =>
  parseTable(await host.run("nft", ["-j", "list", "table", "inet", "nanami_gateway"])).counters;

/** What a gateway counted, by rule, while something was done. */
async function countedDuring(host: Host, action: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await table(host);
  await action();
  const after = [...(await table(host))].map(([name, packets]) => [name, packets - (before.get(name) ?? 0)]);
  return Object.fromEntries(after.filter(([, packets]) => packets !== 0)) as Record<string, number>;
}

/** For what has to come back, on a machine that is busy with other tests. */
const patientPing = (host: Host, address: string) => ping(host, address, "-W2");

/** What is reached from a host, and as whom it is seen there. */
async function reachOf(host: Host): Promise<Record<string, string>> {
  const known = [TOKYO.v4, TOKYO.v6, TOKYO.private4, TOKYO.private6];
  const seen = async (server: string): Promise<string> => {
    const address = await seenFrom(host, server).catch(() => null);
    return address === null ? "out of reach" : known.includes(address) ? "through tokyo" : "directly";
  };
  const pinged = async (address: string): Promise<string> =>
    (await patientPing(host, address)) === "answer" ? "answers" : "out of reach";
  const [servers, hosts] = [
    [INTRANET.v4, INTRANET.v6, ECHO.v4, ECHO.v6],
    [...tokyoOverlay, ...addressesOf(rens), ...neighbourhood],
  ];
  return Object.fromEntries([
    ...(await Promise.all(servers.map(async (one) => [one, await seen(one)] as const))),
    ...(await Promise.all(hosts.map(async (one) => [one, await pinged(one)] as const))),
  ]);
}

/** Imports a file into the laptop's agent, word for word accepted, and runs `action` while it is connected. */
async function imported<T>(file: string, action: () => Promise<T>): Promise<T> {
  const bytes = Buffer.from(file).toString("base64");
  const { digest, documents } = await agent.call("importBytes", { bytes });
  expect(documents).toMatchObject([{ verdict: "accepted", findingCount: 0, unused: [] }]);
  const choices = [{ index: 0, name: "issued" }];
  const [profile] = await agent.call("confirmImport", { digest, choices });
  const id = profile?.id ?? "";
  await agent.call("connect", { profile: id });
  await until(
    agent,
    "connected by the file",
    (snapshot) => snapshot.tunnel.state === "connected" && snapshot.profile?.id === id,
  );
  try {
    return await action();
  } finally {
    await agent.call("disconnect", {});
  }
}

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "nanami-"));
  network = await DemoNetwork.raise({ state: join(folder, "state"), socket: join(folder, "agent.sock") });
  const { world, seed } = network;
  [tokyo, mallory, second] = [world.host("tokyo"), world.host("neighbour"), world.host(ECHO.host)];
  const batch = (lines: readonly string[]) => ({ input: `${lines.join("\n")}\n` });
  const host = (address: string) => `${address}/${address.includes(":") ? "128" : "32"}`;
  await world
    .host(INTRANET.host)
    .run("ip", ["-batch", "-"], batch(neighbourhood.map((one) => `address add ${host(one)} dev eth0`)));
  await tokyo.run(
    "ip",
    ["-batch", "-"],
    batch(neighbourhood.map((one) => `route add ${host(one)} dev corp0`)),
  );

  // A kernel tells one host at most once a second that it is refused (icmp(7)); these tests ask faster.
  for (const gateway of ["tokyo", "osaka"])
    for (const limit of ["ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit"])
      await world.host(gateway).run("sh", ["-c", `echo 0 > /proc/sys/net/${limit}`]);

  const gateways = await gatewaysOf(network.operator, seed.networks.corp);
  gatewayIds = new Map([...gateways].map(([name, { deviceId }]) => [name, deviceId]));
  const ren = (await request(network.operator, "POST", "/users", CreatedUser, { name: "Ren" })).user;
  rens = await issue({ userId: ren.id });
  files = { vpn_only: await issue({}), full_tunnel: await issue({ trafficMode: "full_tunnel" }) };
  const listing = await tokyo.run("ip", ["-o", "address", "show", "dev", INTERFACE]);
  tokyoOverlay = [...listing.matchAll(/inet6? ((?:100\.64|fd00:64)[0-9a-f:.]*)/g)].map(([, one = ""]) => one);
  agent = await network.agent();
  await agent.call("enroll", { link: await network.deviceLink(), name: "laptop" });
  return async () => {
    agent.close();
    await network.close();
    await rm(folder, { recursive: true, force: true });
  };
});

describe("an issued file as it is", () => {
  test.each(["vpn_only", "full_tunnel"] as const)(
    "reaches in %s, with plain wg-quick and imported here, exactly what a managed device of its owner reaches",
    async (mode) => {
      await connectIn(agent, mode);
      const [ingressDeviceId, egressDeviceId] = [gatewayId("tokyo"), gatewayId("tokyo")];
      await prefer(agent, mode, { routingMode: "manual", ingressDeviceId, egressDeviceId });
      await until(agent, "through tokyo", (snapshot) =>
        isConnected(snapshot, mode, { ingress: "tokyo", egress: "tokyo" }),
      );
      const managed = await reachOf(network.laptop);
      await agent.call("disconnect", {});
      const plain = await withFile(mallory, files[mode].file, () => reachOf(mallory));
      expect(plain).toEqual(managed);
      expect(await imported(files[mode].file, () => reachOf(network.laptop))).toEqual(managed);
      const reached = Object.entries(plain).filter(([, how]) => how !== "out of reach");
      const internet = mode === "full_tunnel" ? "through tokyo" : "directly";
      expect(Object.fromEntries(reached)).toEqual({
        [INTRANET.v4]: "through tokyo",
        [INTRANET.v6]: "through tokyo",
        [ECHO.v4]: internet,
        [ECHO.v6]: internet,
        ...Object.fromEntries(tokyoOverlay.map((address) => [address, "answers"])),
      });
    },
  );
});

describe("AllowedIPs widened to everything reach nothing more, and the gateway says so and counts it", () => {
  const refused: readonly (readonly [what: string, address: () => string, rule: string])[] = [
    ["another device", () => addressesOf(rens)[0], "refused_device"],
    ["another device, IPv6", () => addressesOf(rens)[1], "refused_device"],
    ["an address of the overlay that nobody has", () => "100.64.200.9", "refused_device"],
    ["the gateway's private side", () => TOKYO.private4, "refused_gateway"],
    ["the gateway's private side, IPv6", () => TOKYO.private6, "refused_gateway"],
    ["the gateway's public side", () => TOKYO.v4, "refused_gateway"],
    ["the gateway's public side, IPv6", () => TOKYO.v6, "refused_gateway"],
    ...Object.entries(NEIGHBOURHOOD).flatMap(([what, addresses]) =>
      addresses.map(
        (address) =>
          [
            `${what}, ${address}`,
            () => address,
            what === "the metadata service" ? "refused_special" : "refused_internal",
          ] as const,
      ),
    ),
  ];
  const widened = () => edit(files.vpn_only.file, "AllowedIPs", EVERYTHING);

  test.each(refused)("%s", async (_what, address, rule) => {
    await withFile(mallory, widened(), async () => {
      const counted = await countedDuring(tokyo, async () =>
        expect(await patientPing(mallory, address())).toBe("refused"),
      );
      expect(counted).toEqual({ [rule]: 1 });
      expect(await patientPing(mallory, INTRANET.v4)).toBe("answer");
    });
  });

  test.each(neighbourhood)("while the gateway itself reaches %s", async (address) => {
    expect(await patientPing(tokyo, address)).toBe("answer");
  });

  test("the Internet, where the gateway is no exit", async () => {
    const { file } = await issue({ via: "osaka" });
    const osaka = network.world.host("osaka");
    await withFile(mallory, edit(file, "AllowedIPs", EVERYTHING), async () => {
      for (const address of [ECHO.v4, ECHO.v6]) {
        const counted = await countedDuring(osaka, async () =>
          expect(await patientPing(mallory, address)).toBe("refused"),
        );
        expect(counted).toEqual({ refused_internet: 1 });
      }
      expect(await patientPing(mallory, INTRANET.v4)).toBe("answer");
    });
  });

  test("the same from a file for full_tunnel, whose Internet is the Internet alone", async () => {
    await withFile(mallory, files.full_tunnel.file, async () => {
      expect(await patientPing(mallory, ECHO.v4)).toBe("answer");
      const answers = await Promise.all(neighbourhood.map((address) => patientPing(mallory, address)));
      expect(answers).toEqual(neighbourhood.map(() => "refused"));
    });
  });

  test("and it is counted by the address of who asked, for an operator to see", async () => {
    const [own] = addressesOf(files.vpn_only);
    const by = async () =>
      parseRefusedBy(await tokyo.run("nft", ["-j", "list", "set", "inet", "nanami_gateway", "refused_by4"]));
    const before = (await by()).get(own) ?? 0;
    await withFile(mallory, widened(), () => ping(mallory, "192.168.77.1"));
    expect((await by()).get(own)).toBe(before + 1);
  });
});

const STOLEN: readonly (readonly [what: string, addresses: () => readonly string[]])[] = [
  ["another device's address", () => addressesOf(rens)],
  ["the gateway's address", () => tokyoOverlay],
  ["an address of the overlay that nobody has", () => ["100.64.200.9", "fd00:64::c809"]],
  ["an address of the private network", () => ["10.20.1.99", "fd00:20::99"]],
  ["an address of another workspace's overlay", () => ["100.66.0.5", "fd00:66::5"]],
];
const isSix = (address: string) => address.includes(":");

describe("a source that is not one's own dies inside WireGuard", () => {
  test.each(STOLEN)("%s, written into Address", async (_what, stolen) => {
    const own = addressesOf(files.vpn_only);
    await withFile(mallory, claim(files.vpn_only.file, stolen()), async () => {
      const sources = await watchSources(tokyo, INTERFACE);
      const from = (source: string) => ping(mallory, isSix(source) ? INTRANET.v6 : INTRANET.v4, "-I", source);
      const counted = await countedDuring(tokyo, async () => {
        expect(await Promise.all(stolen().map(from))).toEqual(["silence", "silence"]);
        expect(await Promise.all(own.map(from))).toEqual(["answer", "answer"]);
      });
      expect([...(await sources())].sort()).toEqual([...own].sort());
      expect(counted).toEqual({});
    });
  });

  test.each(STOLEN)("%s, in raw packets", async (_what, stolen) => {
    const own = addressesOf(files.vpn_only);
    await withFile(mallory, files.vpn_only.file, async () => {
      const sources = await watchSources(tokyo, INTERFACE);
      const sent = await watchSources(mallory, "plain", "out");
      for (const [index, server] of [INTRANET.v4, INTRANET.v6].entries()) {
        const lies = stolen().filter((address) => isSix(address) === isSix(server));
        // The true one goes last: once it is through, whatever else could come through has.
        await sendRaw(mallory, [...lies, own[index] ?? ""], server, 9);
      }
      await expect.poll(async () => [...(await sources())].sort()).toEqual([...own].sort());
      // Beside ours, the kernel says by its link-local address what it listens to (MLD).
      const ours = [...(await sent())].filter((address) => !address.startsWith("fe80:"));
      expect(ours.sort()).toEqual([...own, ...stolen()].sort());
    });
  });
});

describe("a key", () => {
  const peers = async () => (await tokyo.run("wg", ["show", INTERFACE, "endpoints"])).trim().split("\n");

  test("on a second machine is the same one identity: the same grants, and only one of the two at a time", async () => {
    const { file, manualConfig } = files.vpn_only;
    await withFile(mallory, file, async () => {
      expect(await patientPing(mallory, INTRANET.v4)).toBe("answer");
      // The gateway says no from its own address, which the issued file lets in.
      const wanted = ["10.20.0.0/16", "192.168.77.0/24", ...tokyoOverlay];
      const twin = edit(file, "AllowedIPs", wanted.join(", "));
      await withFile(second, twin, async () => {
        expect(await patientPing(second, INTRANET.v4)).toBe("answer");
        const [held, ...more] = (await peers()).filter((line) => line.startsWith(manualConfig.publicKey));
        expect(held).toContain(`${ECHO.v4}:`);
        expect(more).toEqual([]);
        const counted = await countedDuring(tokyo, async () =>
          expect(await patientPing(second, "192.168.77.1")).toBe("refused"),
        );
        expect(counted).toEqual({ refused_internal: 1 });
      });
    });
  });

  test("with another's address gives the second machine nothing", async () => {
    const [four] = addressesOf(rens);
    const [own] = addressesOf(files.vpn_only);
    await withFile(second, edit(files.vpn_only.file, "Address", `${four}/32`), async () => {
      const sources = await watchSources(tokyo, INTERFACE);
      expect(await ping(second, INTRANET.v4)).toBe("silence");
      await withFile(mallory, files.vpn_only.file, async () =>
        expect(await patientPing(mallory, INTRANET.v4)).toBe("answer"),
      );
      expect(await sources()).toEqual([own]);
    });
  });

  test("that nobody issued is not answered", async () => {
    const strange = edit(files.vpn_only.file, "PrivateKey", generatePrivateKey().reveal());
    await withFile(mallory, strange, async () => {
      expect(await ping(mallory, INTRANET.v4)).toBe("silence");
      expect(await mallory.run("wg", ["show", "plain", "latest-handshakes"])).toMatch(/\t0$/);
    });
  });

  test("that was revoked is forgotten in the middle of a conversation, and for good", async () => {
    const { file, manualConfig } = await issue({});
    await withFile(second, rens.file, () =>
      withFile(mallory, file, async () => {
        expect(await patientPing(mallory, INTRANET.v4)).toBe("answer");
        const path = `${configsPath()}/${manualConfig.id}`;
        bodyOf(await network.operator.call({ method: "DELETE", path, answer: null }));
        await expect.poll(peers).not.toContainEqual(expect.stringContaining(manualConfig.publicKey));
        expect(await ping(mallory, INTRANET.v4)).toBe("silence");
        expect(await patientPing(second, INTRANET.v4)).toBe("answer");
      }),
    );
    await withFile(mallory, file, async () => {
      expect(await ping(mallory, INTRANET.v4)).toBe("silence");
      expect(await mallory.run("wg", ["show", "plain", "latest-handshakes"])).toMatch(/\t0$/);
    });
  });
});
