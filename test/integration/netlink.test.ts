/**
 * What the engine does without the programs `ip`, `nft` and `wg`, against these programs, on the real kernel and the
 * real wireguard-go: what is made here is printed there as if they had made it.
 */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, Host } from "../../src/lab/host.ts";
import { desiredState } from "../../src/tunnel/desired-state.ts";
import { NOTHING } from "../../src/tunnel/linux/actual-state.ts";
import { firewallText } from "../../src/tunnel/linux/firewall.ts";
import {
  describe as inWords,
  familyOf,
  linkChanges,
  routeChanges,
  type IpChange,
  type RoutingChange,
} from "../../src/tunnel/linux/plan-ip.ts";
import type { NetworkState } from "../../src/tunnel/network-state.ts";
import type { Intent } from "../../src/tunnel/types.ts";
import { parseDump, type Dump } from "../../src/wireguard/dump.ts";
import { derivePublicKey, generatePrivateKey } from "../../src/wireguard/keys.ts";
import { fullIntent, nestedIntent, privateIntent } from "../unit/tunnel/intents.ts";

const program = fileURLToPath(new URL("netlink-program.ts", import.meta.url));

interface Answer {
  readonly ok: boolean;
  readonly value?: unknown;
  readonly message?: string;
}

let ours: Host;
let theirs: Host;
beforeAll(async () => {
  [ours, theirs] = await Promise.all([Host.create("ours"), Host.create("theirs")]);
  const ends = ["192.168.7.2/24", "2001:db8:7::2/64"];
  for (const name of ["eth0", "nanami0"])
    await connect(
      { host: ours, interface: name, addresses: name === "eth0" ? ends : [] },
      { host: theirs, interface: name, addresses: name === "eth0" ? ends : [] },
    );
});
afterAll(async () => {
  await Promise.all([ours, theirs].map((host) => host.close()));
});

/** One program for all of them, in their order. */
async function ask(...commands: readonly object[]): Promise<readonly Answer[]> {
  const input = commands.map((command) => `${JSON.stringify(command)}\n`).join("");
  const out = await ours.run(process.execPath, [program], { input });
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Answer);
}

/** The same changes by `ip`. */
async function byHand(changes: readonly IpChange[]): Promise<void> {
  for (const family of [4, 6] as const) {
    const lines = changes
      .filter((change) => "address" in change || familyOf(change as RoutingChange) === family)
      .filter((change) => !("address" in change) || change.address.includes(":") === (family === 6))
      .map(inWords);
    const input = `${lines.join("\n")}\n`;
    await theirs.run("ip", [`-${family}`, "-batch", "-"], { input });
  }
}

/** What `ip` prints of a host. Numbers that the kernel gives out are left out. */
async function printed(host: Host): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const family of ["-4", "-6"]) {
    texts.push(await host.run("ip", [family, "-details", "rule", "show"]));
    texts.push(await host.run("ip", [family, "-details", "route", "show", "table", "20033"]).catch(() => ""));
    texts.push(
      (await host.run("ip", [family, "-brief", "address", "show", "dev", "nanami0"])).replace(/@\S+/, ""),
    );
  }
  // The kernel's own link-local addresses are made of hardware addresses.
  return texts.map((text) => text.replace(/fe80::\S+/g, "").trim());
}

const stateOf = (intent: Intent): NetworkState =>
  desiredState(intent, {
    interface: "nanami0",
    tracks: true,
    onLink: [{ interface: "eth0", prefix: "192.168.7.0/24" as never }],
    closed: false,
  });

