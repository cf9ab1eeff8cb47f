/**
 * The tunnel's lab with a hostile router: it hands out leases, advertises prefixes, answers for others and reads
 * what passes in clear. The device is protected by `wg-quick`, by a named naive set-up, or by our engine.
 */
import { fileURLToPath } from "node:url";
import { Capture, type CapturedPacket } from "../../../src/lab/capture.ts";
import { scratch, type Host } from "../../../src/lab/host.ts";
import { udpOn } from "../../../src/lab/socket.ts";
import type { Intent } from "../../../src/tunnel/types.ts";
import {
  counted,
  DEVICE_ADDRESS,
  DEVICE_ADDRESS_6,
  EngineProcess,
  PUBLIC_SERVER,
  raiseLab,
  type Gateway,
  type Lab,
} from "../tunnel-lab.ts";
import { quickDown as endQuick } from "../wg-quick.ts";
import type { Loot } from "./table.ts";

const LEASE_SCRIPT = fileURLToPath(new URL("../../../src/lab/servers/dhcp-lease.sh", import.meta.url));
/** What tells our packets from everybody else's, in clear. */
export const TAG = "nanami attack";
export const DEVICE_ON_LAN = "192.168.7.2";
export const ROUTER = "192.168.7.1";
/** Somebody on the LAN who is not there. */
const NOBODY = "192.168.7.250";
export const RESOLVER = "10.20.0.53";

export interface AttackWorld extends AsyncDisposable {
  readonly lab: Lab;
  /** Replaced where a test kills it. */
  engine: EngineProcess;
  readonly folder: string;
  /** Everything that passes the router's port on the local network. */
  readonly tap: Capture;
}

export async function raiseAttackWorld(): Promise<AttackWorld> {
  const lab = await raiseLab();
  const folder = await scratch();
  await lab.privateHost.run("ip", ["address", "add", `${RESOLVER}/24`, "dev", "eth0"]);
  const neighbour = ["neigh", "add", NOBODY, "lladdr", "02:00:00:00:00:fe", "dev", "lan", "nud", "permanent"];
  await lab.router.run("ip", neighbour);
  const world: AttackWorld = {
    lab,
    tap: await Capture.start(lab.router, "lan"),
    folder: folder.path,
    engine: new EngineProcess(lab.device, folder.path),
    [Symbol.asyncDispose]: async () => {
      await world.engine.kill("SIGKILL");
      // Throws when it missed a packet.
      await world.tap.stop().finally(() => lab[Symbol.asyncDispose]());
      await folder[Symbol.asyncDispose]();
    },
  };
  await world.engine.state("disconnected");
  return world;
}

/** Our side: the tunnel is up while `action` runs. */
export async function behindNanami<T>(
  world: AttackWorld,
  intent: Intent,
  action: () => Promise<T>,
): Promise<T> {
  await world.engine.state("connected", { do: "apply", intent, key: world.lab.key.reveal() });
  try {
    return await action();
  } finally {
    await world.engine.state("disconnected", { do: "disconnect" });
  }
}

export interface QuickFile {
  /** Null: the file has no peer. */
  readonly gateway: Gateway | null;
  readonly allowedIps: readonly string[];
  readonly addresses?: readonly string[];
  readonly endpoint?: string;
  /** Further lines of `[Interface]`. */
  readonly lines?: readonly string[];
}

const QUICK = "/run/wgq0.conf";

export const EVERYTHING = ["0.0.0.0/0", "::/0"] as const;
export const PRIVATE = ["10.20.0.0/16", "10.90.0.1/32"] as const;

export async function quickUp(
  { device, key }: Lab,
  file: QuickFile,
  env: Record<string, string> = {},
): Promise<void> {
  const { gateway, allowedIps, addresses = [`${DEVICE_ADDRESS}/32`, `${DEVICE_ADDRESS_6}/128`] } = file;
  const text = [
    "[Interface]",
    `PrivateKey = ${key.reveal()}`,
    `Address = ${addresses.join(", ")}`,
    ...(file.lines ?? []),
    ...(gateway === null
      ? []
      : [
          "[Peer]",
          `PublicKey = ${gateway.publicKey}`,
          `Endpoint = ${file.endpoint ?? gateway.address}:51820`,
          `AllowedIPs = ${allowedIps.join(", ")}`,
        ]),
    "",
  ].join("\n");
  await device.run("sh", ["-c", `umask 077; cat > ${QUICK}`], { input: text });
  await device.run("wg-quick", ["up", QUICK], { env });
}

export async function quickDown({ device }: Lab): Promise<void> {
  await endQuick(device, QUICK);
}

/** The other side: `wg-quick` is up while `action` runs. */
export async function behindQuick<T>(
  lab: Lab,
  file: QuickFile,
  action: () => Promise<T>,
  env: Record<string, string> = {},
): Promise<T> {
  await quickUp(lab, file, env);
  try {
    return await action();
  } finally {
    await quickDown(lab);
  }
}

export interface Overheard {
  /** What of ours could be read. */
  readonly tagged: Loot;
  /** Everything that full tunnel does not allow, ours or not. */
  readonly outside: Loot;
}

