/** The demo world for the app's tests, with a loopback for the browser. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { CreatedManualConfig } from "../../../src/api/http.ts";
import { DemoNetwork } from "../../../src/lab/demo-network.ts";
import { connectIn } from "../../../src/lab/device.ts";
import { request } from "../../../src/lab/seed.ts";
import type { TrafficMode } from "../../../src/routing/types.ts";

export interface Demo extends AsyncDisposable {
  readonly network: DemoNetwork;
  readonly socket: string;
}

/** What the browser reaches its window by, in the sandbox's own namespace, which has nothing but this. */
export async function raiseLoopback(): Promise<void> {
  await execa("ip", ["link", "set", "lo", "up"]);
}

/** Raises it: everything runs and is healthy, the laptop is not enrolled. */
export async function raiseDemo(): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), "nanami-e2e-"));
  await raiseLoopback();
  const socket = join(folder, "agent.sock");
  const network = await DemoNetwork.raise({ state: join(folder, "world"), socket });
  return {
    network,
    socket,
    async [Symbol.asyncDispose]() {
      await network.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes the laptop a device of its owner, where it is none yet. */
export async function enrol(network: DemoNetwork): Promise<void> {
  using agent = await network.agent();
  const { enrollment } = await agent.call("status", {});
  if (enrollment === null) await agent.call("enroll", { link: await network.deviceLink(), name: "laptop" });
}

/** Connects the laptop, and waits until traffic was seen to pass. */
export async function connect(network: DemoNetwork, mode: TrafficMode): Promise<void> {
  using agent = await network.agent();
  await connectIn(agent, mode);
}

/** A manual configuration for the laptop's owner as the control plane issues it, with its private key. */
export async function issueConfig({ operator, seed }: DemoNetwork): Promise<string> {
  const path = `/networks/${seed.networks.corp}/manual-configs`;
  const body = { name: "plain", userId: seed.member.id };
  return (await request(operator, "POST", path, CreatedManualConfig, body)).file;
}
