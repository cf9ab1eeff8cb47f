/**
 * A small lab for the tunnel: a device behind a router on a LAN, two gateways and a server on "the Internet",
 * a private server behind each gateway. Gateways are raised with plain `wg` and `nft`.
 */
import { fileURLToPath } from "node:url";
import type { ResultPromise } from "execa";
import { connect, Host } from "../../src/lab/host.ts";
import { derivePublicKey, generatePrivateKey, type SecretKey } from "../../src/wireguard/keys.ts";
import type { Intent, IntentPeer } from "../../src/tunnel/types.ts";

export interface Gateway {
  readonly host: Host;
  readonly key: SecretKey;
  readonly publicKey: string;
  readonly address: string;
  readonly overlay: string;
}

export interface Lab extends AsyncDisposable {
  readonly device: Host;
  readonly router: Host;
  readonly internet: Host;
  readonly privateHost: Host;
  readonly a: Gateway;
  readonly b: Gateway;
  readonly key: SecretKey;
}

export const DEVICE_ADDRESS = "10.90.0.2";
export const DEVICE_ADDRESS_6 = "fd00:90::2";
export const PRIVATE_SERVER = "10.20.0.10";
export const PUBLIC_SERVER = "203.0.113.80";
export const PUBLIC_SERVER_6 = "2001:db8:80::80";
/** The resolver of the LAN. */
export const RESOLV_CONF = "search hotel.example\nnameserver 192.168.7.1\n";

const nodeProgram = process.execPath;

