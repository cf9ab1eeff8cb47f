/**
 * The agent and a control plane that is away, hangs, lies or is somebody else: the tunnel stays as it was, the error
 * is understandable, and what the person decides meanwhile takes effect.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { RoutingPreference } from "../../src/routing/schema.ts";
import type { AgentClient } from "../../src/rpc/client.ts";
import { makeCertificates } from "../../src/lab/certificates.ts";
import { CONTROL } from "../../src/lab/demo-places.ts";
import { DemoNetwork } from "../../src/lab/demo-network.ts";
import { connectIn, isConnected, until } from "../../src/lab/device.ts";
import { provePrivateReach, proveTunnelInForce } from "../../src/lab/proof.ts";
import { bodyOf } from "../../src/lab/seed.ts";
import { untilLine } from "../../src/lab/world.ts";
import { holds } from "../holds.ts";

const IMPOSTOR = fileURLToPath(new URL("agent-impostor.ts", import.meta.url));

let folder: string;
let network: DemoNetwork;
let agent: AgentClient;
let deviceId: string;
let impostor: { stop(): Promise<void> } | undefined;

/** Puts an impostor in the control plane's place. */
async function replaceControlPlane(
  ...words: [kind: string, certificate?: string, key?: string, path?: string]
) {
  await network.stop("control-plane", "SIGKILL");
  const [kind, certificate = network.path("tls.pem"), key = network.path("tls-key.pem"), path = ""] = words;
  const child = network.world
    .host(CONTROL.host)
    .spawn(process.execPath, [IMPOSTOR, kind, certificate, key, path], { stdin: "ignore" });
  await untilLine(CONTROL.host, "the impostor", child, /^ready$/);
  impostor = {
    async stop() {
      child.kill("SIGKILL");
      await child;
    },
  };
}

async function controlPlaneBack(): Promise<void> {
  await impostor?.stop();
  impostor = undefined;
  await network.startControlPlane();
  await until(agent, "control plane back", (it) => it.controlPlane.connected, 60_000);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nanami-"));
  network = await DemoNetwork.raise({ state: join(folder, "state"), socket: join(folder, "agent.sock") });
  agent = await network.agent();
  ({ deviceId } = await agent.call("enroll", { link: await network.deviceLink(), name: "laptop" }));
});

afterEach(async () => {
  if (impostor !== undefined) await controlPlaneBack();
});

afterAll(async () => {
  agent.close();
  await network.close();
  await rm(folder, { recursive: true, force: true });
});

test("garbage: the tunnel stays, the status says what came, and requests are refused with the reason", async () => {
  const before = await connectIn(agent, "full_tunnel");
  await replaceControlPlane("garbage");
  const { tunnel, path, controlPlane } = await until(
    agent,
    "garbage noticed",
    (it) => it.controlPlane.problem?.includes("not part of the contract") === true,
    60_000,
  );
  expect(tunnel).toEqual(before.tunnel);
  expect(path?.epoch).toEqual(before.path?.epoch);
  expect(controlPlane.connected).toBe(false);
  await expect(agent.call("gateways", {})).rejects.toThrow("not a Nanami control plane's answer");
  await holds(() => proveTunnelInForce(network, agent));
});

test("silence: a hanging control plane blocks nobody; a mode takes effect at once and is saved later", async () => {
  await connectIn(agent, "vpn_only");
  await replaceControlPlane("silence");
  await until(agent, "control plane away", (it) => !it.controlPlane.connected, 60_000);
  const began = performance.now();
  const { unsaved } = await agent.call("connect", { mode: "full_tunnel" });
  expect(performance.now() - began).toBeLessThan(12_000);
  expect(unsaved).toEqual({ layer: "device", value: { trafficMode: "full_tunnel" }, conflict: null });
  await until(agent, "full_tunnel", (it) => isConnected(it, "full_tunnel"));
  await holds(() => proveTunnelInForce(network, agent));
  await controlPlaneBack();
  await until(agent, "saved", (it) => it.unsaved === null);
  const stored = await network.operator.call({
    method: "GET",
    path: `/devices/${deviceId}/routing-preference`,
    answer: RoutingPreference,
  });
  expect(bodyOf(stored)).toEqual({ trafficMode: "full_tunnel" });
});

