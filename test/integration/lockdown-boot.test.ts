/**
 * Lockdown from the first moment of a boot: the file that the agent keeps, loaded by the very command of the unit,
 * and then the agent that takes over from it. Packets are seen on the router.
 */
import { readFile } from "node:fs/promises";
import { createSocket } from "node:dgram";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepForBoot } from "../../src/agent/boot-file.ts";
import { libc, SO_MARK, SOL_SOCKET } from "../../src/tunnel/linux/libc.ts";
import { socketOn } from "../../src/lab/socket.ts";
import { lockdownIntent } from "../../src/tunnel/lockdown.ts";
import { CONTROL_MARK, RULE, WIREGUARD_MARK } from "../../src/tunnel/linux/marks.ts";
import type { ControlException } from "../../src/tunnel/types.ts";
import {
  HONEST,
  lease,
  overhear,
  raiseAttackWorld,
  ROUTER,
  speak,
  TAG,
  type AttackWorld,
} from "./attacks/world.ts";
import {
  EngineProcess,
  networkDump,
  PRIVATE_SERVER,
  PUBLIC_SERVER,
  PUBLIC_SERVER_6,
  reaches,
} from "./tunnel-lab.ts";

const CONTROL = "203.0.113.5";
const EXCEPTIONS: readonly ControlException[] = [
  { protocol: "tcp", address: CONTROL, port: 443 },
  { protocol: "udp", address: ROUTER, port: 53 },
];
const NEIGHBOUR = "192.168.7.66";
const LOCKDOWN = lockdownIntent(EXCEPTIONS, false);

let world: AttackWorld;

beforeAll(async () => {
  world = await raiseAttackWorld();
});

afterAll(() => world[Symbol.asyncDispose]());

/** The unit's command, with the file where the test has it. */
async function load(): Promise<void> {
  const unit = await readFile(
    new URL("../../packaging/systemd/nanami-lockdown.service", import.meta.url),
    "utf8",
  );
  const [program = "", ...args] = (/^ExecStart=(.+)$/m.exec(unit)?.[1] ?? "").split(" ");
  const condition = /^ConditionPathExists=(.+)$/m.exec(unit)?.[1];
  expect(args.at(-1)).toBe(condition);
  const file = join(world.folder, "lockdown.nft");
  await world.lab.device.run(program, [...args.slice(0, -1), file]);
}

/** A little of everything, none of which is anybody's business while the device is locked. */
async function tryEverything(): Promise<void> {
  const { device } = world.lab;
  await speak(device, [PUBLIC_SERVER, PUBLIC_SERVER_6, PRIVATE_SERVER, ROUTER, NEIGHBOUR]);
  for (const port of [53, 853, 51820]) await speak(device, [PUBLIC_SERVER, ROUTER, CONTROL], port);
  for (const bound of [[], ["-I", "eth0"]])
    for (const address of [PUBLIC_SERVER, PUBLIC_SERVER_6, ROUTER])
      await device.exec("ping", ["-n", "-c", "1", "-W", "0.2", ...bound, address]);
}

/** Sends a datagram from a socket with this mark. */
async function sendMarked(mark: number, to: string, port: number): Promise<void> {
  const fd = socketOn(world.lab.device, 4, "udp");
  const value = Buffer.alloc(4);
  value.writeUInt32LE(mark);
  expect(libc().setsockopt(fd, SOL_SOCKET, SO_MARK, value, value.length)).toBe(0);
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind({ fd }, resolve));
  await new Promise<void>((resolve) => socket.send(TAG, port, to, () => resolve()));
  socket.close();
}

const outside = async (action: () => Promise<unknown>) => (await overhear(world, action)).outside;

test("without the file everything leaves, which the detector sees", async () => {
  const seen = await outside(tryEverything);
  for (const address of [PUBLIC_SERVER, PUBLIC_SERVER_6, PRIVATE_SERVER, ROUTER])
    expect(seen.join("\n")).toContain(` → ${address} `);
});

test("loaded as the unit loads it, the file closes the device, again when loaded twice", async () => {
  await keepForBoot(world.folder, "nanami0", LOCKDOWN);
  for (let round = 0; round < 2; round += 1) {
    await load();
    expect(await outside(tryEverything)).toEqual([]);
  }
});

test("it lets out what a link needs: a lease, and answers to neighbours", async () => {
  const { device, router } = world.lab;
  expect(await outside(() => lease(world.lab, HONEST))).toEqual([]);
  expect(await device.run("ip", ["-4", "address", "show", "dev", "eth0"])).toContain("192.168.7.2/24");
  const own = await device.run("ip", ["-6", "address", "show", "dev", "eth0", "scope", "link"]);
  const address = /inet6 (fe80::[0-9a-f:]+)/.exec(own)?.[1] ?? "";
  await router.run("ip", ["-6", "neigh", "flush", "dev", "lan"]);
  const from = world.tap.count;
  await router.exec("ping", ["-n", "-c", "1", "-W", "1", "-I", "lan", address]);
  const answers = () => world.tap.since(from).filter(({ direction }) => direction === "in");
  await expect.poll(() => answers().map(({ icmpType }) => icmpType)).toContain(136);
  // The neighbour is known, and its echo request gets no answer.
  expect(answers().map(({ icmpType }) => icmpType)).not.toContain(129);
});

test("it lets out the agent's own marked sockets to its control plane and resolver, and nothing else by mark", async () => {
  const seen = await outside(async () => {
    await sendMarked(CONTROL_MARK, ROUTER, 53);
    await sendMarked(CONTROL_MARK, ROUTER, 54);
    await sendMarked(CONTROL_MARK, CONTROL, 443);
    await sendMarked(CONTROL_MARK, PUBLIC_SERVER, 53);
    await sendMarked(WIREGUARD_MARK, ROUTER, 53);
    await sendMarked(WIREGUARD_MARK, PUBLIC_SERVER, 51820);
  });
  expect(seen.map((line) => line.replace(/ nanami.*/, ""))).toEqual([`ipv4 udp 192.168.7.2 → ${ROUTER} 53`]);
});

function isReconciled(event: string, value: unknown): boolean {
  return event === "log" && (value as { message: string }).message === "network reconciled";
}

test("the agent takes over from the file without a gap, and its owner opens the device again", async () => {
  const { device } = world.lab;
  await device.run("nft", ["delete", "table", "inet", "nanami"]);
  const before = await networkDump(device);
  const from = world.engine.lines.length;
  world.engine.send({ do: "rest", intent: LOCKDOWN });
  await world.engine.until(isReconciled, from);
  await world.engine.kill("SIGKILL");
  // What a boot leaves of the network: nothing. What is on the disk stays.
  await device.run("sh", [
    "-ec",
    `nft delete table inet nanami
     for family in -4 -6; do
       ip $family route flush table 20033
       for priority in ${Object.values(RULE).join(" ")}; do
         while ip $family rule del pref $priority 2> /dev/null; do :; done
       done
     done`,
  ]);
  expect(await outside(tryEverything)).not.toEqual([]);
  await load();
  const leaked = await outside(async () => {
    await tryEverything();
    const trying = tryEverything();
    world.engine = new EngineProcess(device, world.folder);
    const { value } = await world.engine.state("blocked");
    expect(value).toMatchObject({ reason: { code: "lockdown" } });
    await trying;
    await tryEverything();
  });
  expect(leaked).toEqual([]);
  await world.engine.state("disconnected", { do: "rest", intent: null });
  expect(await reaches(device, PUBLIC_SERVER)).toBe(true);
  await expect.poll(() => networkDump(device), { timeout: 5000, interval: 200 }).toBe(before);
});
