/** Packets under load, at every moment at which something changes: seen on the device's own physical interface. */
import { beforeAll, beforeEach, expect } from "vitest";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Capture, type CapturedPacket } from "../../../src/lab/capture.ts";
import { untilLine } from "../../../src/lab/world.ts";
import type { Intent } from "../../../src/tunnel/types.ts";
import {
  DEVICE_ADDRESS,
  DEVICE_ADDRESS_6,
  EngineProcess,
  fullIntent,
  nestedIntent,
  PRIVATE_SERVER,
  privateIntent,
  PUBLIC_SERVER,
  PUBLIC_SERVER_6,
  reaches,
} from "../tunnel-lab.ts";
import type { LoadPlan } from "./load.ts";
import { shown, type Loot } from "./table.ts";
import {
  behindNanami,
  behindQuick,
  DEVICE_ON_LAN,
  EVERYTHING,
  inWords,
  isPromised,
  isTagged,
  quickDown,
  quickUp,
  raiseAttackWorld,
  TAG,
  type AttackWorld,
} from "./world.ts";

let world: AttackWorld;
let wire: Capture;

beforeAll(async () => {
  world = await raiseAttackWorld();
  await startLoad(DEVICE_ON_LAN, "2001:db8:7::2");
  wire = await Capture.start(world.lab.device, "eth0");
  return async () => {
    await wire.stop().finally(() => world[Symbol.asyncDispose]());
  };
});

/** Starts traffic to everywhere, a part of it from these addresses. Answers how to end it. */
async function startLoad(own4: string, own6: string): Promise<() => Promise<unknown>> {
  const program = fileURLToPath(new URL("load.ts", import.meta.url));
  const plan: LoadPlan = {
    text: TAG,
    flows: [
      { to: PUBLIC_SERVER, port: 443, rate: 500 },
      { to: PUBLIC_SERVER, port: 443, rate: 500, from: own4 },
      { to: PUBLIC_SERVER_6, port: 443, rate: 500 },
      { to: PUBLIC_SERVER_6, port: 443, rate: 500, from: own6 },
      { to: PRIVATE_SERVER, port: 443, rate: 100 },
      ...[53, 853].map((port) => ({ to: PUBLIC_SERVER, port, rate: 40 })),
    ],
    connections: [
      {
        to: [PUBLIC_SERVER, PUBLIC_SERVER_6].map((host) => ({ host, port: 443 })),
        everyMs: 25,
        lifeMs: 200,
      },
    ],
  };
  const load = world.lab.device.spawn(process.execPath, [program, JSON.stringify(plan)], { buffer: false });
  await untilLine("device", "load", load, /^ready$/);
  return () => {
    load.kill("SIGKILL");
    return load;
  };
}

beforeEach(() => left());

/** What has left since it was asked last: an attack that is tried again is judged by its own packets. */
async function left(): Promise<readonly CapturedPacket[]> {
  const former = wire;
  // Both at once for a moment, so that nothing is missed between them.
  wire = await Capture.start(world.lab.device, "eth0");
  return (await former.stop()).filter(({ direction }) => direction === "out");
}

/** Milliseconds since 1970 by the clock that packets are stamped with. */
const now = (): number => performance.timeOrigin + performance.now();

/** A time in which a promise holds. */
interface Window {
  readonly from: number;
  readonly to: number;
  readonly holds: (packet: CapturedPacket) => boolean;
}

const everything = (packet: CapturedPacket): boolean => isPromised(packet, world.lab);
const privateOnly = (packet: CapturedPacket): boolean => !packet.destination.startsWith("10.20.");

/** What left outside a promise, in words, the first few of each kind. Throws when the load was not there. */
async function broken(windows: readonly Window[]): Promise<Loot> {
  const packets = await left();
  expect(packets.length).toBeGreaterThan(100);
  const outside = windows.flatMap(({ from, to, holds }) =>
    packets.filter((packet) => packet.time >= from && packet.time < to && !holds(packet)).map(inWords),
  );
  const kinds = Map.groupBy(outside, (words) => words);
  return [...kinds].map(([words, all]) => `${all.length} × ${words}`);
}

const file = (gateway: AttackWorld["lab"]["a"]) => ({ gateway, allowedIps: EVERYTHING });

/** The tunnel's first packet, after which nothing may be in clear; the end where there was none. */
async function afterFirstEncrypted(from: number): Promise<Loot> {
  const packets = (await left()).filter(({ time }) => time >= from);
  const first = packets.findIndex((packet) => packet.destinationPort === 51820 && !isTagged(packet));
  expect(first).toBeGreaterThan(-1);
  return packets
    .slice(first)
    .filter((packet) => !everything(packet))
    .map(inWords);
}

