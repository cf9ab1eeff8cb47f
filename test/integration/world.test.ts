/**
 * The whole product in the demo world: real WireGuard, a real control plane, six gateways and a laptop. What is
 * true of the laptop's traffic is told by the servers it talks to and by the router in the middle of the Internet.
 */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ResolvedPath } from "../../src/routing/schema.ts";
import type { AgentClient } from "../../src/rpc/client.ts";
import { AgentRefusal } from "../../src/rpc/client.ts";
import { Capture } from "../../src/lab/capture.ts";
import { CONTROL, ECHO, gatewaySite, HOTEL, INTRANET, WIREGUARD_PORT } from "../../src/lab/demo-places.ts";
import { DemoNetwork } from "../../src/lab/demo-network.ts";
import { connectIn, isConnected, prefer, until } from "../../src/lab/device.ts";
import {
  proveClosed,
  proveDirectInternet,
  proveFullTunnel,
  proveNoPrivateReach,
  provePrivateReach,
  proveTunnelInForce,
} from "../../src/lab/proof.ts";
import { bodyOf, gatewaysOf, request } from "../../src/lab/seed.ts";
import { fetchFrom } from "../../src/lab/socket.ts";
import { holds } from "../holds.ts";

let folder: string;
let network: DemoNetwork;
let agent: AgentClient;
let deviceId: string;

async function idOf(name: string): Promise<string> {
  const { operators, networks } = network.seed;
  const lists = [
    await gatewaysOf(network.client(operators.acme), networks.corp),
    await gatewaysOf(network.client(operators.acme), networks.lab),
    await gatewaysOf(network.client(operators.globex), networks.globex),
  ];
  const found = lists.map((list) => list.get(name)).find((one) => one !== undefined);
  if (found === undefined) throw new Error(`no gateway ${name}`);
  return found.deviceId;
}

async function pin(ingress: string | null, egress: string | null): Promise<void> {
  await prefer(agent, "full_tunnel", {
    routingMode: "manual",
    ingressDeviceId: ingress === null ? null : await idOf(ingress),
    egressDeviceId: egress === null ? null : await idOf(egress),
  });
}

/** Addresses of a name as any program on the laptop gets them. */
async function lookUp(name: string): Promise<Set<string>> {
  const { stdout } = await network.laptop.exec("getent", ["ahosts", name]);
  const addresses = stdout.split("\n").flatMap((line) => line.split(" ")[0] || []);
  return new Set(addresses);
}

/** What the hotel's resolver was asked meanwhile, but for the control plane's name, which the agent asks for itself. */
async function hotelHears(action: () => Promise<void>): Promise<string> {
  const log = () => network.world.host(HOTEL.host).run("cat", ["/run/dnsmasq.log"]);
  const before = (await log()).length;
  await action();
  const queries = (await log()).slice(before).split("\n");
  return queries.filter((line) => line.includes("query[") && !line.includes(CONTROL.name)).join("\n");
}

const automatic = { routingMode: "auto" } as const;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nanami-"));
  network = await DemoNetwork.raise({ state: join(folder, "state"), socket: join(folder, "agent.sock") });
  agent = await network.agent();
  ({ deviceId } = await agent.call("enroll", { link: await network.deviceLink(), name: "laptop" }));
  return async () => {
    agent.close();
    await network.close();
    await rm(folder, { recursive: true, force: true });
  };
});