describe("each state that an engine brings up", () => {
  test.each([
    ["vpn_only", privateIntent()],
    ["full_tunnel", fullIntent()],
    ["full_tunnel with the local network", { ...fullIntent(), allowLocalNetwork: true }],
    ["two hops", nestedIntent()],
  ] as const)("%s: made, read and removed as `ip` does", async (_name, intent) => {
    const desired = stateOf(intent);
    const [empty] = await ask({ do: "read" });
    const before = { ...NOTHING, ...(empty?.value as object) };
    const make = [...linkChanges(before, desired), ...routeChanges(before, desired).all].filter(
      ({ do: kind }) => kind !== "link_up",
    );
    expect(make.length).toBeGreaterThan(5);
    const [made, read] = await ask({ do: "apply", changes: make }, { do: "read" });
    expect(made).toEqual({ ok: true, value: null });
    await byHand(make);
    expect(await printed(ours)).toEqual(await printed(theirs));
    expect((await printed(ours)).join("\n")).toContain("5105:");

    // Nothing is missing and nothing is too much, in the engine's own eyes.
    const actual = { ...NOTHING, ...(read?.value as object) };
    expect(routeChanges(actual, desired).all).toEqual([]);
    expect(linkChanges(actual, desired).filter(({ do: kind }) => kind !== "link_up")).toEqual([]);

    const gone = { ...desired, routes: [], rules: [], addresses: [] };
    // IPv4 routes go with the last address of their interface.
    const drop = [...routeChanges(actual, gone).all, ...linkChanges(actual, gone)].filter(
      ({ do: kind }) => kind !== "link_up",
    );
    const [dropped] = await ask({ do: "apply", changes: drop });
    expect(dropped).toEqual({ ok: true, value: null });
    await byHand(drop);
    expect(await printed(ours)).toEqual(await printed(theirs));
    expect((await printed(ours)).join("\n")).not.toContain("20033");
  });
});

test("routes of somebody else's in our table go, also those that are for some packets alone", async () => {
  const desired = stateOf(fullIntent());
  const table = ["metric", "50", "table", "20033"];
  for (const tos of ["0x10", "0x08"])
    await ours.run("ip", ["route", "add", "10.20.0.0/16", "dev", "eth0", "tos", tos, ...table]);
  // Not every kernel has IPv6 routes by source.
  const source = ["route", "add", "2001:db8:77::/48", "from", "2001:db8:7::/64", "dev", "eth0", ...table];
  const bySource = (await ours.exec("ip", ["-6", ...source])).exitCode === 0;
  const [read] = await ask({ do: "read" });
  const drop = routeChanges({ ...NOTHING, ...(read?.value as object) }, desired).all.filter(
    ({ do: kind }) => kind === "route_delete",
  );
  const described = drop.map(inWords);
  expect(described).toContain("route del 10.20.0.0/16 tos 0x10 metric 50 table 20033");
  expect(described).toContain("route del 10.20.0.0/16 tos 0x8 metric 50 table 20033");
  if (bySource)
    expect(described).toContain("route del 2001:db8:77::/48 from 2001:db8:7::/64 metric 50 table 20033");
  const [dropped] = await ask({ do: "apply", changes: drop });
  expect(dropped).toEqual({ ok: true, value: null });
  for (const family of ["-4", "-6"])
    expect((await ours.exec("ip", [family, "route", "show", "table", "20033"])).stdout.trim()).toBe("");
});

test("a change that the kernel refuses is named, with the kernel's reason, and those behind it are not made", async () => {
  const [rule] = stateOf(fullIntent()).rules;
  const add = { do: "rule_add", rule } as IpChange;
  const [, again] = await ask(
    { do: "apply", changes: [add] },
    { do: "apply", changes: [add, { do: "rule_delete", rule }] },
  );
  expect(again?.ok).toBe(false);
  expect(again?.message).toMatch(/^ip rule add pref \d+ .*: EEXIST$/);
  const [removed] = await ask({ do: "apply", changes: [{ do: "rule_delete", rule }] });
  expect(removed?.ok).toBe(true);
});

