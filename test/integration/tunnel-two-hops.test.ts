import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scratch } from "../../src/lab/host.ts";
import { untilLine } from "../../src/lab/world.ts";
import type { LoadPlan } from "./attacks/load.ts";
import {
  counted,
  EngineProcess,
  fullIntent,
  nestedIntent,
  networkDump,
  PRIVATE_SERVER,
  privateIntent,
  PUBLIC_SERVER,
  PUBLIC_SERVER_6,
  raiseLab,
  reaches,
  type Lab,
} from "./tunnel-lab.ts";

let lab: Lab;
let folder: Awaited<ReturnType<typeof scratch>>;
let engine: EngineProcess;
let before: string;
let key: string;

beforeAll(async () => {
  lab = await raiseLab();
  folder = await scratch();
  key = lab.key.reveal();
  before = await networkDump(lab.device);
  engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
});

afterAll(async () => {
  await engine.kill("SIGTERM");
  await lab[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** Where the public server saw the last echo request come from. */
async function seenFrom(): Promise<string[]> {
  const seen: string[] = [];
  for (const [name, address] of [
    ["a", lab.a.address],
    ["b", lab.b.address],
    ["home", "203.0.113.1"],
  ] as const) {
    const text = await lab.internet.run("nft", ["list", "counter", "inet", "seen", name]);
    if (Number(/packets (\d+)/.exec(text)?.[1]) > 0) seen.push(address);
  }
  return seen;
}

async function watchSources(): Promise<void> {
  await lab.internet.run("nft", ["-f", "-"], {
    input: `table inet seen { }
      delete table inet seen
      table inet seen {
        counter a { }
        counter b { }
        counter home { }
        chain input {
          type filter hook input priority filter;
          icmp type echo-request ip saddr ${lab.a.address} counter name a
          icmp type echo-request ip saddr ${lab.b.address} counter name b
          icmp type echo-request ip saddr 203.0.113.1 counter name home
        }
      }`,
  });
}

async function exitOf(): Promise<string[]> {
  await watchSources();
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
  return await seenFrom();
}

test("two hops: the Internet sees the egress, and everything enters at the ingress", async () => {
  await engine.state("connected", { do: "apply", intent: nestedIntent(lab.a, lab.b), key });
  const toB = await counted(lab.router, "world", "to_b");
  const other = await counted(lab.router, "world", "other");
  expect(await exitOf()).toEqual([lab.b.address]);
  expect(await reaches(lab.device, PUBLIC_SERVER_6)).toBe(true);
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(true);
  expect(await counted(lab.router, "world", "to_b")).toBe(toB);
  expect(await counted(lab.router, "world", "other")).toBe(other);
});

test("the ingress carries the egress's packets only as ciphertext", async () => {
  const clear = await lab.a.host.run("nft", ["-f", "-"], {
    input: `table inet clear {
      counter echo { }
      counter sealed { }
      chain forward {
        type filter hook forward priority filter;
        iifname "wg0" icmp type echo-request counter name echo
        iifname "wg0" udp dport 51820 ip daddr ${lab.b.address} counter name sealed
      }
    }`,
  });
  expect(clear).toBe("");
  expect(await exitOf()).toEqual([lab.b.address]);
  expect(await counted(lab.a.host, "clear", "echo")).toBe(0);
  expect(await counted(lab.a.host, "clear", "sealed")).toBeGreaterThan(0);
  // The detector sees what does travel in clear there: traffic to the private network.
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(true);
  expect(await counted(lab.a.host, "clear", "echo")).toBe(1);
});

test("inner packets fit: the routes of the egress carry the nested MTU", async () => {
  const route = await lab.device.run("ip", ["route", "get", PUBLIC_SERVER]);
  expect(route).toMatch(/dev nanami0 .*mtu 1340/s);
  expect(await lab.device.run("ip", ["route", "get", PRIVATE_SERVER])).not.toContain("mtu 1340");
});

test("unmarked packets to the egress's own address are refused, not sent out at the ingress", async () => {
  expect(await reaches(lab.device, lab.b.address)).toBe(false);
});

test("every way from one path to another ends where it should and keeps the interface", async () => {
  const index = await lab.device.run("sh", ["-c", "cat /sys/class/net/nanami0/ifindex"]);
  const paths = {
    "a alone": { intent: fullIntent(lab.a), exit: lab.a.address },
    "b through a": { intent: nestedIntent(lab.a, lab.b), exit: lab.b.address },
    "a through b": { intent: nestedIntent(lab.b, lab.a), exit: lab.a.address },
    "private through a": { intent: privateIntent(lab.a), exit: "203.0.113.1" },
    "b alone": { intent: fullIntent(lab.b), exit: lab.b.address },
    "private through b": { intent: privateIntent(lab.b), exit: "203.0.113.1" },
  };
  const names = Object.keys(paths) as (keyof typeof paths)[];
  let now = "b through a";
  for (const from of names) {
    for (const to of names.filter((name) => name !== from)) {
      for (const step of [from, to].filter((name, place) => place === 1 || name !== now))
        await engine.state("connected", { do: "apply", intent: paths[step].intent, key });
      now = to;
      expect(await exitOf(), `${from} → ${to}`).toEqual([paths[to].exit]);
    }
  }
  expect(await lab.device.run("sh", ["-c", "cat /sys/class/net/nanami0/ifindex"])).toBe(index);
}, 120_000);

/** Packets that the device's reverse-path filter dropped until now (IPReversePathFilter in /proc/net/netstat). */
async function filtered(): Promise<number> {
  const [names = "", values = ""] = (await lab.device.run("grep", ["^TcpExt:", "/proc/net/netstat"])).split(
    "\n",
  );
  return Number(values.split(" ")[names.split(" ").indexOf("IPReversePathFilter")]);
}

const reversePathFilter = (value: 0 | 1) =>
  lab.device.run("sysctl", ["-qw", `net.ipv4.conf.all.rp_filter=${value}`]);

test("strict reverse-path filtering takes the answers of every gateway, those that come and those that go", async () => {
  await reversePathFilter(1);
  const dropped = await filtered();
  for (const intent of [
    fullIntent(lab.a),
    privateIntent(lab.b),
    fullIntent(lab.a),
    fullIntent(lab.b),
    nestedIntent(lab.a, lab.b),
    privateIntent(lab.b),
    fullIntent(lab.a),
  ])
    await engine.state("connected", { do: "apply", intent, key });
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
  expect(await filtered()).toBe(dropped);
  // It would have dropped them: without what tells them from others, until that is repaired.
  const ping = `ping -n -q -c 200 -i 0.005 -W 1 ${PUBLIC_SERVER}`;
  const flush = "for n in 1 2 3 4 5 6 7 8 9; do nft flush chain inet nanami arrivals; done";
  await lab.device.exec("sh", ["-c", `${ping} & sleep 0.2; ${flush}; wait`]);
  expect(await filtered()).toBeGreaterThan(dropped);
  await expect.poll(() => reaches(lab.device, PUBLIC_SERVER), { timeout: 10_000 }).toBe(true);
  await reversePathFilter(0);
}, 60_000);

test("disconnecting from two hops puts everything back", async () => {
  await engine.state("connected", { do: "apply", intent: nestedIntent(lab.a, lab.b), key });
  await engine.state("disconnected", { do: "disconnect" });
  expect(await networkDump(lab.device)).toBe(before);
});

test("gateways change places under traffic, and what was still on its way leads nobody astray", async () => {
  const flows = [PUBLIC_SERVER, PUBLIC_SERVER_6, PRIVATE_SERVER].map((to) => ({ to, port: 443, rate: 400 }));
  // Refused at once: what has to come back is on its way all the time.
  const to = [PUBLIC_SERVER, PUBLIC_SERVER_6].map((host) => ({ host, port: 443 }));
  const connections = [{ to, everyMs: 10, lifeMs: 200 }];
  const program = fileURLToPath(new URL("attacks/load.ts", import.meta.url));
  const load = lab.device.spawn(
    process.execPath,
    [program, JSON.stringify({ text: "x", flows, connections } satisfies LoadPlan)],
    { buffer: false },
  );
  await untilLine("device", "load", load, /^ready$/);
  const { a, b } = lab;
  const paths = [
    ...[nestedIntent(a, b), nestedIntent(b, a), nestedIntent(a, b), nestedIntent(b, a), fullIntent(a)],
    ...[nestedIntent(b, a), privateIntent(a), nestedIntent(b, a), fullIntent(a)],
  ];
  try {
    const waits: number[] = [];
    for (const intent of [...paths, ...paths, ...paths, ...paths]) {
      const asked = performance.now();
      await engine.state("connected", { do: "apply", intent, key });
      waits.push(Math.round(performance.now() - asked));
    }
    // WireGuard looks for another way by itself after five seconds without a handshake, and fifteen without an answer.
    expect(waits.filter((wait) => wait > 4000)).toEqual([]);
  } finally {
    load.kill("SIGKILL");
    await load.catch(() => undefined);
    await engine.state("disconnected", { do: "disconnect" });
  }
}, 120_000);
