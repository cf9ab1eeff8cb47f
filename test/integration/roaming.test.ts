/**
 * A connected device moves: from the hotel's cable to a café's Wi-Fi, to another address there, out of reach and back.
 * The tunnel goes on, names are asked of whom the new network says, and nothing leaves outside on either link.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileURLToPath } from "node:url";
import { Capture, type CapturedPacket } from "../../src/lab/capture.ts";
import { connect, Host, scratch } from "../../src/lab/host.ts";
import { untilLine } from "../../src/lab/world.ts";
import type { Intent } from "../../src/tunnel/types.ts";
import type { LoadPlan } from "./attacks/load.ts";
import { inWords, isPromised, TAG } from "./attacks/world.ts";
import {
  answerNames,
  EngineProcess,
  fullIntent,
  PRIVATE_SERVER,
  privateIntent,
  PUBLIC_SERVER,
  PUBLIC_SERVER_6,
  raiseLab,
  reaches,
  RESOLV_CONF,
  type Lab,
} from "./tunnel-lab.ts";

const CAFE = "192.168.8.1";
/** Who answers so. */
const INSIDE = "10.20.0.10";
const AT_THE_HOTEL = "198.51.100.66";
const AT_THE_CAFE = "198.51.100.99";
const PRIVATE_NAME = "git.corp.example";
const PUBLIC_NAME = "www.public.example";

let lab: Lab;
let cafe: Host;
let folder: Awaited<ReturnType<typeof scratch>>;
let engine: EngineProcess;

