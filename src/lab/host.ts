/**
 * A host of the lab: a network namespace and a mount namespace of its own (own `/run`, own
 * `/etc/resolv.conf`), held open by one small process. Everything runs inside the sandbox that
 * `src/launch` makes, so it ends with the process that started it and touches nothing outside.
 */
import { spawn as spawnChild, type ChildProcess } from "node:child_process";
import { mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, type Options, type ResultPromise } from "execa";

/**
 * Environment that every program in the lab gets, and nothing else. The cache of compiled modules, where we have
 * one, halves the work of starting the many Node programs of a world.
 */
const ENVIRONMENT = {
  PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
  HOME: "/nonexistent",
  ...(process.env["NODE_COMPILE_CACHE"] === undefined
    ? {}
    : { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] }),
};

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
      // Nobody else is on these cables, and a tentative address answers nothing for a second.
      "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad",
      // The lab's bridges are plain switches; where br_netfilter is loaded, frames would pass the firewall.
      'for call in /proc/sys/net/bridge/bridge-nf-call-*; do [ ! -e "$call" ] || echo 0 > "$call"; done',
      "ip link set lo up",
      "echo ready",
      "exec sleep infinity",
    ].join("\n");
    const holder = spawnChild(
      "/usr/bin/unshare",
      ["--net", "--mount", "/bin/sh", "-c", script, "lab-host", options.resolvConf ?? ""],
      { env: ENVIRONMENT, stdio: ["ignore", "pipe", "pipe"], detached: true },
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

  /**
   * Starts a program that stays, in a session of its own (Ctrl-C at the terminal does not reach it). It is ended
   * with the host.
   */
  spawn(file: string, args: readonly string[], options: Options = {}): ResultPromise {
    const [program, ...rest] = this.command(file, args);
    const child = execa(program, rest, {
      reject: false,
      extendEnv: false,
      detached: true,
      ...options,
      env: { ...ENVIRONMENT, ...options.env },
    } as Options) as ResultPromise;
    this.#children.add(child);
    void child.finally(() => this.#children.delete(child));
    return child;
  }

  /**
   * Ends everything that runs in this host's network namespace (also what detached itself, as dnsmasq and
   * wireguard-go do), then the host.
   */
  async close(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    for (const pid of await inhabitants(this.pid)) {
      if (pid !== this.pid) killQuietly(pid);
    }
    await Promise.allSettled(this.#children);
    if (this.#holder.exitCode !== null || this.#holder.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#holder.once("exit", resolve));
    this.#holder.kill("SIGKILL");
    await gone;
  }
}

/** Processes of the sandbox whose network namespace is that of `pid`. */
async function inhabitants(pid: number): Promise<number[]> {
  const namespaceOf = (of: string) => readlink(`/proc/${of}/ns/net`).catch(() => undefined);
  const [own, here] = await Promise.all([namespaceOf(String(pid)), namespaceOf("self")]);
  if (own === undefined || own === here) return [];
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const inside = await Promise.all(pids.map(async (other) => (await namespaceOf(other)) === own));
  return pids.filter((_, index) => inside[index]).map(Number);
}

/** The process may have ended by itself since it was listed. */
function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
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
  await execa("ip", ["-batch", "-"], { input: cableLine(a, b) });
  await Promise.all([a, b].map((plug) => configure(plug.host, { plugs: [plug] })));
  await Promise.all([a, b].map((plug) => settle(plug.host, [plug.interface])));
}

/** The `ip -batch` line that makes a veth pair between two hosts, run from the sandbox's own namespace. */
export function cableLine(a: Pick<Plug, "host" | "interface">, b: Pick<Plug, "host" | "interface">): string {
  return `link add name ${a.interface} netns ${a.host.pid} type veth peer name ${b.interface} netns ${b.host.pid}\n`;
}

/**
 * Brings interfaces up with their addresses, in one program. `before` and `after` are further `ip -batch` lines.
 */
export async function configure(
  host: Host,
  options: {
    readonly plugs: readonly Omit<Plug, "host">[];
    readonly before?: readonly string[];
    readonly after?: readonly string[];
    /** `key` (as below `/proc/sys/net/`, slashes) → value; written first. */
    readonly sysctls?: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const sysctls = Object.entries(options.sysctls ?? {});
  const batch = [
    ...(options.before ?? []),
    ...options.plugs.flatMap((plug) => [
      ...plug.addresses.map(
        (address) => `address add ${address} dev ${plug.interface}${address.includes(":") ? " nodad" : ""}`,
      ),
      `link set ${plug.interface} up`,
    ]),
    ...(options.after ?? []),
  ];
  const script = [
    "set -e",
    ...sysctls.map(([key, value]) => `echo '${value}' > '/proc/sys/net/${key}'`),
    "exec ip -batch -",
  ].join("\n");
  await host.run("/bin/sh", ["-c", script], { input: `${batch.join("\n")}\n` });
}

/**
 * Makes the kernel notice the carrier now: it looks at most once a second by itself, and until then IPv6 answers no
 * neighbour solicitation on the interface. Asking for one link is what synchronises it (rtnl_getlink, Linux 6.9).
 */
export async function settle(host: Host, interfaces: readonly string[]): Promise<void> {
  await host.run("ip", ["-batch", "-"], {
    input: interfaces.map((name) => `link show dev ${name}\n`).join(""),
  });
}

/** A fresh folder for one lab, removed by the returned disposer. */
export async function scratch(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "nanami-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
