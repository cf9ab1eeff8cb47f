/** A neighbour on the local network tries to learn the device's address in the tunnel, and whom it talks to. */
import { beforeAll, expect } from "vitest";
import { connectFrom } from "../../../src/lab/socket.ts";
import type { Intent } from "../../../src/tunnel/types.ts";
import {
  counted,
  DEVICE_ADDRESS,
  DEVICE_ADDRESS_6,
  fullIntent,
  networkDump,
  PRIVATE_SERVER,
  privateIntent,
  reaches,
} from "../tunnel-lab.ts";
import { shown, type Loot } from "./table.ts";
import {
  behindNanami,
  behindQuick,
  DEVICE_ON_LAN,
  PRIVATE,
  raiseAttackWorld,
  ROUTER,
  type AttackWorld,
} from "./world.ts";

let world: AttackWorld;

beforeAll(async () => {
  world = await raiseAttackWorld();
  // The neighbour sends what is for the tunnel address to the device, and wears a private host's address.
  await world.lab.router.run("sh", [
    "-ec",
    `ip route add ${DEVICE_ADDRESS}/32 via ${DEVICE_ON_LAN} dev lan
     ip -6 route add ${DEVICE_ADDRESS_6}/128 via 2001:db8:7::2 dev lan
     ip address add ${PRIVATE_SERVER}/32 dev lo`,
  ]);
  // A strict filter on the device would hide what is to be shown.
  await world.lab.device.run("sysctl", [
    "-qw",
    "net.ipv4.conf.all.rp_filter=0",
    "net.ipv4.conf.eth0.rp_filter=0",
  ]);
  return () => world[Symbol.asyncDispose]();
});

type Probing = () => Promise<Loot>;

const naively = (probing: Probing): Promise<Loot> =>
  behindQuick(world.lab, { gateway: world.lab.a, allowedIps: PRIVATE }, probing);

/** In every mode, and while everything is closed; the tunnel carries what it should all the same. */
async function ours(probing: Probing): Promise<Loot> {
  const { lab, engine } = world;
  const before = await networkDump(lab.device);
  const intents: readonly Intent[] = [
    privateIntent(lab.a),
    fullIntent(lab.a),
    { ...fullIntent(lab.a), allowLocalNetwork: true },
  ];
  const loot: string[] = [];
  for (const intent of intents)
    loot.push(
      ...(await behindNanami(world, intent, async () => {
        expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(true);
        return await probing();
      })),
    );
  loot.push(
    ...(await behindNanami(world, privateIntent(lab.a), async () => {
      await engine.state("blocked", { do: "block", reason: { code: "revoked", message: "", remedy: "" } });
      return await probing();
    })),
  );
  expect(await networkDump(lab.device)).toBe(before);
  return loot;
}

/** Answers to echo requests and to TCP, over both families. */
const direct: Probing = async () => {
  const { router } = world.lab;
  const answers = [DEVICE_ADDRESS, DEVICE_ADDRESS_6].flatMap((address) => [
    reaches(router, address).then((does) => (does ? [`${address} answers an echo request`] : [])),
    connectFrom(router)({ host: address, port: 9, signal: AbortSignal.timeout(500) }).then(
      () => [`${address} accepts a connection`],
      (error: unknown) => (String(error).includes("ECONNREFUSED") ? [`${address} refuses a connection`] : []),
    ),
  ]);
  return (await Promise.all(answers)).flat();
};
shown("probing the tunnel address", { naive: () => naively(direct), ours: () => ours(direct) });

/** The answer goes into the tunnel: the gateway forwards it, and its size shows on the wire. */
const spoofed: Probing = async () => {
  const { router, a } = world.lab;
  const before = await counted(a.host, "gateway", "carried");
  await router.exec("ping", [
    "-n",
    "-c",
    "3",
    "-i",
    "0.02",
    "-W",
    "0.3",
    "-I",
    PRIVATE_SERVER,
    DEVICE_ADDRESS,
  ]);
  const answers = (await counted(a.host, "gateway", "carried")) - before;
  return answers === 0 ? [] : [`${answers} encrypted answers`];
};
shown("probing from a private source", { naive: () => naively(spoofed), ours: () => ours(spoofed) });

const asked: Probing = async () => {
  const ask = ["arping", "-q", "-c", "1", "-w", "1", "-I", "lan"];
  const { router } = world.lab;
  const replies = [];
  // From an address of the LAN and from one that would be on the tunnel address's link.
  for (const source of [ROUTER, "10.90.0.66"])
    replies.push(
      router
        .exec("busybox", [...ask, "-s", source, DEVICE_ADDRESS])
        .then(({ exitCode }) => (exitCode === 0 ? [`the device answers ${source}`] : [])),
    );
  return (await Promise.all(replies)).flat();
};
shown("ARP for the tunnel address", { naive: () => naively(asked), ours: () => ours(asked) });
