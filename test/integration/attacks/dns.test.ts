/** Somebody tries to have names asked elsewhere than at the tunnel's resolver. */
import { beforeAll, expect } from "vitest";
import { connectFrom } from "../../../src/lab/socket.ts";
import { fullIntent, PUBLIC_SERVER, RESOLV_CONF } from "../tunnel-lab.ts";
import { shown, type Loot } from "./table.ts";
import {
  behindNanami,
  behindQuick,
  carried,
  EVERYTHING,
  HONEST,
  lease,
  overhear,
  raiseAttackWorld,
  RESOLVER,
  ROUTER,
  speak,
  type AttackWorld,
} from "./world.ts";

let world: AttackWorld;

const ANSWER = "10.20.0.99";
const FILE = "/etc/resolv.conf";

beforeAll(async () => {
  world = await raiseAttackWorld();
  // The tunnel's resolver. The hotel's refuses, and reads the question all the same.
  await world.lab.privateHost.run("dnsmasq", [
    "--conf-file=/dev/null",
    "--no-resolv",
    "--no-hosts",
    "--user=root",
    "--pid-file=/run/dns.pid",
    "--bind-interfaces",
    `--listen-address=${RESOLVER}`,
    `--address=/secret.example/${ANSWER}`,
  ]);
  return () => world[Symbol.asyncDispose]();
});

/** The address that the device's own resolver finds; null = none. */
async function addressOf(name: string): Promise<string | null> {
  const env = { RES_OPTIONS: "timeout:1 attempts:1" };
  const { stdout } = await world.lab.device.exec("getent", ["ahostsv4", name], { env });
  return /^\S+/.exec(stdout)?.[0] ?? null;
}

async function writeResolvConf(text: string): Promise<void> {
  await world.lab.device.run("sh", ["-c", `cat > ${FILE}`], { input: text });
}

const isDns = (line: string): boolean => / → \S+ (53|853)\b/.test(line);

const ourResolver = { lines: [`PostUp = echo nameserver ${RESOLVER} > ${FILE}`] };
const file = () => ({ gateway: world.lab.a, allowedIps: EVERYTHING });

shown("resolver rewritten", {
  naive: () =>
    behindQuick(world.lab, { ...file(), ...ourResolver }, async () => {
      expect(await addressOf("secret.example")).toBe(ANSWER);
      await lease(world.lab, HONEST);
      const { outside } = await overhear(world, () => addressOf("secret.example"));
      await writeResolvConf(RESOLV_CONF);
      return outside.filter(isDns);
    }),
  ours: () =>
    behindNanami(world, fullIntent(world.lab.a), async () => {
      const rewrites = [() => lease(world.lab, HONEST), () => writeResolvConf(`nameserver ${ROUTER}\n`)];
      const loot: string[] = [];
      for (const rewrite of rewrites) {
        expect(await addressOf("secret.example")).toBe(ANSWER);
        const { outside } = await overhear(world, async () => {
          await rewrite();
          await addressOf("secret.example");
          // It is noticed and put right.
          await expect.poll(() => addressOf("secret.example"), { timeout: 5000, interval: 50 }).toBe(ANSWER);
        });
        loot.push(...outside);
      }
      return loot;
    }),
});

/** Questions to the hotel's resolver by its address, in the clear and encrypted. */
const hotel = async (): Promise<Loot> =>
  (
    await overhear(world, async () => {
      await speak(world.lab.device, [ROUTER], 53);
      await attemptTcp(ROUTER, 53);
    })
  ).outside.filter(isDns);

async function attemptTcp(host: string, port: number): Promise<void> {
  const attempt = connectFrom(world.lab.device)({ host, port, signal: AbortSignal.timeout(300) });
  await attempt.then(
    (socket) => socket.destroy(),
    // Refused here or there: what counts is what was overheard.
    () => undefined,
  );
}

/** Our side, with the local network closed and open. */
async function ours(attack: () => Promise<Loot>): Promise<Loot> {
  const loot: string[] = [];
  for (const allowLocalNetwork of [false, true]) {
    const intent = { ...fullIntent(world.lab.a), allowLocalNetwork };
    loot.push(
      ...(await behindNanami(world, intent, async () => {
        expect(await addressOf("secret.example")).toBe(ANSWER);
        return await attack();
      })),
    );
  }
  return loot;
}

shown("resolver of the local network", {
  naive: () => behindQuick(world.lab, file(), hotel),
  ours: () => ours(hotel),
});

/** A resolver of one's own, encrypted: next door in the clear network, and on the Internet through the tunnel. */
const elsewhere = async (): Promise<Loot> => {
  let inside = 0;
  const { outside } = await overhear(world, async () => {
    await attemptTcp(ROUTER, 853);
    inside = await carried(world.lab.a, async () => {
      await attemptTcp(PUBLIC_SERVER, 853);
      await speak(world.lab.device, [PUBLIC_SERVER], 853);
      await speak(world.lab.device, [PUBLIC_SERVER], 53);
    });
  });
  return [...outside.filter(isDns), ...(inside === 0 ? [] : [`${inside} questions through the tunnel`])];
};
shown("DNS over TLS to elsewhere", {
  naive: () => behindQuick(world.lab, file(), elsewhere),
  ours: () => ours(elsewhere),
});
