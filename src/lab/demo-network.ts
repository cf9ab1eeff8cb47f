/**
 * The product in the demo world: control plane, gateways and the laptop's agent as the processes they are, each of
 * which can be ended and started again. The terminal demo and the integration tests stand on it.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ResultPromise } from "execa";
import { ApiClient } from "../api/client.ts";
import { connectAgent, type AgentClient } from "../rpc/client.ts";
import { makeCertificates } from "./certificates.ts";
import { CONTROL, GATEWAYS, LAPTOP } from "./demo-places.ts";
import { DEMO_WORLD } from "./demo-world.ts";
import type { Host } from "./host.ts";
import { allow, createLink, gatewaysOf, seed, type Seed } from "./seed.ts";
import { connectFrom } from "./socket.ts";
import { standing } from "./standing.ts";
import { raise, untilLine, type World, type WorldDescription } from "./world.ts";

const ORIGIN = `https://${CONTROL.name}`;
const NAMES = new Map([[CONTROL.name, CONTROL.v4]]);
const entryPoint = (room: string) => fileURLToPath(new URL(`../${room}/main.ts`, import.meta.url));

export interface DemoOptions {
  /** Folder for every state and log of the world; emptied first. */
  readonly state: string;
  /** Path of the agent's socket; at most 100 bytes, outside `/run`. */
  readonly socket: string;
  /** The world around the product; the demo world where absent. Whatever it has beside that is the caller's. */
  readonly world?: WorldDescription;
  /** Further environment of the laptop's agent. */
  readonly agentEnv?: Readonly<Record<string, string>>;
  /** Told before each step, for a person who waits. */
  readonly onStep?: (step: string) => void;
}

export class DemoNetwork implements AsyncDisposable {
  readonly world: World;
  readonly options: DemoOptions;
  readonly authority: string;
  readonly #processes = new Map<string, ResultPromise>();
  readonly #enrolled = new Set<string>();
  #seed: Seed | undefined;

  private constructor(world: World, options: DemoOptions, authority: string) {
    this.world = world;
    this.options = options;
    this.authority = authority;
  }

  /** Raises the world with everything in it running, enrolled and healthy, but the laptop's enrolment. */
  static async raise(options: DemoOptions): Promise<DemoNetwork> {
    const step = options.onStep ?? (() => undefined);
    step("raising the world");
    await rm(options.state, { recursive: true, force: true });
    await mkdir(join(options.state, "logs"), { recursive: true, mode: 0o700 });
    const [world, certificates] = await Promise.all([
      raise(options.world ?? DEMO_WORLD),
      makeCertificates({ names: [CONTROL.name], addresses: [CONTROL.v4, CONTROL.v6] }),
    ]);
    const network = new DemoNetwork(world, options, certificates.authority);
    standing.add(network.path("logs"));
    try {
      await writeFile(network.path("tls.pem"), certificates.chain);
      await writeFile(network.path("tls-key.pem"), certificates.key, { mode: 0o600 });
      step("starting the control plane");
      await network.startControlPlane();
      step("seeding it through its API");
      const token = (await readFile(network.path("control-plane", "operator-token"), "utf8")).trim();
      network.#seed = await seed(network.client(), token);
      step("starting six gateways and the laptop's agent");
      await Promise.all([network.startAgent(), ...GATEWAYS.map(({ name }) => network.startGateway(name))]);
      step("waiting for the gateways to be healthy");
      await network.gatewaysHealthy();
      await network.#grantAccess();
      return network;
    } catch (error) {
      await network.close();
      throw error;
    }
  }

