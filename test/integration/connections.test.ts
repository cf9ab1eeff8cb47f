/** TCP connections across changes, in both families: which go on, which end, and how soon the program is told. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { scratch } from "../../src/lab/host.ts";
import { Record as TunnelRecord } from "../../src/tunnel/record.ts";
import type { Intent } from "../../src/tunnel/types.ts";
import { start } from "./connections-ends.ts";
import { installSlowResolvconf } from "./slow-resolvconf.ts";
import { REAL_NFT, standInForNft } from "./nft-stand-in.ts";
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
  raiseLab,
  reaches,
  type Lab,
} from "./tunnel-lab.ts";

const PRIVATE_SERVER_6 = "fd00:20::10";
const PORT = "7007";
/** Milliseconds within which a program is told. */
const SOON = 1000;

let lab: Lab;
let folder: Awaited<ReturnType<typeof scratch>>;
let engine: EngineProcess;
let key: string;

/** Opens a silent and a speaking connection to each of the named servers. */
async function hold(servers: Readonly<Record<string, string>>) {
  const words = Object.entries(servers).flatMap(([name, address]) => [
    `${name}=${address}`,
    `${name}!=${address}`,
  ]);
  const held = start(lab.device, "hold", PORT, ...words);
  const names = Object.keys(servers).flatMap((name) => [name, `${name}!`]);
  await expect
    .poll(() => names.filter((name) => !held.of(name).includes("open")), { timeout: 10_000 })
    .toEqual([]);
  return {
    ...held,
    names,
    /** Makes the change, and says which connections ended and how long after it at most. */
    async across(change: () => Promise<{ readonly at: number }>) {
      const { at } = await change();
      await expect.poll(() => Date.now() - at, { timeout: 10_000, interval: 50 }).toBeGreaterThan(SOON);
      const ended = names.filter((name) => held.of(name).includes("closed"));
      const last = held.events.filter(({ event }) => event === "closed").map((one) => one.at - at);
      // What goes on is still answered.
      for (const name of names.filter((one) => one.endsWith("!") && !ended.includes(one))) {
        const answers = held.of(name).length;
        await expect.poll(() => held.of(name).length, { timeout: 5000 }).toBeGreaterThan(answers + 2);
      }
      return { ended, latest: Math.max(0, ...last) };
    },
  };
}

const become = (intent: Intent) => () => engine.state("connected", { do: "apply", intent, key });
const both = (name: string) => [`${name}4`, `${name}4!`, `${name}6`, `${name}6!`];

const withPrivate6 = (intent: Intent): Intent => ({
  ...intent,
  privatePrefixes: ["10.20.0.0/16", "fd00:20::/64"],
  peers: intent.peers.map((peer) =>
    peer.allowedIps.includes("10.20.0.0/16")
      ? { ...peer, allowedIps: [...peer.allowedIps, "fd00:20::/64"] }
      : peer,
  ),
});

/** Packets with the tunnel's addresses, and packets to the private network, that the router saw in clear. */
async function strays(): Promise<number> {
  const text = await lab.router.run("nft", ["list", "counter", "inet", "strays", "seen"]);
  return Number(/packets (\d+)/.exec(text)?.[1]);
}

beforeAll(async () => {
  lab = await raiseLab();
  folder = await scratch();
  key = lab.key.reveal();
  await lab.a.host.run("ip", ["address", "add", "fd00:20::1/64", "dev", "lan", "nodad"]);
  await lab.privateHost.run("ip", ["address", "add", `${PRIVATE_SERVER_6}/64`, "dev", "eth0", "nodad"]);
  await lab.router.run("nft", ["-f", "-"], {
    input: `table inet strays {
      counter seen { }
      chain watch {
        type filter hook prerouting priority -310;
        iifname "lan" ip saddr ${DEVICE_ADDRESS} counter name seen
        iifname "lan" ip6 saddr ${DEVICE_ADDRESS_6} counter name seen
        iifname "lan" ip daddr 10.20.0.0/16 counter name seen
        iifname "lan" ip6 daddr fd00:20::/64 counter name seen
      }
    }`,
  });
  for (const [host, addresses] of [
    [lab.internet, [PUBLIC_SERVER, PUBLIC_SERVER_6]],
    [lab.privateHost, []],
  ] as const) {
    const server = start(host, "serve", PORT, ...addresses);
    await vi.waitFor(() => expect(server.of("server")).toEqual(["ready"]), { timeout: 10_000 });
  }
  engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
});