shown("race on connecting", {
  naive: async () => {
    const from = now();
    return await behindQuick(world.lab, file(world.lab.a), () => afterFirstEncrypted(from));
  },
  ours: async () => {
    const from = now();
    return await behindNanami(world, fullIntent(world.lab.a), () => afterFirstEncrypted(from));
  },
});

/** Echo requests from a socket that is bound to the interface (SO_BINDTODEVICE), over both families. */
async function bound(): Promise<Loot> {
  const { device } = world.lab;
  const from = now();
  const ping = (address: string) =>
    device.exec("ping", ["-n", "-I", "eth0", "-c", "3", "-i", "0.02", "-W", "0.2", address]);
  await Promise.all([PUBLIC_SERVER, PUBLIC_SERVER_6].map(ping));
  return await broken([{ from, to: now(), holds: everything }]);
}
shown("socket bound to the interface", {
  naive: () => behindQuick(world.lab, file(world.lab.a), bound),
  ours: () => behindNanami(world, fullIntent(world.lab.a), bound),
});

shown("race on switching", {
  naive: async () => {
    await quickUp(world.lab, file(world.lab.a));
    const from = now();
    await quickDown(world.lab);
    await quickUp(world.lab, file(world.lab.b));
    const to = now();
    await quickDown(world.lab);
    return await broken([{ from, to, holds: everything }]);
  },
  ours: async () => {
    const { a, b } = world.lab;
    const windows: Window[] = [];
    const path: readonly Intent[] = [
      fullIntent(a),
      fullIntent(b),
      nestedIntent(a, b),
      nestedIntent(b, a),
      privateIntent(a),
      { ...fullIntent(a), allowLocalNetwork: true },
      privateIntent(a),
      nestedIntent(a, b),
    ];
    let open: { mode: Intent["mode"]; from: number } | undefined;
    const begin = now();
    for (const intent of path) {
      const asked = now();
      // Full tunnel is promised from the acknowledgement until something else is asked for.
      if (open?.mode === "full_tunnel" && intent.mode === "vpn_only")
        windows.push({ from: open.from, to: asked, holds: everything });
      const { at } = await world.engine.state("connected", { do: "apply", intent, key: key() });
      if (open?.mode !== intent.mode) open = { mode: intent.mode, from: at };
    }
    if (open !== undefined) windows.push({ from: open.from, to: now(), holds: everything });
    const first = windows[0]?.from ?? begin;
    // The private prefixes never pause.
    windows.push({ from: first, to: now(), holds: privateOnly });
    await world.engine.state("disconnected", { do: "disconnect" });
    return await broken(windows);
  },
});

const key = (): string => world.lab.key.reveal();

/** Ends the program that carries a tunnel, as a crash would. */
async function killCarrier(name: string): Promise<void> {
  await world.lab.device.run("sh", [
    "-c",
    `for pid in $(pidof wireguard-go); do
       [ "$(readlink /proc/$pid/ns/net)" = "$(readlink /proc/self/ns/net)" ] && kill -9 $pid
     done
     while [ -e /sys/class/net/${name} ]; do sleep 0.01; done`,
  ]);
}

shown("race on a crash", {
  naive: async () => {
    await quickUp(world.lab, file(world.lab.a));
    const from = now();
    await killCarrier("wgq0");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const to = now();
    // The interface is gone, so wg-quick does not clean up; we do.
    await world.lab.device.run("sh", [
      "-c",
      "nft flush ruleset; for f in -4 -6; do ip $f rule flush; ip $f rule add pref 32766 lookup main; done; ip rule add pref 32767 lookup default",
    ]);
    return await broken([{ from, to, holds: everything }]);
  },
  ours: async () => {
    const { device, a, b } = world.lab;
    const { at } = await world.engine.state("connected", {
      do: "apply",
      intent: nestedIntent(a, b),
      key: key(),
    });
    await killCarrier("nanami0");
    // The engine notices and raises it again.
    await expect.poll(() => reaches(device, PUBLIC_SERVER), { timeout: 10_000, interval: 20 }).toBe(true);
    // Now both die, and the next life finds what they left.
    await world.engine.kill("SIGKILL");
    await killCarrier("nanami0");
    world.engine = new EngineProcess(device, world.folder);
    await world.engine.state("blocked");
    await world.engine.state("connected", { do: "apply", intent: fullIntent(a), key: key() });
    // Somebody takes the rules away: the routes hold until they are back.
    await device.run("nft", ["delete", "table", "inet", "nanami"]);
    const restored = async () => (await device.exec("nft", ["list", "table", "inet", "nanami"])).exitCode;
    await expect.poll(restored, { timeout: 5000, interval: 20 }).toBe(0);
    const to = now();
    await world.engine.state("disconnected", { do: "disconnect" });
    return await broken([{ from: at, to, holds: everything }]);
  },
});