  /** Access is granted, never assumed: everyone may use acme's gateways but saopaulo, which nobody may. */
  async #grantAccess(): Promise<void> {
    const { corp, lab } = this.seed.networks;
    for (const network of [corp, lab]) {
      for (const [name, { deviceId }] of await gatewaysOf(this.operator, network)) {
        if (name !== "saopaulo") await allow(this.operator, network, deviceId, "everyone");
      }
    }
  }

  get seed(): Seed {
    if (this.#seed === undefined) throw new Error("the control plane has not been seeded");
    return this.#seed;
  }

  get laptop(): Host {
    return this.world.host(LAPTOP.host);
  }

  /** A path in the world's own folder. */
  path(...parts: string[]): string {
    return join(this.options.state, ...parts);
  }

  /** The control plane as somebody at the operator's desk reaches it. */
  client(token?: string): ApiClient {
    return new ApiClient({
      origin: ORIGIN,
      ca: this.authority,
      connect: connectFrom(this.world.host("operator"), NAMES),
      token,
    });
  }

  /** acme's operator. */
  get operator(): ApiClient {
    return this.client(this.seed.operators.acme);
  }

  /** Connects to the laptop's agent as a face does. */
  async agent(): Promise<AgentClient> {
    return connectAgent(this.options.socket);
  }

  async startControlPlane(): Promise<void> {
    const child = this.#start(CONTROL.host, "control-plane", entryPoint("control-plane"), [
      `--listen=[::]:${CONTROL.port}`,
      `--data=${this.path("control-plane")}`,
      `--tls-cert=${this.path("tls.pem")}`,
      `--tls-key=${this.path("tls-key.pem")}`,
      `--public=${CONTROL.name}`,
    ]);
    await untilLine(CONTROL.host, "the control plane", child, /^listening on /);
  }

  /** Starts a gateway's agent; the first time it enrols itself by its link. */
  async startGateway(name: string): Promise<void> {
    const state = this.path("gateways", name);
    await mkdir(state, { recursive: true, mode: 0o700 });
    const link = this.seed.gatewayLinks.get(name);
    const enroll = this.#enrolled.has(name) || link === undefined ? [] : [`--enroll=${link}`];
    this.#enrolled.add(name);
    void this.#start(name, name, entryPoint("gateway"), [`--state=${state}`, ...enroll]);
  }

  /** Starts the laptop's agent and waits until it answers. */
  async startAgent(): Promise<void> {
    const state = this.path("laptop");
    await mkdir(state, { recursive: true, mode: 0o700 });
    const args = [`--state=${state}`, `--socket=${this.options.socket}`];
    const child = this.#start(LAPTOP.host, "agent", entryPoint("agent"), args, this.options.agentEnv);
    const ended = child.then(() => true);
    for (;;) {
      try {
        (await this.agent()).close();
        return;
      } catch (error) {
        if (await Promise.race([ended, delay(25)])) {
          throw new Error(`the agent ended: ${await this.#lastWords("agent")}`, { cause: error });
        }
      }
    }
  }

  /** Ends a process by its name: `control-plane`, `agent`, or a gateway's. Resolves when it is gone. */
  async stop(name: string, signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.#process(name);
    child.kill(signal);
    await child;
  }

  /** Sends a signal to a process, by its name. */
  signal(name: string, signal: NodeJS.Signals): void {
    this.#process(name).kill(signal);
  }

  #process(name: string): ResultPromise {
    const child = this.#processes.get(name);
    if (child === undefined) throw new Error(`no process "${name}" is running in the demo world`);
    return child;
  }

  /** Resolves when every gateway of every network reports itself healthy. Throws after 30 s. */
  async gatewaysHealthy(names: readonly string[] = GATEWAYS.map(({ name }) => name)): Promise<void> {
    const { operators, networks } = this.seed;
    const deadline = Date.now() + 30_000;
    for (;;) {
      const lists = await Promise.all([
        gatewaysOf(this.client(operators.acme), networks.corp),
        gatewaysOf(this.client(operators.acme), networks.lab),
        gatewaysOf(this.client(operators.globex), networks.globex),
      ]);
      const healthy = lists
        .flatMap((list) => [...list.values()].filter((one) => one.healthy))
        .map((one) => one.name);
      const missing = names.filter((name) => !healthy.includes(name));
      if (missing.length === 0) return;
      if (Date.now() > deadline) {
        const words = await Promise.all(missing.map((name) => this.#lastWords(name)));
        throw new Error(`not healthy after 30 s: ${missing.join(", ")}\n${words.join("\n")}`);
      }
      await delay(50);
    }
  }

  /** A fresh link with which the laptop enrols for its owner. */
  async deviceLink(): Promise<string> {
    return createLink(this.operator, this.seed.networks.corp, { for: "device", userId: this.seed.member.id });
  }

  /** Ends everything. The state folder stays for whoever wants to read the logs. */
  async close(): Promise<void> {
    standing.delete(this.path("logs"));
    await this.world.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The end of what a process wrote. */
  async #lastWords(name: string): Promise<string> {
    const log = await readFile(this.path("logs", `${name}.log`), "utf8");
    return log.trim().split("\n").slice(-5).join("\n");
  }

  #start(
    host: string,
    name: string,
    file: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): ResultPromise {
    const log = { file: this.path("logs", `${name}.log`), append: true };
    const child = this.world.host(host).spawn(process.execPath, [file, ...args], {
      stdin: "ignore",
      stdout: ["pipe", log],
      stderr: log,
      buffer: false,
      env,
    });
    this.#processes.set(name, child);
    void child.then(() => {
      if (this.#processes.get(name) === child) this.#processes.delete(name);
    });
    return child;
  }
}

const delay = (ms: number) => new Promise<false>((resolve) => setTimeout(() => resolve(false), ms));
