/**
 * A host of the lab: a network namespace and a mount namespace of its own (own `/run`, own
 * `/etc/resolv.conf`), held open by one small process. Everything runs inside the sandbox that
 * `src/launch` makes, so it ends with the process that started it and touches nothing outside.
 */
import { spawn as spawnChild, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, type Options, type ResultPromise } from "execa";

/** Environment that every program in the lab gets, and nothing else. */
const ENVIRONMENT = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8", HOME: "/nonexistent" };

/** Says whether this process is inside the sandbox, where making namespaces touches nothing of the machine. */
export function insideSandbox(): boolean {
  return process.env["NANAMI_SANDBOX"] === "1";
}

export interface Output {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One host. `close` ends everything that runs on it and removes its namespaces. */
export class Host {
  readonly name: string;
  /** Process id (inside the sandbox) of the process that holds the namespaces open. */
  readonly pid: number;
  readonly #holder: ChildProcess;
  readonly #children = new Set<ResultPromise>();

  private constructor(name: string, holder: ChildProcess, pid: number) {
    this.name = name;
    this.#holder = holder;
    this.pid = pid;
  }

  /**
   * Makes a host with nothing but loopback. `resolvConf`, when given, is the text of its `/etc/resolv.conf`.
   * Throws outside the sandbox.
   */
  static async create(name: string, options: { resolvConf?: string } = {}): Promise<Host> {
    if (!insideSandbox())
      throw new Error(`lab host ${name}: not inside the sandbox; run it through npm test or npm start`);
    // /etc gets an overlay so that resolv.conf can be replaced by renaming, as resolver programs do.
    const script = [
      "set -e",
      "mount --make-rprivate /",
      "mount -t tmpfs -o mode=755 tmpfs /run",
      "mkdir -p /run/wireguard /run/lab/etc-upper /run/lab/etc-work",
      "mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/lab/etc-upper,workdir=/run/lab/etc-work /etc",
      "rm -f /etc/resolv.conf",
      'printf "%s" "$1" > /etc/resolv.conf',
      "mount -t sysfs sysfs /sys",
      "ip link set lo up",
      "echo ready",
      "exec sleep infinity",
    ].join("\n");
    const holder = spawnChild(
      "/usr/bin/unshare",
      ["--net", "--mount", "/bin/sh", "-c", script, "lab-host", options.resolvConf ?? ""],
      { env: ENVIRONMENT, stdio: ["ignore", "pipe", "pipe"] },
    );
    await new Promise<void>((resolve, reject) => {
      let errors = "";
      holder.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
      holder.stdout.once("data", () => resolve());
      holder.once("exit", (code) =>
        reject(new Error(`lab host ${name}: exited with ${code ?? "a signal"}: ${errors}`)),
      );
    });
    if (holder.pid === undefined) throw new Error(`lab host ${name}: no process`);
    return new Host(name, holder, holder.pid);
  }

  /** The words that run a program on this host; for spawning by other means. */
  command(file: string, args: readonly string[]): readonly [string, ...string[]] {
    return ["/usr/bin/nsenter", `--target=${this.pid}`, "--net", "--mount", "--", file, ...args];
  }

  /** Runs a program to its end. Never throws for an exit status; see `Output.exitCode`. */
  async exec(
    file: string,
    args: readonly string[] = [],
    options: { input?: string; timeout?: number; env?: Record<string, string> } = {},
  ): Promise<Output> {
    const [program, ...rest] = this.command(file, args);
    const result = await execa(program, rest, {
      env: { ...ENVIRONMENT, ...options.env },
      extendEnv: false,
      reject: false,
      timeout: options.timeout ?? 30_000,
      ...(options.input === undefined ? { stdin: "ignore" } : { input: options.input }),
    });
    return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
  }

  /** As `exec`, and throws with the program's own words when the exit status is not 0. Returns stdout. */
  async run(
    file: string,
    args: readonly string[] = [],
    options: { input?: string; timeout?: number; env?: Record<string, string> } = {},
  ): Promise<string> {
    const out = await this.exec(file, args, options);
    if (out.exitCode !== 0) {
      throw new Error(
        `${this.name}: ${file} ${args.join(" ")}: exit status ${out.exitCode}: ${out.stderr || out.stdout}`,
      );
    }
    return out.stdout;
  }

  /** Starts a program that stays. It is ended with the host. */
  spawn(file: string, args: readonly string[], options: Options = {}): ResultPromise {
    const [program, ...rest] = this.command(file, args);
    const child = execa(program, rest, {
      reject: false,
      extendEnv: false,
      ...options,
      env: { ...ENVIRONMENT, ...options.env },
    } as Options) as ResultPromise;
    this.#children.add(child);
    void child.finally(() => this.#children.delete(child));
    return child;
  }

  /** Ends what was spawned here, then the host itself. */
  async close(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    await Promise.allSettled(this.#children);
    const gone = new Promise((resolve) => this.#holder.once("exit", resolve));
    if (this.#holder.exitCode === null && this.#holder.kill("SIGKILL")) await gone;
  }
}

/** One end of a cable. Addresses carry their prefix length. */
export interface Plug {
  readonly host: Host;
  readonly interface: string;
  readonly addresses: readonly string[];
}

/** Lays a cable (a veth pair) between two hosts and brings both ends up. */
export async function connect(a: Plug, b: Plug): Promise<void> {
  await a.host.run("ip", [
    "link",
    "add",
    a.interface,
    "type",
    "veth",
    "peer",
    "name",
    b.interface,
    "netns",
    String(b.host.pid),
  ]);
  for (const plug of [a, b]) {
    await plug.host.run("sysctl", ["-qw", `net.ipv6.conf.${plug.interface}.accept_dad=0`]);
    for (const address of plug.addresses) {
      await plug.host.run("ip", [
        "address",
        "add",
        address,
        "dev",
        plug.interface,
        ...(address.includes(":") ? ["nodad"] : []),
      ]);
    }
    await plug.host.run("ip", ["link", "set", plug.interface, "up"]);
  }
}

/** A fresh folder for one lab, removed by the returned disposer. */
export async function scratch(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "nanami-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
