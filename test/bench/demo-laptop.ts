/** The demo world's laptop, enrolled and idle, for benchmarks of the whole product. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DemoNetwork } from "../../src/lab/demo-network.ts";
import type { AgentClient } from "../../src/rpc/client.ts";
import type { Snapshot } from "../../src/rpc/contract.ts";

export class DemoLaptop implements AsyncDisposable {
  readonly network: DemoNetwork;
  readonly agent: AgentClient;
  readonly #folder: string;
  #snapshot: Snapshot;
  readonly #waiting = new Set<() => void>();

  private constructor(network: DemoNetwork, agent: AgentClient, folder: string, snapshot: Snapshot) {
    this.network = network;
    this.agent = agent;
    this.#folder = folder;
    this.#snapshot = snapshot;
    agent.onChanged(({ patch }) => {
      this.#snapshot = { ...this.#snapshot, ...(patch as Partial<Snapshot>) };
      for (const look of this.#waiting) look();
    });
  }

  static async raise(): Promise<DemoLaptop> {
    const folder = await mkdtemp(join(tmpdir(), "nanami-"));
    const network = await DemoNetwork.raise({
      state: join(folder, "state"),
      socket: join(folder, "agent.sock"),
    });
    const agent = await network.agent();
    await agent.call("enroll", { link: await network.deviceLink(), name: "laptop" });
    const { snapshot } = await agent.call("subscribe", {});
    return new DemoLaptop(network, agent, folder, snapshot);
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Resolves in the moment in which the agent says that it is so. Throws after 20 s. */
  async when(predicate: (snapshot: Snapshot) => boolean): Promise<void> {
    if (predicate(this.#snapshot)) return;
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!predicate(this.#snapshot)) return;
        this.#waiting.delete(look);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`not reached in 20 s: the tunnel is ${JSON.stringify(this.#snapshot.tunnel)}`));
      }, 20_000);
      this.#waiting.add(look);
    });
  }

  /** Process id of the agent. */
  async agentPid(): Promise<number> {
    for (const entry of await readdir("/proc")) {
      if (!/^[0-9]+$/.test(entry)) continue;
      const words = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
      if (/src\/agent\/main\.ts/.test(words)) return Number(entry);
    }
    throw new Error("the agent is not running");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.agent.close();
    await this.network.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