describe("where traffic goes", () => {
  test("before it connects, the laptop reaches the Internet directly and nothing private", async () => {
    await holds(() => proveNoPrivateReach(network));
    await holds(() => proveDirectInternet(network));
  });

  test("in vpn_only the private network is reached, and Internet traffic does not enter the tunnel", async () => {
    await connectIn(agent, "vpn_only");
    await holds(() => provePrivateReach(network));
    await holds(() => proveDirectInternet(network));
  });

  test("in full_tunnel everything leaves at the egress, over both families", async () => {
    await connectIn(agent, "full_tunnel");
    await holds(() => provePrivateReach(network));
    await holds(() => proveTunnelInForce(network, agent));
  });

  test.each([
    ["tokyo", "frankfurt"],
    ["osaka", "frankfurt"],
    ["frankfurt", "tokyo"],
    ["frankfurt", "frankfurt"],
  ])("pinned %s → %s, traffic enters and leaves there and nowhere else", async (ingress, egress) => {
    await connectIn(agent, "full_tunnel");
    await pin(ingress, egress);
    await until(agent, `${ingress} → ${egress}`, (snapshot) =>
      isConnected(snapshot, "full_tunnel", { ingress, egress }),
    );
    await holds(() => proveFullTunnel(network, ingress, egress));
    await holds(() => provePrivateReach(network));
  });

  test("an ingress that is not the egress sees only WireGuard's packets; the egress sees whom it serves", async () => {
    await connectIn(agent, "full_tunnel");
    await pin("tokyo", "frankfurt");
    await until(agent, "tokyo → frankfurt", (snapshot) =>
      isConnected(snapshot, "full_tunnel", { ingress: "tokyo", egress: "frankfurt" }),
    );
    await holds(() => proveFullTunnel(network, "tokyo", "frankfurt"));
    const captures = await Promise.all(
      ["tokyo", "frankfurt"].map((name) => Capture.start(network.world.host(name), "eth0")),
    );
    await fetchFrom(network.laptop, `http://${ECHO.v4}/bytes/50000`);
    const [tokyo = [], frankfurt = []] = await Promise.all(captures.map((capture) => capture.stop()));
    const concernsEcho = (packet: { source: string; destination: string }) =>
      [packet.source, packet.destination].some((one) => one === ECHO.v4 || one === ECHO.v6);
    expect(frankfurt.filter(concernsEcho).length, "the detector sees it at the egress").toBeGreaterThan(0);
    expect(tokyo.filter(concernsEcho)).toEqual([]);
    const ends = [HOTEL.v4, gatewaySite("tokyo").v4, gatewaySite("frankfurt").v4];
    const data = tokyo.filter((packet) => packet.protocol === "udp" && packet.length > 500);
    expect(data.length).toBeGreaterThan(50);
    for (const packet of data) {
      expect(ends).toContain(packet.source);
      expect(ends).toContain(packet.destination);
      expect([packet.sourcePort, packet.destinationPort]).toContain(WIREGUARD_PORT);
    }
  });

  test("the proofs can fail: each sees the mode that it is not about", async () => {
    await prefer(agent, "vpn_only", automatic);
    await connectIn(agent, "vpn_only");
    const full = await proveFullTunnel(network, "tokyo", "tokyo");
    expect(full.held, full.evidence).toBe(false);
    expect((await proveNoPrivateReach(network)).held).toBe(false);
    expect((await proveClosed(network)).held).toBe(false);
    await prefer(agent, "full_tunnel", automatic);
    const { path } = await connectIn(agent, "full_tunnel");
    const direct = await proveDirectInternet(network);
    expect(direct.held, direct.evidence).toBe(false);
    const elsewhere = path?.egress?.name === "tokyo" ? "frankfurt" : "tokyo";
    expect((await proveFullTunnel(network, elsewhere, elsewhere)).held).toBe(false);
  });

  test("in vpn_only only the private domain is asked inside the tunnel", async () => {
    await prefer(agent, "vpn_only", automatic);
    await connectIn(agent, "vpn_only");
    const hotel = await hotelHears(async () => {
      expect(await lookUp(INTRANET.name)).toEqual(new Set([INTRANET.v4, INTRANET.v6]));
      expect(await lookUp(ECHO.name)).toEqual(new Set([ECHO.v4, ECHO.v6]));
    });
    expect(hotel).toContain(ECHO.name);
    expect(hotel).not.toContain(INTRANET.name);
  });

  test("in full_tunnel every name is asked inside the tunnel, and the hotel's resolver hears nothing", async () => {
    await prefer(agent, "full_tunnel", automatic);
    await connectIn(agent, "full_tunnel");
    const hotel = await hotelHears(async () => {
      expect(await lookUp(INTRANET.name)).toEqual(new Set([INTRANET.v4, INTRANET.v6]));
      expect(await lookUp(ECHO.name)).toEqual(new Set([ECHO.v4, ECHO.v6]));
    });
    expect(hotel).toBe("");
  });

  test("switching back to vpn_only gives the Internet its direct way again", async () => {
    await connectIn(agent, "full_tunnel");
    await prefer(agent, "vpn_only", automatic);
    await until(agent, "vpn_only", (snapshot) => isConnected(snapshot, "vpn_only"));
    await holds(() => provePrivateReach(network));
    await holds(() => proveDirectInternet(network));
  });

  test("after disconnecting, everything is as it was", async () => {
    await connectIn(agent, "full_tunnel");
    await agent.call("disconnect", {});
    await holds(() => proveNoPrivateReach(network));
    await holds(() => proveDirectInternet(network));
    const rules = await network.laptop.run("nft", ["list", "tables"]);
    expect(rules.trim()).toBe("");
    const policy = await network.laptop.run("ip", ["rule", "list"]);
    expect(policy.trim().split("\n")).toHaveLength(3);
  });
});

describe("pins that are not allowed", () => {
  test.each([
    ["saopaulo", "access_denied"],
    ["oslo", "wrong_network"],
    ["lima", "unknown_device"],
    ["osaka", "missing_role"],
  ])("an egress pinned to %s is refused as %s, and nothing changes", async (egress, code) => {
    await connectIn(agent, "vpn_only");
    const before = await agent.call("getPreferences", {});
    const refusal = await pin(null, egress).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(AgentRefusal);
    expect(refusal instanceof AgentRefusal && refusal.problem.errors?.map((one) => one.code)).toEqual([code]);
    expect(await agent.call("getPreferences", {})).toEqual(before);
    await holds(() => provePrivateReach(network));
  });
});