/** The programs of the tunnel itself, whose turn comes late when a device wakes. */
async function signalCarriers(signal: "STOP" | "CONT"): Promise<void> {
  await world.lab.device.run("sh", [
    "-c",
    `for pid in $(pidof wireguard-go); do
       [ "$(readlink /proc/$pid/ns/net)" = "$(readlink /proc/self/ns/net)" ] && kill -${signal} $pid
     done; true`,
  ]);
}

/** The device wakes in a network that gives it another address, and everybody speaks at once. */
async function wakeElsewhere(): Promise<void> {
  await world.lab.device.run("ip", ["-batch", "-"], {
    input: `address add ${ELSEWHERE}/24 dev eth0
      route replace default via 192.168.7.1 dev eth0 src ${ELSEWHERE}\n`,
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
}

const ELSEWHERE = "192.168.7.77";

async function goHome(): Promise<void> {
  await world.lab.device.run("ip", ["-batch", "-"], {
    input: `route replace default via 192.168.7.1 dev eth0\naddress del ${ELSEWHERE}/24 dev eth0\n`,
  });
}

shown("race on resuming", {
  naive: async () => {
    await quickUp(world.lab, file(world.lab.a));
    const from = now();
    await quickDown(world.lab);
    await wakeElsewhere();
    await quickUp(world.lab, file(world.lab.a));
    const to = now();
    await quickDown(world.lab);
    await goHome();
    return await broken([{ from, to, holds: everything }]);
  },
  ours: async () => {
    const { device, a, b } = world.lab;
    const intent = nestedIntent(a, b);
    const { at } = await world.engine.state("connected", { do: "apply", intent, key: key() });
    world.engine.signal("SIGSTOP");
    await signalCarriers("STOP");
    await wakeElsewhere();
    // The agent before the tunnel, and the tunnel before the agent: nobody says whose turn comes first.
    world.engine.signal("SIGCONT");
    await new Promise((resolve) => setTimeout(resolve, 100));
    await signalCarriers("CONT");
    await expect.poll(() => reaches(device, PUBLIC_SERVER), { timeout: 20_000, interval: 20 }).toBe(true);
    world.engine.signal("SIGSTOP");
    await goHome();
    await signalCarriers("STOP");
    await signalCarriers("CONT");
    world.engine.signal("SIGCONT");
    await expect.poll(() => reaches(device, PUBLIC_SERVER), { timeout: 20_000, interval: 20 }).toBe(true);
    const to = now();
    await world.engine.state("disconnected", { do: "disconnect" });
    return await broken([{ from: at, to, holds: everything }]);
  },
});

/** What leaves with the tunnel's address while `end` takes the tunnel away, until the interface is gone. */
async function leftWithTunnelAddress(name: string, end: () => Promise<unknown>): Promise<Loot> {
  const endLoad = await startLoad(DEVICE_ADDRESS, DEVICE_ADDRESS_6);
  const from = now();
  const ended = end();
  let to = from;
  const path = `/proc/${world.lab.device.pid}/root/sys/class/net/${name}`;
  // The time before the look: until then it was there, however long we had to wait for a processor meanwhile.
  for (let before = now(); existsSync(path); before = now()) {
    to = before;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
  await endLoad();
  const own = [DEVICE_ADDRESS, DEVICE_ADDRESS_6];
  return await broken([{ from, to, holds: ({ source }) => !own.includes(source) }]);
}

shown("race on disconnecting", {
  naive: async () => {
    await quickUp(world.lab, file(world.lab.a));
    return await leftWithTunnelAddress("wgq0", () => quickDown(world.lab));
  },
  ours: async () => {
    const loot: string[] = [];
    for (const intent of [
      fullIntent(world.lab.a),
      privateIntent(world.lab.a),
      nestedIntent(world.lab.a, world.lab.b),
    ]) {
      await world.engine.state("connected", { do: "apply", intent, key: key() });
      loot.push(
        ...(await leftWithTunnelAddress("nanami0", () =>
          world.engine.state("disconnected", { do: "disconnect" }),
        )),
      );
    }
    return loot;
  },
});
