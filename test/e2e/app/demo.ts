/** The demo world for the app's tests, with a loopback for the browser. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { DemoNetwork } from "../../../src/lab/demo-network.ts";

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