test("an interface that is missing is said, not guessed", async () => {
  const [mtu, removed] = await ask(
    { do: "apply", changes: [{ do: "link_up", interface: "nanami9", mtu: 1420 }] },
    { do: "remove", name: "nanami9" },
  );
  expect(mtu?.message).toMatch(/^ip link set dev nanami9 mtu 1420 up: ENODEV$/);
  expect(removed?.value).toBe(false);
});

test("the way out is the one that `ip route get` names; there is none without a route", async () => {
  await ours.run("ip", ["route", "add", "203.0.113.0/24", "via", "192.168.7.9"]);
  // What refuses is no way either, and no error.
  for (const [kind, third] of [
    ["blackhole", 1],
    ["prohibit", 2],
    ["throw", 3],
  ] as const)
    await ours.run("ip", ["route", "add", kind, `198.51.${third}.0/24`]);
  const answers = await ask(
    ...[
      ...["203.0.113.7", "198.51.100.7", "2001:db8:7::9", "2001:db8:9::9", "127.0.0.1"],
      ...["198.51.1.1", "198.51.2.1", "198.51.3.1"],
    ].map((to) => ({ do: "way", to, mark: 7 })),
  );
  expect(answers.map(({ value }) => value)).toEqual(["eth0", null, "eth0", null, null, null, null, null]);
});

test("what waits for a neighbour that does not answer is given up", async () => {
  const waiting = async () =>
    (await ours.run("ip", ["neighbour", "show", "nud", "incomplete"])).split("\n").filter(Boolean);
  for (const target of ["192.168.7.77", "2001:db8:7::77"])
    void ours.exec("ping", ["-n", "-c", "1", "-w", "1", target]);
  await expect.poll(waiting, { timeout: 5_000 }).toHaveLength(2);
  const [given] = await ask({ do: "apply", changes: [{ do: "forget_unresolved" }] });
  expect(given?.ok).toBe(true);
  // The two that asked may ask again; nothing of what they sent before is left.
  await expect.poll(waiting, { timeout: 5_000 }).toEqual([]);
});

test("a firewall is made and listed as `nft` does it, in one transaction or not at all", async () => {
  const text = firewallText(stateOf(nestedIntent()).firewall);
  const [none, made, list, broken, still] = await ask(
    { do: "list", table: "nanami" },
    { do: "nft", text },
    { do: "list", table: "nanami" },
    { do: "nft", text: "flush table inet nanami\nadd rule inet nanami nowhere accept\n" },
    { do: "list", table: "nanami" },
  );
  expect(none?.value).toBeNull();
  expect(made).toEqual({ ok: true, value: null });
  expect(list?.value).toBe(`${await ours.run("nft", ["--stateless", "list", "table", "inet", "nanami"])}\n`);
  expect(broken?.ok).toBe(false);
  expect(broken?.message).toMatch(/^nft: .*No such file or directory/s);
  expect(still?.value).toBe(list?.value);
});

test("a kernel without WireGuard says so, one with it makes the interface", async () => {
  const [made, removed] = await ask({ do: "make", name: "nanami7" }, { do: "remove", name: "nanami7" });
  const known =
    (await ours.exec("ip", ["link", "add", "dev", "nanami8", "type", "wireguard"])).exitCode === 0;
  expect(made).toEqual({ ok: true, value: known });
  expect(removed?.value).toBe(known);
});

