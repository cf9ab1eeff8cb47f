/** A hostile server or a hostile local user tries to have the agent do what it should not, or nothing at all. */
import { beforeAll, expect } from "vitest";
import { checkIntent } from "../../../src/tunnel/intent.ts";
import { OperationError } from "../../../src/tunnel/operation-error.ts";
import type { Intent } from "../../../src/tunnel/types.ts";
import {
  EngineProcess,
  fullIntent,
  nestedIntent,
  PRIVATE_SERVER,
  privateIntent,
  PUBLIC_SERVER,
  PUBLIC_SERVER_6,
  reaches,
} from "../tunnel-lab.ts";
import { shown, type Loot } from "./table.ts";
import {
  behindNanami,
  behindQuick,
  EVERYTHING,
  overhear,
  raiseAttackWorld,
  speak,
  type AttackWorld,
} from "./world.ts";

let world: AttackWorld;

beforeAll(async () => {
  world = await raiseAttackWorld();
  return () => world[Symbol.asyncDispose]();
});

const targets = [PUBLIC_SERVER, PUBLIC_SERVER_6, PRIVATE_SERVER];

/** What is brought in force although it never connects: there is nobody to connect to. */
async function inForce(intent: Intent): Promise<Loot> {
  const { engine, lab } = world;
  const from = engine.lines.length;
  engine.send({ do: "apply", intent, key: lab.key.reveal() });
  await engine.until((event, value) => event === "log" && isReconciled(value), from);
  const { outside } = await overhear(world, () => speak(lab.device, targets));
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(intent.mode === "vpn_only");
  await engine.state("disconnected", { do: "disconnect" });
  return intent.mode === "full_tunnel" ? outside : outside.filter((line) => line.includes(PRIVATE_SERVER));
}

function isReconciled(value: unknown): boolean {
  return (value as { message: string }).message === "network reconciled";
}

shown("empty rule list", {
  naive: () =>
    behindQuick(world.lab, { gateway: null, allowedIps: [] }, async () => {
      return (await overhear(world, () => speak(world.lab.device, targets))).tagged;
    }),
  ours: async () => {
    const full = fullIntent(world.lab.a);
    const empty: readonly Intent[] = [
      { ...full, peers: [] },
      { ...full, peers: full.peers.map((peer) => ({ ...peer, allowedIps: [] })) },
      { ...full, peers: [], privatePrefixes: [], addresses: [], dns: { servers: [], matchDomains: [] } },
      { ...privateIntent(world.lab.a), peers: [] },
    ];
    const loot: string[] = [];
    for (const intent of empty) loot.push(...(await inForce(intent)));
    return loot;
  },
});

const OWNED = "/run/owned";

/** Says what the attacker's command left, and removes it. */
async function owned(): Promise<Loot> {
  const { stdout } = await world.lab.device.exec("sh", ["-c", `cat ${OWNED}; rm -f ${OWNED}`]);
  return stdout.split("\n").filter((line) => line !== "");
}

const LINE = `\n[Interface]\nPostUp = echo a command ran > ${OWNED}\n`;

shown("line injection from the server", {
  naive: () => behindQuick(world.lab, { gateway: world.lab.a, allowedIps: [`10.20.0.0/16${LINE}`] }, owned),
  ours: async () => {
    const honest = nestedIntent(world.lab.a, world.lab.b);
    const [ingress, egress] = honest.peers;
    if (ingress === undefined || egress === undefined) throw new Error("the path has two hops");
    const inPeer = (change: object): Intent => ({ ...honest, peers: [ingress, { ...egress, ...change }] });
    const hostile: readonly Intent[] = [
      { ...honest, addresses: [`10.90.0.2/32${LINE}`] },
      { ...honest, privatePrefixes: [`10.20.0.0/16${LINE}`] },
      { ...honest, dns: { servers: [`10.20.0.53${LINE}`], matchDomains: [] } },
      { ...honest, probe: `10.90.0.1${LINE}` },
      { ...honest, control: [{ protocol: "tcp", address: `192.0.2.1${LINE}`, port: 443 }] },
      inPeer({ publicKey: `${egress.publicKey}${LINE}` }),
      inPeer({ presharedKey: `${egress.publicKey}${LINE}` }),
      inPeer({ endpoint: { address: `203.0.113.33${LINE}`, port: 51820 } }),
      inPeer({ allowedIps: [`0.0.0.0/0${LINE}`] }),
      inPeer({ via: `${ingress.publicKey}${LINE}` }),
    ];
    const taken = hostile.filter((intent) => !isRefused(intent)).map((intent) => JSON.stringify(intent));
    // What is text for people and for comparing is taken, and ends up in no file and no command.
    const words = privateIntent(world.lab.a);
    const inert: Intent = {
      ...words,
      peers: words.peers.map((peer) => ({ ...peer, name: `$(echo named > ${OWNED})${LINE}` })),
      dns: { ...words.dns, matchDomains: [`corp.example${LINE}nameserver 192.0.2.53`] },
    };
    const text = await behindNanami(world, inert, async () => [
      await world.lab.device.run("cat", ["/etc/resolv.conf"]),
      await world.lab.device.run("nft", ["list", "ruleset"]),
    ]);
    expect(text.join()).not.toMatch(/192\.0\.2\.53|PostUp|echo/);
    return [...taken, ...(await owned())];
  },
});

function isRefused(intent: Intent): boolean {
  try {
    checkIntent(intent);
    return false;
  } catch (error) {
    return error instanceof OperationError && error.blockage.code === "bad_intent";
  }
}

const PLANTED = "/run/planted";
const plantedPath = { PATH: `${PLANTED}:/usr/sbin:/usr/bin:/sbin:/bin` };

/** Programs under the system's names that leave a trace and then do what is expected of them. */
async function plant(): Promise<void> {
  await world.lab.device.run("sh", [
    "-ec",
    `mkdir -p ${PLANTED}
     for name in wg ip nft sysctl ping wireguard-go; do
       real=$(command -v $name)
       printf '#!/bin/sh\\necho %s ran >> ${OWNED}\\nexec %s "$@"\\n' $name $real > ${PLANTED}/$name
       chmod 755 ${PLANTED}/$name
     done`,
  ]);
}

shown("planted programs", {
  naive: async () => {
    await plant();
    const file = { gateway: world.lab.a, allowedIps: EVERYTHING };
    return await behindQuick(world.lab, file, owned, plantedPath);
  },
  ours: async () => {
    await plant();
    await world.engine.kill("SIGTERM");
    world.engine = new EngineProcess(world.lab.device, world.folder, plantedPath);
    await world.engine.state("disconnected");
    return await behindNanami(world, fullIntent(world.lab.a), owned);
  },
});