test("a mode chosen here that somebody else changed meanwhile: the stored value wins, and stays closed until consent", async () => {
  await connectIn(agent, "vpn_only");
  await network.stop("control-plane");
  await until(agent, "control plane away", (it) => !it.controlPlane.connected);
  await agent.call("connect", { mode: "full_tunnel" });
  // The agent cannot reach it while another one is asked from the operator's desk: cut its cable, not the server.
  await network.laptop.run("ip", ["route", "add", "blackhole", CONTROL.v4]);
  await network.laptop.run("ip", ["-6", "route", "add", "blackhole", CONTROL.v6]);
  await network.startControlPlane();
  const member = network.client(network.seed.member.token);
  const at = `/devices/${deviceId}/routing-preference`;
  const stored = await member.call({ method: "GET", path: at, answer: RoutingPreference });
  bodyOf(
    await member.call({
      method: "PUT",
      path: at,
      body: { trafficMode: "vpn_only", selection: { routingMode: "auto" } },
      ifMatch: (stored.ok ? stored.etag : null) ?? "",
      answer: RoutingPreference,
    }),
  );
  await network.laptop.run("ip", ["route", "del", "blackhole", CONTROL.v4]);
  await network.laptop.run("ip", ["-6", "route", "del", "blackhole", CONTROL.v6]);
  const { unsaved, controlPlane } = await until(
    agent,
    "conflict told",
    (it) => it.unsaved?.conflict != null && it.controlPlane.problem?.includes("consent") === true,
    60_000,
  );
  expect(unsaved?.conflict).toContain("the stored value wins");
  expect(controlPlane.problem).toContain("waits for your consent");
  // The automatic choice may change gateways just then.
  await until(
    agent,
    "full_tunnel still",
    ({ tunnel }) => tunnel.state === "connected" && tunnel.mode === "full_tunnel",
  );
  await agent.call("connect", { mode: "vpn_only" });
  await until(agent, "vpn_only", (it) => isConnected(it, "vpn_only") && it.controlPlane.problem === null);
  await holds(() => provePrivateReach(network));
});

test("an old epoch: a path that the device already left behind is not taken again", async () => {
  const old = (await connectIn(agent, "vpn_only")).path;
  const { path: current } = await connectIn(agent, "full_tunnel");
  await writeFile(join(folder, "old.json"), JSON.stringify(old));
  await replaceControlPlane("stale", undefined, undefined, join(folder, "old.json"));
  await until(agent, "session with the impostor", (it) => it.controlPlane.connected, 60_000);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { path, tunnel } = await agent.call("status", {});
  expect(path?.epoch).toEqual(current?.epoch);
  expect(tunnel).toMatchObject({ state: "connected", mode: "full_tunnel" });
});

test("somebody else's certificate is not believed", async () => {
  await connectIn(agent, "vpn_only");
  const other = await makeCertificates({ names: [CONTROL.name], addresses: [CONTROL.v4, CONTROL.v6] });
  const files = [join(folder, "other.pem"), join(folder, "other-key.pem")] as const;
  await writeFile(files[0], other.chain);
  await writeFile(files[1], other.key, { mode: 0o600 });
  await replaceControlPlane("garbage", ...files);
  const { controlPlane } = await until(
    agent,
    "stranger refused",
    (it) => it.controlPlane.problem?.includes("certificate") === true,
    60_000,
  );
  expect(controlPlane.connected).toBe(false);
  await holds(() => provePrivateReach(network));
});

test("while everything else is closed, the agent finds its control plane by name with its own look-ups", async () => {
  await connectIn(agent, "full_tunnel");
  await network.stop("agent", "SIGKILL");
  // Forget every good address: the name has to be asked for, from behind the closed firewall.
  const file = network.path("laptop", "surroundings.json");
  await writeFile(file, JSON.stringify({ version: 1, addresses: {}, resolvers: ["192.168.50.1"] }), {
    mode: 0o600,
  });
  await network.startAgent();
  agent = await network.agent();
  await until(agent, "session", (it) => it.controlPlane.connected, 60_000);
  await until(agent, "connected", (it) => isConnected(it, "full_tunnel"));
  await holds(() => proveTunnelInForce(network, agent));
});
