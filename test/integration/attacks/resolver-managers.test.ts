/** Somebody takes the tunnel's resolver away by the means of what really manages the system's resolver. */
import { afterAll, beforeAll, expect } from "vitest";
import { describeWith, networkSays, raiseManager } from "../resolver-managers.ts";
import type { ResolverManager } from "../../../src/launch/resolver-programs.ts";
import { answerNames, fullIntent } from "../tunnel-lab.ts";
import { shown, type Loot } from "./table.ts";
import {
  behindNanami,
  behindQuick,
  EVERYTHING,
  overhear,
  raiseAttackWorld,
  RESOLVER,
  ROUTER,
  type AttackWorld,
} from "./world.ts";

const NAME = "www.public.example";
const INSIDE = "10.20.0.99";
const HOTEL = "198.51.100.66";

let world: AttackWorld;

/** The address that the device's programs find; null = none. */
async function addressOf(name: string): Promise<string | null> {
  const env = { RES_OPTIONS: "timeout:1 attempts:1" };
  const { stdout } = await world.lab.device.exec("getent", ["ahostsv4", name], { env });
  return /^\S+/.exec(stdout)?.[0] ?? null;
}

/** A device whose resolver the manager looks after, in a hotel whose resolver answers otherwise. */
function inTheHotel(manager: ResolverManager, body: () => void): void {
  describeWith(manager, (files) => {
    beforeAll(async () => {
      world = await raiseAttackWorld();
      answerNames(world.lab.privateHost, RESOLVER, INSIDE);
      answerNames(world.lab.router, ROUTER, HOTEL);
      await raiseManager(manager, world.lab.device, files, ROUTER);
    });
    afterAll(() => world[Symbol.asyncDispose]());
    body();
  });
}

const isDns = (line: string): boolean => / → \S+ (53|853)\b/.test(line);

const settled = (answer: string) =>
  expect.poll(() => addressOf(NAME), { timeout: 15_000, interval: 50 }).toBe(answer);

/** The rewrites of one side: by the manager's own means, and past it. */
function sides(manager: ResolverManager, own: (tunnel: string) => readonly string[]) {
  const past = ["sh", "-c", `rm /etc/resolv.conf; echo nameserver ${ROUTER} > /etc/resolv.conf`];
  const run = ([program = "", ...args]: readonly string[]) => world.lab.device.run(program, args);
  return {
    naive: async (): Promise<Loot> => {
      const before = await world.lab.device.run("sh", ["-c", "readlink /etc/resolv.conf || true"]);
      const file = { gateway: world.lab.a, allowedIps: EVERYTHING, lines: [`DNS = ${RESOLVER}`] };
      const loot = await behindQuick(world.lab, file, async () => {
        await settled(INSIDE);
        await run(own("wgq0"));
        const first = await overhear(world, () => addressOf(NAME));
        await run(past);
        const second = await overhear(world, () => addressOf(NAME));
        // Each of them is enough.
        expect(first.outside.filter(isDns)).not.toEqual([]);
        expect(second.outside.filter(isDns)).not.toEqual([]);
        return [...first.outside, ...second.outside].filter(isDns);
      });
      if (before !== "") await run(["ln", "-sf", before, "/etc/resolv.conf"]);
      await networkSays(manager, world.lab.device, ROUTER);
      if (manager === "openresolv") await run(["resolvconf", "-u"]);
      await settled(HOTEL);
      return loot;
    },
    ours: () =>
      behindNanami(world, fullIntent(world.lab.a), async () => {
        const loot: string[] = [];
        for (const rewrite of [own("nanami0"), past]) {
          await settled(INSIDE);
          const { outside } = await overhear(world, async () => {
            await run(rewrite);
            await addressOf(NAME);
            await settled(INSIDE);
          });
          loot.push(...outside);
        }
        return loot;
      }),
  };
}

inTheHotel("systemd-resolved", () => {
  const own = (tunnel: string) => ["resolvectl", "revert", tunnel];
  shown("resolver rewritten, systemd-resolved", sides("systemd-resolved", own));
});

inTheHotel("openresolv", () => {
  const own = (tunnel: string) => ["resolvconf", "-d", tunnel === "nanami0" ? "nanami0.nanami" : tunnel];
  shown("resolver rewritten, openresolv", sides("openresolv", own));
});

inTheHotel("debian-resolvconf", () => {
  // wg-quick puts the first prefix of the manager's order before the name.
  const own = (tunnel: string) => ["resolvconf", "-d", tunnel === "nanami0" ? "lo.nanami" : `tun.${tunnel}`];
  shown("resolver rewritten, debian-resolvconf", sides("debian-resolvconf", own));
});
