/**
 * Gateways that fall silent, networks that go away, and what the agent does by itself: the control plane is dead
 * through most of it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Snapshot } from "../../src/rpc/contract.ts";
import type { AgentClient } from "../../src/rpc/client.ts";
import { DemoNetwork } from "../../src/lab/demo-network.ts";
import { ECHO, HOTEL, INTRANET } from "../../src/lab/demo-places.ts";
import { connectIn, isConnected, prefer, until } from "../../src/lab/device.ts";
import { eventually, proveClosed } from "../../src/lab/proof.ts";
import { silence } from "../../src/lab/silence.ts";

let folder: string;
let network: DemoNetwork;
let agent: AgentClient;

/** A stream of echo requests from the laptop; `gap` answers how long none came back around a moment. */
function stream(target: string) {
  const child = network.laptop.spawn("ping", ["-n", "-i", "0.02", target], {
    stdin: "ignore",
    stdout: "pipe",
    buffer: false,
  });
  let waiting: { since: number; resolve: (ms: number) => void } | null = null;
  let last = 0;
  if (child.stdout === null) throw new Error("ping has no output");
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (!line.includes("bytes from")) return;
    last = performance.now();
    // What was under way when the gateway fell silent still arrives.
    if (waiting === null || last - waiting.since < 200) return;
    waiting.resolve(last - waiting.since);
    waiting = null;
  });
  return {
    flowing: () => expect.poll(() => performance.now() - last, { timeout: 15_000 }).toBeLessThan(100),
    firstAnswerSince: (since: number) =>
      new Promise<number>((resolve) => {
        waiting = { since, resolve };
      }),
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.catch(() => undefined);
    },
  };
}

const connected = ({ tunnel }: Snapshot) => tunnel.state === "connected";

/** Silences the gateways in force, under traffic; answers the milliseconds until traffic flowed again. */
async function failOver(target: string): Promise<number> {
  await using traffic = stream(target);
  await traffic.flowing();
  const { inForce } = await until(
    agent,
    "in force",
    (snapshot) => snapshot.inForce !== null && connected(snapshot),
  );
  const ingress = inForce?.ingress.name ?? "";
  const killed = performance.now();
  await silence(network, ingress);
  const ms = await traffic.firstAnswerSince(killed);
  const after = await until(agent, "another gateway", (snapshot) => connected(snapshot));
  expect(after.inForce?.ingress.name).not.toBe(ingress);
  return ms;
}

function report(name: string, times: number[]): { median: number; worst: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const [median = 0, worst = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  process.stdout.write(`${name}: ${sorted.map((ms) => `${ms.toFixed(0)} ms`).join(", ")}\n`);
  return { median, worst };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nanami-"));
  network = await DemoNetwork.raise({ state: join(folder, "state"), socket: join(folder, "agent.sock") });
  agent = await network.agent();
  await agent.call("enroll", { link: await network.deviceLink(), name: "laptop" });
});

afterAll(async () => {
  agent.close();
  await network.close();
  await rm(folder, { recursive: true, force: true });
});

test("a pinned gateway that is silent is not replaced: nothing leaves, by name and with the way out", async () => {
  const { path } = await connectIn(agent, "full_tunnel");
  const pinned = path?.ingress?.deviceId ?? null;
  await prefer(agent, "full_tunnel", {
    routingMode: "manual",
    ingressDeviceId: pinned,
    egressDeviceId: pinned,
  });
  await until(agent, "pinned", (it) => connected(it) && it.path?.selection.value.routingMode === "manual");
  const name = path?.ingress?.name ?? "";
  await silence(network, name);
  const { tunnel, inForce } = await until(agent, "blocked", (it) => it.tunnel.state === "blocked");
  expect(tunnel).toMatchObject({ mode: "full_tunnel", reason: { code: "pinned_gateway_silent" } });
  expect(JSON.stringify(tunnel)).toContain(`${name} does not answer`);
  expect(inForce).toMatchObject({ ingress: { name }, egress: { name }, failedOver: false });
  const closed = await eventually(() => proveClosed(network));
  expect(closed.held, closed.evidence).toBe(true);
  await silence(network);
  await until(agent, "back by itself", connected, 30_000);
  await prefer(agent, "vpn_only", { routingMode: "auto" });
  await until(agent, "auto", (it) => connected(it) && it.path?.trafficMode.value === "vpn_only");
});

test("a pinned exit that is silent is said to be so all the while other entries to it are tried", async () => {
  const exit = (await agent.call("gateways", {})).find(({ name }) => name === "frankfurt")?.deviceId ?? "";
  await prefer(agent, "full_tunnel", {
    routingMode: "manual",
    ingressDeviceId: null,
    egressDeviceId: exit,
  });
  await until(agent, "pinned", (it) => isConnected(it, "full_tunnel", { egress: "frankfurt" }));
  await silence(network, "frankfurt");
  await until(agent, "blocked", (it) => it.tunnel.state === "blocked");
  const entries = new Set<string | undefined>();
  await until(agent, "tried through every entry", ({ tunnel, inForce }) => {
    expect(tunnel).toMatchObject({ state: "blocked", reason: { code: "pinned_gateway_silent" } });
    expect(JSON.stringify(tunnel)).toContain('"frankfurt does not answer');
    entries.add(inForce?.ingress.name);
    return entries.size === 3;
  });
  await silence(network);
  await until(agent, "back by itself", connected, 30_000);
  await prefer(agent, "vpn_only", { routingMode: "auto" });
  await until(agent, "auto", (it) => connected(it) && it.path?.trafficMode.value === "vpn_only");
});

test("no network is told apart from a silent gateway, and its return is noticed at once", async () => {
  await connectIn(agent, "vpn_only");
  const hotel = network.world.host(HOTEL.host);
  await hotel.run("ip", ["link", "set", "room1", "down"]);
  const { tunnel, inForce } = await until(agent, "offline", (it) => it.tunnel.state === "reconnecting");
  expect(tunnel).toMatchObject({ reason: { code: "offline" } });
  expect(inForce?.failedOver).toBe(false);
  await hotel.run("ip", ["link", "set", "room1", "up"]);
  const up = performance.now();
  const back = await until(agent, "back", connected);
  report("back after the network", [performance.now() - up]);
  expect(back.inForce?.failedOver).toBe(false);
});

test("vpn_only: another ingress takes over within seconds, without the control plane, and is kept", async () => {
  await network.stop("control-plane", "SIGKILL");
  await connectIn(agent, "vpn_only");
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) times.push(await failOver(INTRANET.v4));
  const { median, worst } = report("failover, vpn_only", times);
  expect(median).toBeLessThan(3_000);
  expect(worst).toBeLessThan(5_000);

  await silence(network);
  const before = (await agent.call("status", {})).inForce;
  const end = performance.now() + 2_000;
  while (performance.now() < end)
    expect((await until(agent, "connected", connected)).inForce).toEqual(before);
});

test("full_tunnel: another pair takes over, and what leaves still leaves at an exit", async () => {
  await connectIn(agent, "full_tunnel");
  const { median, worst } = report("failover, full_tunnel", [
    await failOver(ECHO.v4),
    await failOver(ECHO.v4),
  ]);
  expect(median).toBeLessThan(5_000);
  expect(worst).toBeLessThan(5_000);
  expect((await agent.call("status", {})).inForce?.egress).not.toBeNull();
});
