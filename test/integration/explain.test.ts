/** What `nanami route`, `nanami doctor` and lockdown say and do, in the demo world, beside what really happens. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Result } from "../../src/rpc/contract.ts";
import type { AgentClient } from "../../src/rpc/client.ts";
import { ECHO, INTRANET } from "../../src/lab/demo-places.ts";
import { DemoNetwork } from "../../src/lab/demo-network.ts";
import { connectIn, until } from "../../src/lab/device.ts";
import { proveClosed, proveDirectInternet, proveTunnelInForce } from "../../src/lab/proof.ts";
import { holds } from "../holds.ts";

let folder: string;
let network: DemoNetwork;
let agent: AgentClient;

async function nanami(...args: string[]) {
  const socket = join(folder, "agent.sock");
  return network.laptop.exec(process.execPath, [resolve("src/cli/main.ts"), "--socket", socket, ...args]);
}

async function explained(target: string) {
  const { routes } = await agent.call("explainRoute", { target });
  return routes.map(({ expected, actual, agrees }) => ({ way: expected.way, kernel: actual.way, agrees }));
}

async function verdicts(): Promise<Record<string, Result<"checkHealth">["checks"][number]["verdict"]>> {
  const { checks } = await agent.call("checkHealth", {});
  return Object.fromEntries(checks.map(({ code, verdict }) => [code, verdict]));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nanami-"));
  network = await DemoNetwork.raise({ state: join(folder, "state"), socket: join(folder, "agent.sock") });
  agent = await network.agent();
  await agent.call("enroll", { link: await network.deviceLink(), name: "laptop" });
  return async () => {
    agent.close();
    await network.close();
    await rm(folder, { recursive: true, force: true });
  };
});

test("vpn_only: the private network by the tunnel, the Internet directly, and the kernel agrees", async () => {
  await connectIn(agent, "vpn_only");
  for (const target of [INTRANET.v4, INTRANET.v6, INTRANET.name])
    for (const route of await explained(target))
      expect(route, target).toEqual({ way: "tunnel", kernel: "tunnel", agrees: true });
  for (const target of [ECHO.v4, ECHO.v6, ECHO.name])
    for (const route of await explained(target))
      expect(route, target).toEqual({ way: "direct", kernel: "direct", agrees: true });
  const { healthy, checks } = await agent.call("checkHealth", {});
  expect(healthy, JSON.stringify(checks, undefined, 1)).toBe(true);
  const shown = await nanami("route", INTRANET.name);
  expect(shown.exitCode, shown.stderr).toBe(0);
  expect(shown.stdout).toContain("goes through the tunnel");
  expect(shown.stdout).toContain("10.20.0.0/16");
  for (const line of shown.stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
});

test("full_tunnel: everything by the tunnel, past it nothing, and the kernel agrees", async () => {
  await connectIn(agent, "full_tunnel");
  for (const target of [ECHO.v4, ECHO.v6, INTRANET.v4])
    expect(await explained(target), target).toEqual([{ way: "tunnel", kernel: "tunnel", agrees: true }]);
  expect(await verdicts()).toMatchObject({
    ...{ tunnel: "good", firewall: "good", routing: "good", foreign_rules: "good", dns: "good" },
    ...{ private_prefixes: "good", marked_attempt: "good", unmarked_attempt: "good", ipv6: "good" },
  });
  const shown = await nanami("doctor");
  expect(shown.exitCode, shown.stdout).toBe(0);
  for (const line of shown.stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
});

test("a rule that somebody puts before ours is found by both, and gone again when it is", async () => {
  const rule = ["pref", "100", "to", `${ECHO.v4}/32`, "lookup", "main"];
  await network.laptop.run("ip", ["rule", "add", ...rule]);
  expect(await explained(ECHO.v4)).toEqual([{ way: "tunnel", kernel: "direct", agrees: false }]);
  expect(await verdicts()).toMatchObject({ foreign_rules: "bad", routing: "good" });
  expect((await nanami("--json", "route", ECHO.v4)).exitCode).toBe(1);
  const doctor = await nanami("--json", "doctor");
  expect(doctor.exitCode).toBe(1);
  expect(JSON.parse(doctor.stdout)).toMatchObject({ healthy: false });
  await network.laptop.run("ip", ["rule", "del", ...rule]);
  expect((await nanami("doctor")).exitCode).toBe(0);
});

test("lockdown holds after a disconnect and through kill -9, and opens when it is turned off", async () => {
  const set = await nanami("settings", "set", "lockdown", "on", "local-network", "block");
  expect(set.exitCode, set.stderr).toBe(0);
  const down = await nanami("down");
  expect(down.exitCode, down.stderr).toBe(0);
  expect(down.stdout).toContain("lockdown keeps everything closed");
  const closed = () => holds(() => proveClosed(network));
  await closed();
  expect(await verdicts()).toMatchObject({ tunnel: "good", firewall: "good", unmarked_attempt: "good" });
  expect(await explained(ECHO.v4)).toEqual([{ way: "refused", kernel: "refused", agrees: true }]);

  agent.close();
  await network.stop("agent", "SIGKILL");
  await closed();
  await network.startAgent();
  agent = await network.agent();
  const { tunnel } = await until(
    agent,
    "closed, its control plane connected",
    (now) => now.controlPlane.connected,
  );
  expect(tunnel).toMatchObject({ state: "blocked", reason: { code: "lockdown" } });
  await closed();

  await connectIn(agent, "full_tunnel");
  await holds(() => proveTunnelInForce(network, agent));
  await agent.call("disconnect", {});
  await closed();

  await agent.call("setSettings", { lockdown: "off" });
  await holds(() => proveDirectInternet(network));
});
