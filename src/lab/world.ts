/**
 * A world as data: hosts, cables, addresses, routes, rules and programs. `raise` makes it real in the sandbox,
 * everything at once, and hands back its hosts by name.
 */
import { execa, type ResultPromise } from "execa";
import { cableLine, configure, Host, settle } from "./host.ts";

/** A program that belongs to a host from the beginning. */
export interface ProgramDescription {
  readonly command: readonly [string, ...string[]];
  /**
   * When others may rely on it: `daemon`, it answers before it detaches itself, as dnsmasq does; otherwise a line
   * of its standard output that matches.
   */
  readonly ready: "daemon" | RegExp;
  /** A host whose programs are ready before this one starts. */
  readonly after?: string;
}

export interface HostDescription {
  readonly name: string;
  /** One line for people who list the hosts. */
  readonly about: string;
  /** Addresses with prefix length, by interface. */
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
  /** Hardware addresses, by interface; the kernel chooses the others. */
  readonly macs?: Readonly<Record<string, string>>;
  /** Bridges and the interfaces they join. */
  readonly bridges?: Readonly<Record<string, readonly string[]>>;
  /** What follows `ip route add` (IPv4) or `ip -6 route add`. */
  readonly routes?: readonly string[];
  /** Forwards packets between its interfaces. */
  readonly router?: boolean;
  /** Below `/proc/sys/net/`. */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** A ruleset for `nft -f -`. */
  readonly rules?: string;
  readonly resolvConf?: string;
  readonly programs?: readonly ProgramDescription[];
}

/** `host:interface` of both ends. */
export type CableDescription = readonly [`${string}:${string}`, `${string}:${string}`];

export interface WorldDescription {
  readonly hosts: readonly HostDescription[];
  readonly cables: readonly CableDescription[];
}

/** A world that is up. Disposing it ends everything in it. */
export class World implements AsyncDisposable {
  readonly description: WorldDescription;
  readonly #hosts: ReadonlyMap<string, Host>;

  constructor(description: WorldDescription, hosts: ReadonlyMap<string, Host>) {
    this.description = description;
    this.#hosts = hosts;
  }

  get hosts(): readonly Host[] {
    return [...this.#hosts.values()];
  }

  /** The host of that name. Throws when there is none. */
  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) {
      throw new Error(
        `the world has no host "${name}"; it has ${this.hosts.map((one) => one.name).join(", ")}`,
      );
    }
    return host;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.hosts.map((host) => host.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Makes the world real. Throws with the host and the program's own words when a part of it does not come up. */
export async function raise(description: WorldDescription): Promise<World> {
  const created = await Promise.allSettled(
    description.hosts.map(({ name, resolvConf }) =>
      Host.create(name, resolvConf === undefined ? {} : { resolvConf }),
    ),
  );
  const hosts = created.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const world = new World(description, new Map(hosts.map((host) => [host.name, host])));
  try {
    const failed = created.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    await layCables(world);
    await Promise.all(description.hosts.map((host) => furnish(world, host)));
    await Promise.all(
      description.hosts.map((host) => settle(world.host(host.name), interfacesOf(world, host.name))),
    );
    await startPrograms(world);
    return world;
  } catch (error) {
    await world.close();
    throw error;
  }
}

const endOf = (world: World, end: string) => {
  const [host = "", name = ""] = end.split(":");
  return { host: world.host(host), interface: name };
};

async function layCables(world: World): Promise<void> {
  const lines = world.description.cables.map(([a, b]) => cableLine(endOf(world, a), endOf(world, b)));
  await execa("ip", ["-batch", "-"], { input: lines.join("") });
}

/** Interfaces of a host: the cable ends that are plugged into it, then its bridges. */
function interfacesOf(world: World, name: string): string[] {
  const ends = world.description.cables.flat().filter((end) => end.startsWith(`${name}:`));
  const bridges = world.description.hosts.find((host) => host.name === name)?.bridges ?? {};
  return [...ends.map((end) => end.slice(name.length + 1)), ...Object.keys(bridges)];
}

async function furnish(world: World, description: HostDescription): Promise<void> {
  const host = world.host(description.name);
  const bridges = Object.entries(description.bridges ?? {});
  await configure(host, {
    sysctls: {
      ...(description.router === true
        ? { "ipv4/ip_forward": "1", "ipv6/conf/all/forwarding": "1", "ipv6/conf/default/forwarding": "1" }
        : {}),
      ...description.sysctls,
    },
    // A bridge waits 15 seconds before it forwards unless told that there is no loop to look for.
    before: [
      ...Object.entries(description.macs ?? {}).map(([name, mac]) => `link set ${name} address ${mac}`),
      ...bridges.flatMap(([bridge, ports]) => [
        `link add ${bridge} type bridge forward_delay 0 mcast_snooping 0`,
        ...ports.map((port) => `link set ${port} master ${bridge}`),
      ]),
    ],
    plugs: interfacesOf(world, description.name).map((name) => ({
      interface: name,
      addresses: description.addresses?.[name] ?? [],
    })),
    after: (description.routes ?? []).map((route) => `route add ${route}`),
  });
  if (description.rules !== undefined) await host.run("nft", ["-f", "-"], { input: description.rules });
}

async function startPrograms(world: World): Promise<void> {
  const started = new Map<string, Promise<unknown>>();
  const start = (name: string): Promise<unknown> => {
    const known = started.get(name);
    if (known !== undefined) return known;
    const programs = world.description.hosts.find((one) => one.name === name)?.programs ?? [];
    const promise = Promise.all(
      programs.map(async (program) => {
        if (program.after !== undefined) await start(program.after);
        await startProgram(world.host(name), program);
      }),
    );
    started.set(name, promise);
    return promise;
  };
  await Promise.all(world.description.hosts.map(({ name }) => start(name)));
}

async function startProgram(host: Host, program: ProgramDescription): Promise<void> {
  const [file, ...args] = program.command;
  if (program.ready === "daemon") await host.run(file, args);
  else await untilLine(host.name, file, host.spawn(file, args), program.ready);
}

/**
 * Waits for a line of a program's standard output and returns it; what comes later is thrown away. Throws with what
 * the program said when it ends before that. `timeout` in milliseconds.
 */
export async function untilLine(
  place: string,
  name: string,
  child: ResultPromise,
  line: RegExp,
  timeout = 20_000,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  const look = (chunk: Buffer | string): void => {
    text += chunk.toString();
    const hit = text.split("\n").find((one) => line.test(one));
    if (hit !== undefined) resolve(hit);
  };
  child.stdout?.on("data", look);
  const timer = setTimeout(
    () => reject(new Error(`${place}: ${name} was not ready after ${timeout / 1000} s: ${text}`)),
    timeout,
  );
  void child.then(({ exitCode, stderr }) =>
    reject(
      new Error(
        `${place}: ${name} ended with ${exitCode ?? "a signal"} before it was ready: ${String(stderr ?? text)}`,
      ),
    ),
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    child.stdout?.off("data", look);
    child.stdout?.resume();
  }
}