describe("when something goes away", () => {
  test("the tunnel stays as it is while the control plane is away, and a change arrives after its return", async () => {
    await prefer(agent, "vpn_only", automatic);
    await connectIn(agent, "vpn_only");
    await network.stop("control-plane", "SIGKILL");
    await until(agent, "control plane away", (snapshot) => !snapshot.controlPlane.connected);
    await holds(() => provePrivateReach(network));
    await network.startControlPlane();
    await until(agent, "control plane back", (snapshot) => snapshot.controlPlane.connected, 40_000);
    await prefer(agent, "full_tunnel", automatic);
    await until(agent, "full_tunnel", (snapshot) => isConnected(snapshot, "full_tunnel"));
    await holds(() => proveTunnelInForce(network, agent));
  });

  test("a control plane restored from a backup takes the device along", async () => {
    const data = network.path("control-plane");
    const backup = network.path("backup");
    await prefer(agent, "vpn_only", automatic);
    await connectIn(agent, "vpn_only");
    await network.stop("control-plane");
    await cp(data, backup, { recursive: true });
    await network.startControlPlane();
    await until(agent, "control plane back", (snapshot) => snapshot.controlPlane.connected, 40_000);
    await prefer(agent, "full_tunnel", automatic);
    await until(agent, "full_tunnel", (snapshot) => isConnected(snapshot, "full_tunnel"));

    await network.stop("control-plane");
    await rm(data, { recursive: true });
    await cp(backup, data, { recursive: true });
    await network.startControlPlane();
    await until(agent, "control plane back", (snapshot) => snapshot.controlPlane.connected, 40_000);
    await prefer(agent, "vpn_only", automatic);
    await until(agent, "vpn_only", (snapshot) => isConnected(snapshot, "vpn_only"));
    // The path changes a few times while the gateways come back; then both sides mean the same one.
    await expect
      .poll(
        async () => {
          const { path } = await agent.call("status", {});
          const place = `/devices/${deviceId}/resolved-path`;
          const stored = await request(network.operator, "GET", place, ResolvedPath);
          return path !== null && JSON.stringify(path.epoch) === JSON.stringify(stored.epoch);
        },
        { timeout: 10_000 },
      )
      .toBe(true);
    await holds(() => provePrivateReach(network));
  });

  test("a gateway that restarts serves its devices again", async () => {
    await connectIn(agent, "full_tunnel");
    await pin("tokyo", "tokyo");
    await until(agent, "tokyo", (snapshot) => isConnected(snapshot, "full_tunnel", { ingress: "tokyo" }));
    await network.stop("tokyo", "SIGKILL");
    await network.startGateway("tokyo");
    await network.gatewaysHealthy(["tokyo"]);
    await holds(() => proveFullTunnel(network, "tokyo", "tokyo"));
  });

  test("automatic choice leaves a gateway that went away", async () => {
    await prefer(agent, "full_tunnel", automatic);
    const { path } = await connectIn(agent, "full_tunnel");
    const gone = path?.ingress?.name ?? "";
    await network.stop(gone);
    await until(
      agent,
      `not ${gone}`,
      (snapshot) => isConnected(snapshot, "full_tunnel") && snapshot.inForce?.ingress.name !== gone,
      40_000,
    );
    await holds(() => proveTunnelInForce(network, agent));
    await network.startGateway(gone);
    await network.gatewaysHealthy([gone]);
  });

  test("a killed agent leaves the protection, and its next life continues the tunnel", async () => {
    await prefer(agent, "full_tunnel", automatic);
    await connectIn(agent, "full_tunnel");
    await network.stop("agent", "SIGKILL");
    const around = await proveDirectInternet(network);
    expect(around.held, around.evidence).toBe(false);
    expect(around.evidence).toContain("0 kB went directly");
    await network.startAgent();
    agent = await network.agent();
    await until(agent, "connected again", (snapshot) => isConnected(snapshot, "full_tunnel"));
    await holds(() => proveTunnelInForce(network, agent));
  });
});

describe("revocation", () => {
  test("a revoked device stays closed until it disconnects, which works without the control plane", async () => {
    await prefer(agent, "full_tunnel", automatic);
    await connectIn(agent, "full_tunnel");
    bodyOf(await network.operator.call({ method: "DELETE", path: `/devices/${deviceId}`, answer: null }));
    await until(agent, "revoked", (snapshot) => snapshot.controlPlane.revoked);
    await holds(() => proveClosed(network));
    await network.stop("control-plane");
    await agent.call("disconnect", {});
    await holds(() => proveDirectInternet(network));
    await holds(() => proveNoPrivateReach(network));
  });
});