afterAll(async () => {
  await engine.kill("SIGKILL");
  await lab[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const everywhere = {
  public4: PUBLIC_SERVER,
  public6: PUBLIC_SERVER_6,
  private4: PRIVATE_SERVER,
  private6: PRIVATE_SERVER_6,
};
const world = { public4: PUBLIC_SERVER, public6: PUBLIC_SERVER_6 };

test("connecting in full_tunnel ends what was open outside; in vpn_only it goes on", async () => {
  await using direct = await hold(world);
  const first = await direct.across(become(withPrivate6(privateIntent(lab.a))));
  expect(first.ended).toEqual([]);
  const second = await direct.across(become(withPrivate6(fullIntent(lab.a))));
  expect(second.ended.sort()).toEqual(both("public").sort());
  expect(second.latest).toBeLessThan(SOON);
});

test("leaving full_tunnel ends what left at the exit; private connections go on, there and back", async () => {
  await using held = await hold(everywhere);
  const left = await held.across(become(withPrivate6(privateIntent(lab.a))));
  expect(left.ended.sort()).toEqual(both("public").sort());
  expect(left.latest).toBeLessThan(SOON);
  await using direct = await hold(world);
  const back = await direct.across(become(withPrivate6(fullIntent(lab.a))));
  expect(back.ended.sort()).toEqual(both("public").sort());
  for (const name of both("private")) expect(held.of(name)).not.toContain("closed");
});

test("another egress ends what left at the former one, and nothing private", async () => {
  await using held = await hold(everywhere);
  const { ended, latest } = await held.across(become(withPrivate6(nestedIntent(lab.a, lab.b))));
  expect(ended.sort()).toEqual(both("public").sort());
  expect(latest).toBeLessThan(SOON);
});

test("over UDP the program is told once that its exit changed, and goes on by the new one", async () => {
  await become(withPrivate6(fullIntent(lab.a)))();
  for (const [address, next] of [
    [PUBLIC_SERVER, nestedIntent(lab.a, lab.b)],
    [PUBLIC_SERVER_6, fullIntent(lab.a)],
  ] as const) {
    await using talk = start(lab.device, "talk", PORT, address);
    await expect.poll(() => talk.of("udp"), { timeout: 10_000 }).toContain("answer");
    await become(withPrivate6(next))();
    const errors = () => talk.of("udp").filter((event) => event !== "answer" && event !== "open");
    await expect.poll(errors, { timeout: 5000 }).toHaveLength(1);
    const answers = talk.of("udp").length;
    await expect.poll(() => talk.of("udp").length, { timeout: 5000 }).toBeGreaterThan(answers + 5);
    expect(errors()).toHaveLength(1);
  }
  await become(withPrivate6(nestedIntent(lab.a, lab.b)))();
});

test("behind another ingress, what leaves at the same egress goes on; private connections end", async () => {
  await using held = await hold(everywhere);
  const { ended, latest } = await held.across(become(fullIntent(lab.b)));
  expect(ended.sort()).toEqual(both("private").sort());
  expect(latest).toBeLessThan(SOON);
  await become(withPrivate6(fullIntent(lab.a)))();
});

test("the agent reaches its control plane beside the tunnel, whatever reverse paths are filtered", async () => {
  for (const value of [0, 1, 2]) {
    await lab.device.run("sysctl", ["-qw", `net.ipv4.conf.all.rp_filter=${value}`]);
    const control = [{ protocol: "tcp", address: PUBLIC_SERVER, port: Number(PORT) }] as const;
    await become(withPrivate6(privateIntent(lab.a)))();
    await become(withPrivate6({ ...fullIntent(lab.a), control }))();
    await using agent = start(lab.device, "agent", PORT, PUBLIC_SERVER);
    await expect.poll(() => agent.of("agent"), { timeout: 3000 }).toEqual(["open"]);
  }
  await lab.device.run("sysctl", ["-qw", "net.ipv4.conf.all.rp_filter=0"]);
});

test("where something is forwarded connections are tracked, and end as elsewhere", async () => {
  const table = () => lab.device.run("nft", ["list", "table", "inet", "nanami"]);
  await lab.device.run("sysctl", ["-qw", "net.ipv4.conf.lo.forwarding=1"]);
  await expect.poll(table, { timeout: 5000 }).toMatch(/\bct /);
  await using held = await hold(everywhere);
  const { ended, latest } = await held.across(become(withPrivate6(nestedIntent(lab.a, lab.b))));
  expect(ended.sort()).toEqual(both("public").sort());
  expect(latest).toBeLessThan(SOON);
  await lab.device.run("sysctl", ["-qw", "net.ipv4.conf.lo.forwarding=0"]);
  await expect.poll(table, { timeout: 5000 }).not.toMatch(/\bct /);
});

const FORCED = "net.ipv6.conf.lo.force_forwarding";
test("an interface that forwards whatever the others do is one too", async (context) => {
  const has = (await lab.device.exec("sysctl", ["-n", FORCED])).exitCode === 0;
  context.skip(!has, `${FORCED} came with Linux 6.17`);
  const table = () => lab.device.run("nft", ["list", "table", "inet", "nanami"]);
  for (const [value, tracks] of [
    [1, true],
    [0, false],
  ] as const) {
    await lab.device.run("sysctl", ["-qw", `${FORCED}=${value}`]);
    await expect.poll(async () => /\bct /.test(await table()), { timeout: 5000 }).toBe(tracks);
  }
});

test("however many prefixes there are before or after, what cannot go on ends", async () => {
  const many = (intent: Intent): Intent => ({
    ...intent,
    privatePrefixes: [
      ...intent.privatePrefixes,
      ...Array.from({ length: 200 }, (_, index) => `10.99.${index}.0/25`),
    ],
  });
  await become(withPrivate6(fullIntent(lab.a)))();
  await using few = await hold(everywhere);
  const growing = await few.across(become(many(withPrivate6(nestedIntent(lab.a, lab.b)))));
  expect(growing.ended.sort()).toEqual(both("public").sort());
  await using lots = await hold(everywhere);
  const shrinking = await lots.across(become(withPrivate6(fullIntent(lab.a))));
  expect(shrinking.ended.sort()).toEqual(both("public").sort());
});

test("what is opened once a change was told goes on", async () => {
  await using stack = new AsyncDisposableStack();
  let former = stack.use(await hold(everywhere));
  for (const [intent, ended, reached] of [
    [nestedIntent(lab.a, lab.b), ["public"], everywhere],
    [privateIntent(lab.a), ["public"], everywhere],
    // The private network is behind the other gateway.
    [fullIntent(lab.b), ["public", "private"], world],
    [fullIntent(lab.a), ["public"], everywhere],
  ] as const) {
    await become(withPrivate6(intent))();
    const fresh = stack.use(await hold(reached));
    const gone = ended.flatMap(both);
    await expect
      .poll(() => gone.filter((name) => !former.of(name).includes("closed")), { timeout: 10_000 })
      .toEqual([]);
    for (const name of fresh.names.filter((one) => one.endsWith("!"))) {
      const answers = fresh.of(name).length;
      await expect.poll(() => fresh.of(name).length, { timeout: 5000 }).toBeGreaterThan(answers + 2);
    }
    expect(fresh.names.filter((name) => fresh.of(name).includes("closed"))).toEqual([]);
    former = fresh;
  }
});

test("a life that ends in the middle of a change: the next ends what left by the former exit", async () => {
  await become(withPrivate6(privateIntent(lab.a)))();
  await become(withPrivate6(fullIntent(lab.a)))();
  await using held = await hold(everywhere);
  await engine.kill("SIGKILL");
  // The wish is written before anything is done.
  new TunnelRecord(folder.path).writeTarget({
    wish: "up",
    intent: withPrivate6(nestedIntent(lab.a, lab.b)),
    reason: null,
  });
  const { ended, latest } = await held.across(async () => {
    engine = new EngineProcess(lab.device, folder.path);
    return await engine.state("connected");
  });
  expect(ended.sort()).toEqual(both("public").sort());
  expect(latest).toBeLessThan(SOON);
});

test("a life that ends when prefixes have moved and connections have not ended: the next ends them", async () => {
  await engine.kill("SIGKILL");
  await using held = await (async () => {
    // Between the two the firewall is made, which takes its time.
    await using stack = new AsyncDisposableStack();
    stack.use(await standInForNft(lab.device, `sleep 3; ${REAL_NFT}`));
    engine = new EngineProcess(lab.device, folder.path);
    await become(withPrivate6(nestedIntent(lab.a, lab.b)))();
    const open = await hold(everywhere);
    engine.send({ do: "apply", intent: withPrivate6(fullIntent(lab.a)), key });
    const carried = async () =>
      (await lab.device.run("wg", ["show", "nanami0", "allowed-ips"]))
        .split("\n")
        .find((line) => line.startsWith(lab.a.publicKey));
    await expect.poll(carried, { timeout: 15_000, interval: 20 }).toContain("0.0.0.0/0");
    await engine.kill("SIGKILL");
    return open;
  })();
  // The far end tells those that speak.
  const silent = Object.keys(everywhere);
  expect(silent.filter((name) => held.of(name).includes("closed"))).toEqual([]);
  const { ended, latest } = await held.across(async () => {
    engine = new EngineProcess(lab.device, folder.path);
    return await engine.state("connected");
  });
  expect(ended.sort()).toEqual(both("public").sort());
  expect(latest).toBeLessThan(SOON);
});

test("disconnecting ends everything that was in the tunnel, and nothing leaves with its addresses", async () => {
  await using held = await hold(everywhere);
  const { ended, latest } = await held.across(() => engine.state("disconnected", { do: "disconnect" }));
  expect(ended.sort()).toEqual([...held.names].sort());
  expect(latest).toBeLessThan(SOON);
  expect(await strays()).toBe(0);
  // The detector sees such packets.
  await lab.device.run("ip", ["address", "add", `${DEVICE_ADDRESS}/32`, "dev", "lo"]);
  await lab.device.exec("ping", ["-c1", "-W", "0.2", "-I", DEVICE_ADDRESS, PUBLIC_SERVER]);
  await lab.device.run("ip", ["address", "del", `${DEVICE_ADDRESS}/32`, "dev", "lo"]);
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
  expect(await strays()).toBe(1);
});

test("a program that manages names and takes its time keeps no connection waiting that cannot go on", async () => {
  await installSlowResolvconf(lab.device);
  await using direct = await hold(world);
  const from = engine.lines.length;
  engine.send({ do: "apply", intent: fullIntent(lab.a), key });
  await expect
    .poll(() => direct.names.filter((name) => !direct.of(name).includes("closed")), { timeout: 10_000 })
    .toEqual([]);
  const last = Math.max(...direct.events.filter(({ event }) => event === "closed").map(({ at }) => at));
  const connected = await engine.until(
    (event, value) => event === "status" && (value as { state: string }).state === "connected",
    from,
  );
  expect(connected.at).toBeGreaterThan(last);
});