beforeAll(async () => {
  lab = await raiseLab();
  cafe = await Host.create("cafe");
  const { device, internet, router, privateHost } = lab;
  await connect(
    { host: device, interface: "wlan0", addresses: [] },
    { host: cafe, interface: "lan", addresses: [`${CAFE}/24`, "2001:db8:9::1/64"] },
  );
  await connect(
    { host: cafe, interface: "wan", addresses: ["203.0.113.49/28", "2001:db8:c::1/64"] },
    { host: internet, interface: "to-cafe", addresses: ["203.0.113.50/28", "2001:db8:c::2/64"] },
  );
  await device.run("ip", ["link", "set", "dev", "wlan0", "down"]);
  await cafe.run("sysctl", ["-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]);
  await cafe.run("ip", ["route", "add", "default", "via", "203.0.113.50"]);
  await cafe.run("ip", ["-6", "route", "add", "default", "via", "2001:db8:c::2"]);
  await internet.run("ip", ["-6", "route", "add", "2001:db8:9::/64", "via", "2001:db8:c::1"]);
  await cafe.run("nft", ["-f", "-"], {
    input:
      'table ip nat {\n chain post { type nat hook postrouting priority srcnat; oifname "wan" masquerade; }\n}\n',
  });
  await privateHost.run("ip", ["address", "add", "10.20.0.53/24", "dev", "eth0"]);
  answerNames(privateHost, "10.20.0.53", INSIDE);
  answerNames(router, "192.168.7.1", AT_THE_HOTEL);
  answerNames(cafe, CAFE, AT_THE_CAFE);
  folder = await scratch();
  engine = new EngineProcess(device, folder.path);
  await engine.state("disconnected");
});

afterAll(async () => {
  await engine.kill("SIGKILL");
  await lab[Symbol.asyncDispose]();
  await cafe.close();
  await folder[Symbol.asyncDispose]();
});

/** A busy device: both families, free sockets and such as are bound to an address or a link, DNS and TCP. */
const LOAD: LoadPlan = {
  text: TAG,
  flows: [
    ...[PUBLIC_SERVER, PUBLIC_SERVER_6].flatMap((to) => [
      { to, port: 443, rate: 500 },
      { to, port: 53, rate: 20 },
      ...["eth0", "wlan0"].map((device) => ({ to, port: 443, rate: 100, device })),
    ]),
    { to: PUBLIC_SERVER, port: 443, rate: 100, from: "192.168.7.2" },
    { to: PUBLIC_SERVER, port: 443, rate: 100, from: "192.168.8.2" },
    { to: PRIVATE_SERVER, port: 443, rate: 100 },
  ],
  connections: [
    { to: [PUBLIC_SERVER, PUBLIC_SERVER_6].map((host) => ({ host, port: 443 })), everyMs: 25, lifeMs: 200 },
  ],
};

/** Milliseconds since 1970 by the clock that packets are stamped with. */
const now = (): number => performance.timeOrigin + performance.now();

/** `ip` commands, and what a DHCP client writes beside them. */
async function happens(lines: readonly string[], resolvConf?: string): Promise<void> {
  await lab.device.run("ip", ["-force", "-batch", "-"], { input: `${lines.join("\n")}\n` });
  if (resolvConf !== undefined)
    await lab.device.run(
      "sh",
      ["-c", "cat > /etc/resolv.conf.new && mv /etc/resolv.conf.new /etc/resolv.conf"],
      {
        input: resolvConf,
      },
    );
}

const AT_CAFE = [
  "link set dev wlan0 up",
  "address add 192.168.8.2/24 dev wlan0",
  "address add 2001:db8:9::2/64 dev wlan0 nodad",
  "route replace default via 192.168.8.1 dev wlan0",
  "route replace default via 2001:db8:9::1 dev wlan0",
] as const;
const BACK_AT_HOTEL = [
  "address del 192.168.8.77/24 dev wlan0",
  "link set dev wlan0 down",
  "link set dev eth0 up",
  "address replace 192.168.7.2/24 dev eth0",
  "address replace 2001:db8:7::2/64 dev eth0 nodad",
  "route replace default via 192.168.7.1 dev eth0",
  "route replace default via 2001:db8:7::1 dev eth0",
] as const;

async function addressOf(name: string): Promise<string | null> {
  const { stdout } = await lab.device.exec("getent", ["ahostsv4", name], {
    env: { RES_OPTIONS: "timeout:1 attempts:1" },
  });
  return /^\S+/.exec(stdout)?.[0] ?? null;
}

async function outsideResolvers(): Promise<unknown> {
  const from = engine.lines.length;
  engine.send({ do: "names" });
  const { value } = await engine.until((event) => event === "names", from);
  return (value as { outside: unknown }).outside;
}

/** Waits for a state that is told after the line with this number. */
function becomes(state: string, from: number): ReturnType<EngineProcess["until"]> {
  return engine.until(
    (event, value) => event === "status" && (value as { state: string }).state === state,
    from,
  );
}

/** What of a link's packets the mode does not allow. */
function leaks(mode: Intent["mode"], packets: readonly CapturedPacket[]): readonly string[] {
  const kept = (packet: CapturedPacket): boolean =>
    mode === "full_tunnel" ? isPromised(packet, lab) : !packet.destination.startsWith("10.20.");
  const outside = packets.filter((packet) => packet.direction === "out" && !kept(packet)).map(inWords);
  return [...Map.groupBy(outside, (words) => words)].map(([words, all]) => `${all.length} × ${words}`);
}

/** Milliseconds from `since` to the first packet that the gateway sent to a link. */
function firstAnswer(packets: readonly CapturedPacket[], since: number): number {
  const answer = packets.find(
    ({ direction, source, time }) => direction === "in" && source === lab.a.address && time >= since,
  );
  return (answer?.time ?? Infinity) - since;
}

describe.each(["full_tunnel", "vpn_only"] as const)("in %s", (mode) => {
  let cable: Capture;
  let wifi: Capture;
  let stopLoad: () => Promise<unknown>;

  beforeAll(async () => {
    const intent = mode === "full_tunnel" ? fullIntent(lab.a) : privateIntent(lab.a);
    await happens([], RESOLV_CONF);
    await engine.state("connected", { do: "apply", intent, key: lab.key.reveal() });
    cable = await Capture.start(lab.device, "eth0");
    wifi = await Capture.start(lab.device, "wlan0");
    const program = fileURLToPath(new URL("attacks/load.ts", import.meta.url));
    const load = lab.device.spawn(process.execPath, [program, JSON.stringify(LOAD)], { buffer: false });
    await untilLine("device", "load", load, /^ready$/);
    stopLoad = () => {
      load.kill("SIGKILL");
      return load;
    };
  });

  /** Waits until a hundred more packets were sent or received. */
  async function traffic(): Promise<void> {
    const from = cable.count + wifi.count;
    await expect
      .poll(() => cable.count + wifi.count - from, { timeout: 10_000, interval: 25 })
      .toBeGreaterThan(100);
  }

  /** Moves under traffic, and waits for the first answer of the gateway on the link. Says how long that took. */
  async function move(link: Capture, lines: readonly string[], resolvConf?: string): Promise<number> {
    await traffic();
    const from = link.count;
    const since = now();
    await happens(lines, resolvConf);
    await expect
      .poll(() => firstAnswer(link.since(from), since), { timeout: 8000, interval: 25 })
      .toBeLessThan(Infinity);
    await expect.poll(() => reaches(lab.device, PRIVATE_SERVER), { timeout: 8000 }).toBe(true);
    return firstAnswer(link.since(from), since);
  }

  test("the default route moves to another network, which has another address, resolver and gateway", async () => {
    const took = await move(wifi, AT_CAFE, `nameserver ${CAFE}\n`);
    console.log(`${mode}: first packet ${took.toFixed(0)} ms after the default route moved`);
    expect(took).toBeLessThan(5000);
    await expect.poll(outsideResolvers, { timeout: 5000 }).toEqual([CAFE]);
    expect(await addressOf(PRIVATE_NAME)).toBe(INSIDE);
    expect(await addressOf(PUBLIC_NAME)).toBe(mode === "full_tunnel" ? INSIDE : AT_THE_CAFE);
  });

  test("the network that was left goes away", async () => {
    const took = await move(wifi, ["address del 192.168.7.2/24 dev eth0", "link set dev eth0 down"]);
    console.log(`${mode}: first packet ${took.toFixed(0)} ms after the cable was pulled`);
    expect(took).toBeLessThan(5000);
  });

  test("the address changes on the same link", async () => {
    const took = await move(wifi, [
      "address del 192.168.8.2/24 dev wlan0",
      "address del 2001:db8:9::2/64 dev wlan0",
      "address add 192.168.8.77/24 dev wlan0",
      "address add 2001:db8:9::77/64 dev wlan0 nodad",
      "route replace default via 192.168.8.1 dev wlan0",
      "route replace default via 2001:db8:9::1 dev wlan0",
    ]);
    console.log(`${mode}: first packet ${took.toFixed(0)} ms after the address changed`);
    expect(took).toBeLessThan(5000);
  });

  test("the link is lost and comes back", async () => {
    await traffic();
    const from = engine.lines.length;
    await cafe.run("ip", ["link", "set", "dev", "lan", "down"]);
    await becomes("reconnecting", from);
    const since = now();
    const packets = wifi.count;
    const offline = engine.lines.length;
    await cafe.run("ip", ["link", "set", "dev", "lan", "up"]);
    await expect
      .poll(() => firstAnswer(wifi.since(packets), since), { timeout: 8000, interval: 25 })
      .toBeLessThan(Infinity);
    console.log(
      `${mode}: first packet ${firstAnswer(wifi.since(packets), since).toFixed(0)} ms after the link was back`,
    );
    await becomes("connected", offline);
    await expect.poll(() => reaches(lab.device, PRIVATE_SERVER), { timeout: 8000 }).toBe(true);
    await traffic();
  });

  // Without an interface's name the kernel looks for the next hop where everything goes: in the tunnel.
  if (mode === "full_tunnel")
    test("a default route that leads into the tunnel itself is none, and is said to be none", async () => {
      const from = engine.lines.length;
      await happens(["route replace default via 192.168.8.1"]);
      const { value } = await becomes("reconnecting", from);
      expect(value).toMatchObject({ reason: { code: "offline" } });
      const back = engine.lines.length;
      await happens(["route replace default via 192.168.8.1 dev wlan0"]);
      await becomes("connected", back);
    });

  test("nothing left outside on either link, and what returns is what the newest network said", async () => {
    await stopLoad();
    const links = { cable: await cable.stop(), wifi: await wifi.stop() };
    for (const packets of Object.values(links)) {
      expect(packets.length).toBeGreaterThan(100);
      expect(leaks(mode, packets)).toEqual([]);
    }
    await engine.state("disconnected", { do: "disconnect" });
    expect(await lab.device.run("cat", ["/etc/resolv.conf"])).toBe(`nameserver ${CAFE}`);
    // The detector sees what does leave, as soon as it may.
    const open = await Capture.start(lab.device, "wlan0");
    await lab.device.exec("ping", ["-n", "-c", "2", "-W", "1", PRIVATE_SERVER]);
    expect(leaks(mode, await open.stop())).not.toEqual([]);
    await happens(BACK_AT_HOTEL, RESOLV_CONF);
  });
});
