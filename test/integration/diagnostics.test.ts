/** The leak self-test, the log and the bundle against a real agent in the demo world, with holes that are planted. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { connectIn } from "../../src/lab/device.ts";
import { DemoNetwork } from "../../src/lab/demo-network.ts";
import type { AgentClient } from "../../src/rpc/client.ts";
import type { Result } from "../../src/rpc/contract.ts";
import type { LeakCheckCode } from "../../src/rpc/diagnostics.ts";

let folder: string;
let network: DemoNetwork;
let agent: AgentClient;

async function nanami(...args: string[]) {
  const socket = join(folder, "agent.sock");
  return network.laptop.exec(process.execPath, [resolve("src/cli/main.ts"), "--socket", socket, ...args]);
}

function found({ checks }: Result<"testLeaks">): Partial<Record<LeakCheckCode, string>> {
  return Object.fromEntries(checks.map((check) => [check.code, check.found]));
}

/** Opens the output chain again and again, as the agent closes it, until the test saw it or gave up. */
async function withHole(only: LeakCheckCode): Promise<string | undefined> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    await network.laptop.run("nft", ["insert", "rule", "inet", "nanami", "output", "accept"]);
    const result = found(await agent.call("testLeaks", { only }));
    if (result[only] === "let_out") return "let_out";
  }
  return "nothing was found";
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

test("not connected, nothing is promised", async () => {
  expect(await agent.call("testLeaks", {})).toMatchObject({
    protected: false,
    promise: "nothing",
    checks: [],
  });
});

test("in both modes the device holds what it promises, and says what it does not promise", async () => {
  await connectIn(agent, "vpn_only");
  const partly = await agent.call("testLeaks", {});
  expect(partly, JSON.stringify(partly.checks)).toMatchObject({
    protected: true,
    promise: "private_network",
  });
  expect(found(partly)).toMatchObject({
    private_network: "refused",
    internet4: "not_promised",
    tunnel: "answered",
  });
  await connectIn(agent, "full_tunnel");
  const full = await agent.call("testLeaks", {});
  expect(full, JSON.stringify(full.checks)).toMatchObject({ protected: true, promise: "everything" });
  expect(found(full)).toMatchObject({
    ...{ internet4: "refused", internet6: "refused", private_network: "refused" },
    ...{ underlay_resolver: "refused", system_resolver: "resolver_ours", tunnel: "answered" },
    local_network: "local_reachable",
  });
});

test("a planted hole turns each check bad that it concerns", async () => {
  for (const only of ["internet4", "private_network", "underlay_resolver"] as const)
    expect(await withHole(only), only).toBe("let_out");
  const rule = ["pref", "100", "to", "198.18.0.0/15", "lookup", "main"];
  await network.laptop.run("ip", ["rule", "add", ...rule]);
  const astray = await agent.call("testLeaks", { only: "internet4" });
  await network.laptop.run("ip", ["rule", "del", ...rule]);
  expect(astray).toMatchObject({ protected: false, checks: [{ verdict: "bad", found: "astray" }] });
});

test("doctor tells of the self-test as well, and the log and the bundle come without secrets", async () => {
  const doctor = await nanami("doctor");
  expect(doctor.exitCode, doctor.stdout).toBe(0);
  expect(doctor.stdout).toContain("IPv4 past the tunnel");
  const log = await nanami("--json", "log");
  expect(JSON.parse(log.stdout)).toMatchObject({ lines: expect.arrayContaining([]) as unknown });
  expect(log.stdout).toContain("enrolled");
  const plain = await nanami("diagnostics");
  for (const said of ["== firewall", "chain output", "== routes", "tokyo", "== resolver"])
    expect(plain.stdout).toContain(said);
  const hidden = await nanami("diagnostics", "--hide-names");
  expect(hidden.stdout).toContain("chain output");
  expect(hidden.stdout).not.toMatch(/tokyo|acme|\b10\.20\.\d+\.\d+\b/);
});