describe("wireguard-go, spoken to directly", () => {
  const peers = [generatePrivateKey(), generatePrivateKey()].map(derivePublicKey);
  const [own, preshared] = [generatePrivateKey(), generatePrivateKey()];
  const secrets = [
    ["/key", own.reveal()],
    ["/psk", preshared.reveal()],
  ];
  /** As it does not change between two readings: wireguard-go names peers in any order, and goes on counting. */
  const still = (said: unknown): unknown => {
    const read = said as Dump | null;
    const peers = read?.peers.map((peer) => ({ ...peer, rxBytes: 0, txBytes: 0 }));
    return JSON.parse(
      JSON.stringify({
        ...read,
        peers: peers?.toSorted((one, other) => one.publicKey.localeCompare(other.publicKey)),
      }),
    );
  };
  const show = async (): Promise<string> => await ours.run("wg", ["show", "nanami0", "dump"]);
  let running: ReturnType<Host["spawn"]>;
  beforeAll(async () => {
    await ours.run("ip", ["link", "del", "dev", "nanami0"]);
    running = ours.spawn("wireguard-go", ["--foreground", "nanami0"], { stdio: "ignore" });
    for (const end = Date.now() + 20_000; ;) {
      const { exitCode, stderr } = await ours.exec("wg", ["show", "nanami0"]);
      if (exitCode === 0) break;
      if (Date.now() > end) throw new Error(`wireguard-go does not answer: ${stderr}`);
    }
  });
  afterAll(async () => {
    running.kill();
    await running.catch(() => undefined);
  });

  test("takes what `wg set` would be told, and says what `wg show` prints", async () => {
    const [first = "", second = ""] = peers;
    const [set, shown] = await ask(
      {
        do: "wg set",
        words: [
          ...["private-key", "/key", "fwmark", "77", "peer", first, "preshared-key", "/psk"],
          ...["endpoint", "[2001:db8::7]:51820", "persistent-keepalive", "25"],
          ...["allowed-ips", "10.20.0.0/16,fd00:20::/64", "peer", second, "endpoint", "203.0.113.7:1"],
          ...["allowed-ips", ""],
        ],
        secrets,
      },
      { do: "wg show" },
    );
    expect(set).toEqual({ ok: true, value: true });
    const printed = await show();
    expect(printed).toContain(
      `${first}\t${preshared.reveal()}\t[2001:db8::7]:51820\t10.20.0.0/16,fd00:20::/64\t0\t`,
    );
    expect(printed).toContain(`${own.reveal()}\t${derivePublicKey(own)}\t`);
    const parsed = parseDump(`${printed}\n`);
    // JSON shows neither key.
    expect(still(shown?.value)).toEqual(still(parsed.ok ? parsed.value : parsed));

    const [changed, again] = await ask(
      {
        do: "wg set",
        words: [
          ...["peer", second, "remove", "peer", first, "preshared-key", "/dev/null"],
          ...["persistent-keepalive", "0", "allowed-ips", "0.0.0.0/0"],
        ],
        secrets: [],
      },
      { do: "wg show" },
    );
    expect(changed?.value).toBe(true);
    const left = parseDump(`${await show()}\n`);
    expect(still(again?.value)).toEqual(still(left.ok ? left.value : left));
    expect(left.ok && left.value.peers).toMatchObject([
      { publicKey: first, presharedKey: null, persistentKeepalive: null, allowedIps: ["0.0.0.0/0"] },
    ]);
  });

  test("a refusal is an error, and an interface that nobody serves is told from one", async () => {
    const [refused] = await ask({
      do: "wg set",
      words: ["peer", peers[0], "endpoint", "nowhere"],
      secrets: [],
    });
    expect(refused?.message).toMatch(/^wireguard-go refused the change of nanami0: errno -\d+\.$/);
    // One that hangs is waited for only so long, and that is said: it is not one without peers.
    running.kill("SIGSTOP");
    const [hanging, silent] = await ask(
      { do: "wg dump" },
      { do: "wg set", words: ["fwmark", "1"], secrets: [] },
    );
    expect(hanging?.message).toMatch(/^wireguard-go of nanami0: no answer within \d+ s\.$/);
    expect(silent?.message).toMatch(/^wireguard-go of nanami0: no answer within \d+ s\.$/);
    running.kill("SIGKILL");
    await running.catch(() => undefined);
    const [set, shown] = await ask({ do: "wg set", words: [], secrets: [] }, { do: "wg show" });
    expect([set?.value, shown?.value]).toEqual([false, null]);
  });
});
