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

/** Raises it: everything runs and is healthy, the laptop is not enrolled. */
export async function raiseDemo(): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), "nanami-e2e-"));
  // In the sandbox's own namespace, which has nothing but this.
  await execa("ip", ["link", "set", "lo", "up"]);
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