/** Raises the lab. Dispose to end it. */
export async function raiseLab(): Promise<Lab> {
  const [device, router, internet, privateHost, hostA, hostB] = await Promise.all([
    Host.create("device", { resolvConf: RESOLV_CONF }),
    Host.create("router"),
    Host.create("internet"),
    Host.create("private"),
    Host.create("gateway-a"),
    Host.create("gateway-b"),
  ]);
  const cable = (a: Host, ai: string, aa: string[], b: Host, bi: string, ba: string[]): Promise<void> =>
    connect({ host: a, interface: ai, addresses: aa }, { host: b, interface: bi, addresses: ba });
  await cable(device, "eth0", ["192.168.7.2/24", "2001:db8:7::2/64"], router, "lan", [
    "192.168.7.1/24",
    "2001:db8:7::1/64",
  ]);
  await cable(router, "wan", ["203.0.113.1/28", "2001:db8:1::1/64"], internet, "home", [
    "203.0.113.2/28",
    "2001:db8:1::2/64",
  ]);
  await cable(hostA, "wan", ["203.0.113.17/28", "2001:db8:a::1/64"], internet, "to-a", [
    "203.0.113.18/28",
    "2001:db8:a::2/64",
  ]);
  await cable(hostB, "wan", ["203.0.113.33/28", "2001:db8:b::1/64"], internet, "to-b", [
    "203.0.113.34/28",
    "2001:db8:b::2/64",
  ]);
  await cable(hostA, "lan", ["10.20.0.1/24"], privateHost, "eth0", [`${PRIVATE_SERVER}/24`]);
  await device.run("ip", ["route", "add", "default", "via", "192.168.7.1"]);
  await router.run("ip", ["route", "add", "default", "via", "203.0.113.2"]);
  await hostA.run("ip", ["route", "add", "default", "via", "203.0.113.18"]);
  await hostB.run("ip", ["route", "add", "default", "via", "203.0.113.34"]);
  await privateHost.run("ip", ["route", "add", "default", "via", "10.20.0.1"]);
  for (const [host, via] of [
    [device, "2001:db8:7::1"],
    [router, "2001:db8:1::2"],
    [hostA, "2001:db8:a::2"],
    [hostB, "2001:db8:b::2"],
  ] as const)
    await host.run("ip", ["-6", "route", "add", "default", "via", via]);
  await internet.run("ip", ["-6", "route", "add", "2001:db8:7::/64", "via", "2001:db8:1::1"]);
  await internet.run("ip", ["address", "add", `${PUBLIC_SERVER_6}/128`, "dev", "lo"]);
  await internet.run("ip", ["address", "add", `${PUBLIC_SERVER}/32`, "dev", "lo"]);
  for (const host of [router, internet, hostA, hostB])
    await host.run("sysctl", ["-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]);
  await router.run("nft", ["-f", "-"], { input: routerRules });
  const key = generatePrivateKey();
  const a = await raiseGateway(hostA, "203.0.113.17", "10.90.0.1", key);
  const b = await raiseGateway(hostB, "203.0.113.33", "10.90.0.3", key);
  const hosts = [device, router, internet, privateHost, hostA, hostB];
  return {
    device,
    router,
    internet,
    privateHost,
    a,
    b,
    key,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(hosts.map((host) => host.close()));
    },
  };
}

/** The router translates the LAN, and counts what the device sends by kind. */
const routerRules = `
table inet world {
  counter to_a { }
  counter to_b { }
  counter other { }
  counter private { }
  chain post { type nat hook postrouting priority srcnat; oifname "wan" meta nfproto ipv4 masquerade; }
  chain count {
    type filter hook prerouting priority raw;
    iifname != "lan" accept
    udp dport 51820 ip daddr 203.0.113.17 counter name to_a accept
    udp dport 51820 ip daddr 203.0.113.33 counter name to_b accept
    icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept
    ip daddr 10.20.0.0/16 counter name private
    counter name other
  }
}
`;

async function raiseGateway(
  host: Host,
  address: string,
  overlay: string,
  deviceKey: SecretKey,
): Promise<Gateway> {
  const key = generatePrivateKey();
  await host.run("wireguard-go", ["wg0"]).catch(async () => {
    await host.run("ip", ["link", "add", "wg0", "type", "wireguard"]);
  });
  await host.run("sh", ["-c", "umask 077; cat > /run/key"], { input: `${key.reveal()}\n` });
  const peer = [
    "peer",
    derivePublicKey(deviceKey),
    "allowed-ips",
    `${DEVICE_ADDRESS}/32,${DEVICE_ADDRESS_6}/128`,
  ];
  await host.run("wg", ["set", "wg0", "private-key", "/run/key", "listen-port", "51820", ...peer]);
  await host.run("ip", ["address", "add", `${overlay}/32`, "dev", "wg0"]);
  await host.run("ip", ["link", "set", "dev", "wg0", "up"]);
  await host.run("ip", ["route", "add", `${DEVICE_ADDRESS}/32`, "dev", "wg0"]);
  await host.run("ip", ["-6", "route", "add", `${DEVICE_ADDRESS_6}/128`, "dev", "wg0"]);
  await host.run("nft", ["-f", "-"], {
    input: `table inet gateway {
      counter carried { }
      chain untracked { type filter hook prerouting priority raw; udp dport 51820 ip daddr ${address} notrack; }
      chain untracked_out { type filter hook output priority raw; udp sport 51820 notrack; }
      chain post { type nat hook postrouting priority srcnat; iifname "wg0" masquerade; }
      chain forward { type filter hook forward priority filter; iifname "wg0" counter name carried; }
    }`,
  });
  return { host, key, publicKey: derivePublicKey(key), address, overlay };
}

/** Packets that a named counter of the router saw. */
export async function counted(host: Host, table: string, name: string): Promise<number> {
  const text = await host.run("nft", ["list", "counter", "inet", table, name]);
  return Number(/packets (\d+)/.exec(text)?.[1]);
}

export function peerOf(gateway: Gateway, allowedIps: readonly string[], via?: Gateway): IntentPeer {
  return {
    name: gateway.host.name,
    publicKey: gateway.publicKey,
    endpoint: { address: gateway.address, port: 51820 },
    allowedIps,
    keepalive: 25,
    ...(via === undefined ? {} : { via: via.publicKey }),
  };
}

const common = {
  addresses: [`${DEVICE_ADDRESS}/32`, `${DEVICE_ADDRESS_6}/128`],
  privatePrefixes: ["10.20.0.0/16"],
  dns: { servers: ["10.20.0.53"], matchDomains: ["corp.example"] },
  allowLocalNetwork: false,
  control: [],
} as const;

export function privateIntent(gateway: Gateway): Intent {
  return {
    ...common,
    mode: "vpn_only",
    peers: [peerOf(gateway, ["10.20.0.0/16", `${gateway.overlay}/32`])],
    probe: gateway.overlay,
  };
}

export function fullIntent(gateway: Gateway): Intent {
  return {
    ...common,
    mode: "full_tunnel",
    peers: [peerOf(gateway, ["0.0.0.0/0", "::/0"])],
    probe: gateway.overlay,
  };
}

export function nestedIntent(ingress: Gateway, egress: Gateway): Intent {
  return {
    ...common,
    mode: "full_tunnel",
    peers: [
      peerOf(ingress, ["10.20.0.0/16", `${ingress.overlay}/32`]),
      peerOf(egress, ["0.0.0.0/0", "::/0"], ingress),
    ],
    probe: egress.overlay,
  };
}

/** Answers the private and the public name on this address, both with the same: the answer tells who was asked. */
export function answerNames(host: Host, address: string, answer: string): void {
  const names = ["git.corp.example", "www.public.example"].map((name) => `--address=/${name}/${answer}`);
  const options = ["--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null"];
  // No group to change to: setgroups is refused in a user namespace.
  const own = ["--user=root", "--group=", "--pid-file="];
  const listen = ["--bind-interfaces", `--listen-address=${address}`, ...own];
  void host.spawn("dnsmasq", [...options, ...listen, ...names]);
}

/** Whether one echo request is answered within a second. */
export async function reaches(host: Host, address: string): Promise<boolean> {
  return (await host.exec("ping", ["-n", "-c", "1", "-W", "1", address])).exitCode === 0;
}

/** Everything of the device's network that a disconnect has to put back. */
export async function networkDump(host: Host): Promise<string> {
  return await host.run("sh", [
    "-c",
    "ip link | grep -v '^ '; ip -4 rule; ip -6 rule; ip -4 route show table all; ip -6 route show table all; nft --stateless list ruleset; cat /etc/resolv.conf; sysctl net.ipv4.conf.all",
  ]);
}

type Program = ResultPromise<{ stdin: "pipe"; stdout: "pipe"; stderr: "inherit"; buffer: false }>;

/** An engine in a process of its own on a host, steered by lines of JSON. */
export class EngineProcess {
  readonly #host: Host;
  readonly #child: Program;
  readonly lines: { readonly at: number; readonly event: string; readonly value: unknown }[] = [];
  #waiting: (() => void)[] = [];

  constructor(host: Host, folder: string, env: Readonly<Record<string, string>> = {}) {
    const script = fileURLToPath(new URL("./tunnel-engine-process.ts", import.meta.url));
    const child: Program = host.spawn(nodeProgram, [script, folder], {
      buffer: false,
      stderr: "inherit",
      env,
    }) as Program;
    this.#host = host;
    this.#child = child;
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const parts = text.split("\n");
      text = parts.pop() ?? "";
      for (const part of parts) this.lines.push(JSON.parse(part) as (typeof this.lines)[number]);
      for (const waiting of this.#waiting.splice(0)) waiting();
    });
  }

  send(command: object): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  /**
   * Waits for the next line that fits, from `from` on. Throws after twenty seconds with what came instead, and what the
   * host's network is by then.
   */
  async until(
    fits: (event: string, value: unknown) => boolean,
    from = 0,
  ): Promise<(typeof this.lines)[number]> {
    const end = Date.now() + 20_000;
    for (;;) {
      const line = this.lines.slice(from).find((candidate) => fits(candidate.event, candidate.value));
      if (line !== undefined) return line;
      if (Date.now() > end) {
        const network = await this.#host.exec("sh", ["-c", "wg show; ip rule; nft list ruleset"]);
        throw new Error(
          `engine: nothing fits in ${JSON.stringify(this.lines.slice(from), null, 1)}\n${network.stdout}`,
        );
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 500);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Asks for something and waits until the state is the named one again. */
  async state(name: string, command?: object): Promise<(typeof this.lines)[number]> {
    // What was told before the command was read is not its doing, even where it is heard of later.
    const from = command === undefined ? 0 : await this.#read(command);
    return await this.until(
      (event, value) => event === "status" && (value as { state: string }).state === name,
      from,
    );
  }

  /** Sends a command, and waits until the engine has it: which line said so. */
  async #read(command: object): Promise<number> {
    const from = this.lines.length;
    this.send(command);
    return this.lines.indexOf(await this.until((event) => event === "command", from));
  }

  /** Stops it where it is, or lets it go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }

  async kill(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    this.#child.kill(signal);
    await this.#child;
  }
}