/** What the router reads of the device while `action` runs. */
export async function overhear(world: AttackWorld, action: () => Promise<unknown>): Promise<Overheard> {
  const from = await mark(world);
  await action();
  const to = await mark(world);
  const packets = world.tap.since(from).slice(0, to - from);
  const sent = packets.filter((packet) => packet.direction === "in");
  return {
    tagged: sent.filter(isTagged).map(inWords),
    outside: sent.filter((packet) => !isPromised(packet, world.lab)).map(inWords),
  };
}

let marks = 0;

/** Sends a packet of the router's own past the tap and answers its number: everything before it was read. */
async function mark({ lab, tap }: AttackWorld): Promise<number> {
  marks += 1;
  const text = `mark ${marks}`;
  const from = tap.count;
  await speak(lab.router, [NOBODY], 9, text);
  const place = () => tap.since(from).findIndex((packet) => packet.payload === text);
  const end = Date.now() + 3000;
  while (place() < 0) {
    if (Date.now() > end) throw new Error(`the capture on the router did not see its own ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return from + place();
}

export function isTagged(packet: CapturedPacket): boolean {
  return packet.payload?.startsWith(TAG) === true;
}

/** An MLDv2 report (RFC 3810): which groups of the link a host listens to. */
const MLD_REPORT = 143;

/**
 * Whether a packet of the device is among those that full tunnel allows: the tunnel's own, ARP, DHCP, NDP, and, where
 * the local network stays open, the kernel's reports of the link's multicast groups, which never leave the link.
 */
export function isPromised(packet: CapturedPacket, { a, b }: Pick<Lab, "a" | "b">): boolean {
  const { family, protocol, destination, sourcePort, destinationPort, icmpType } = packet;
  if (family === "arp") return true;
  if (protocol === "icmpv6" && icmpType === MLD_REPORT) return destination === "ff02::16";
  if (protocol === "icmpv6") return icmpType === 133 || icmpType === 135 || icmpType === 136;
  if (protocol !== "udp" || isTagged(packet)) return false;
  if (sourcePort === 68) return destinationPort === 67;
  return destinationPort === 51820 && [a.address, b.address, PUBLIC_SERVER].includes(destination);
}

export function inWords(packet: CapturedPacket): string {
  const { protocol, source, destination, destinationPort, icmpType, payload } = packet;
  return [packet.family, protocol, source, "→", destination, destinationPort ?? icmpType, payload]
    .filter((word) => word !== undefined)
    .join(" ");
}

/** Sends a few tagged datagrams to each address; what the kernel refuses is nobody's to read. */
export async function speak(host: Host, addresses: readonly string[], port = 443, text = TAG): Promise<void> {
  for (const address of addresses) {
    const socket = await udpOn(host, address.includes(":") ? 6 : 4);
    for (let count = 0; count < 3; count += 1)
      await new Promise<void>((resolve) => socket.send(text, port, address, () => resolve()));
    socket.close();
  }
}

/** Packets that the gateway forwarded out of the tunnel while `action` ran. */
export async function carried(gateway: Gateway, action: () => Promise<unknown>): Promise<number> {
  const before = await counted(gateway.host, "gateway", "carried");
  await action();
  return (await counted(gateway.host, "gateway", "carried")) - before;
}

export interface Offer {
  /** The one address on offer, with its prefix length. */
  readonly address: string;
  /** The DHCP server's own address in that network. */
  readonly router: string;
  /** Further options, as dnsmasq writes them. */
  readonly options?: readonly string[];
}

export const HONEST: Offer = { address: `${DEVICE_ON_LAN}/24`, router: ROUTER };

/** The device gets a new lease from the router, as an ordinary client does, honouring option 121. */
export async function lease(lab: Lab, { address, router, options = [] }: Offer): Promise<void> {
  const [host = "", length = ""] = address.split("/");
  await lab.router.run("ip", ["address", "replace", `${router}/${length}`, "dev", "lan"]);
  await lab.router.run("dnsmasq", [
    ...DNSMASQ,
    "--pid-file=/run/dhcp.pid",
    "--dhcp-leasefile=/run/dhcp.leases",
    "--dhcp-authoritative",
    "--no-ping",
    `--dhcp-range=${host},${host},${maskOf(Number(length))},1h`,
    `--dhcp-option=3,${router}`,
    `--dhcp-option=6,${ROUTER}`,
    ...options.map((option) => `--dhcp-option=${option}`),
  ]);
  try {
    const client = ["udhcpc", "-n", "-q", "-f", "-i", "eth0", "-t", "5", "-T", "1", "-O", "staticroutes"];
    await lab.device.run("busybox", [...client, "-s", LEASE_SCRIPT]);
  } finally {
    await lab.router.run("sh", ["-c", "kill $(cat /run/dhcp.pid) && rm -f /run/dhcp.leases"]);
  }
}

/** dnsmasq on the LAN, without DNS and without the machine's own configuration. */
export const DNSMASQ = [
  "--conf-file=/dev/null",
  "--port=0",
  "--user=root",
  "--bind-interfaces",
  "--interface=lan",
  "--except-interface=lo",
] as const;

function maskOf(length: number): string {
  return [0, 8, 16, 24].map((at) => 256 - 2 ** (8 - Math.min(8, Math.max(0, length - at)))).join(".");
}
