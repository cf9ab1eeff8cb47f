/** What must not leave does not leave, whoever dies: seen on the router, beside a planted leak. */
import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scratch } from "../../src/lab/host.ts";
import {
  counted,
  DEVICE_ADDRESS,
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

beforeEach(async () => {
  lab = await raiseLab();
  folder = await scratch();
  key = lab.key.reveal();
  before = await networkDump(lab.device);
  engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
});

afterEach(async () => {
  await engine.kill("SIGKILL");
  await lab[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function isReconciled(event: string, value: unknown): boolean {
  return event === "log" && (value as { message: string }).message === "network reconciled";
}

async function leaked(
  action: () => Promise<unknown>,
  counter: "other" | "private" = "other",
): Promise<number> {
  const start = await counted(lab.router, "world", counter);
  await action();
  return (await counted(lab.router, "world", counter)) - start;
}

/** Packets of many kinds, none of which may leave outside the tunnel. */
async function tryEverything(): Promise<void> {
  const attempts = [
    ["ping", "-n", "-c", "2", "-i", "0.05", "-W", "0.2", PUBLIC_SERVER],
    ["ping", "-n", "-c", "2", "-i", "0.05", "-W", "0.2", "-I", "eth0", PUBLIC_SERVER],
    ["ping", "-n", "-c", "2", "-i", "0.05", "-W", "0.2", "-I", "192.168.7.2", PUBLIC_SERVER],
    ["ping", "-n", "-c", "2", "-i", "0.05", "-W", "0.2", "192.168.7.1"],
    ["ping", "-n", "-c", "2", "-i", "0.05", "-W", "0.2", PUBLIC_SERVER_6],
    ["ping", "-n", "-c", "2", "-i", "0.05", "-W", "0.2", "-I", "eth0", PUBLIC_SERVER_6],
    ["sh", "-c", `echo x | busybox timeout 1 busybox nc -w 1 ${PUBLIC_SERVER} 443`],
    ["sh", "-c", `busybox timeout 1 busybox nslookup example.com 192.168.7.1`],
  ];
  await Promise.all(attempts.map(([program = "", ...args]) => lab.device.exec(program, args)));
}

test("the detector sees a planted leak", async () => {
  expect(await leaked(tryEverything)).toBeGreaterThan(5);
});

test("full_tunnel: nothing leaves while all is well", async () => {
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
  expect(await leaked(tryEverything)).toBe(0);
});

test("full_tunnel without IPv6 in the tunnel: IPv6 is closed, not left outside", async () => {
  const intent = fullIntent(lab.a);
  const [v4 = ""] = intent.addresses;
  expect(await reaches(lab.device, PUBLIC_SERVER_6)).toBe(true);
  await engine.state("connected", { do: "apply", intent: { ...intent, addresses: [v4] }, key });
  expect(await reaches(lab.device, PUBLIC_SERVER_6)).toBe(false);
  expect(await leaked(tryEverything)).toBe(0);
});

test("full_tunnel: with the gateway dead nothing leaves and the state says so", async () => {
  await engine.state("connected", { do: "apply", intent: nestedIntent(lab.a, lab.b), key });
  await lab.a.host.run("ip", ["link", "set", "dev", "wan", "down"]);
  const status = await engine.state("reconnecting");
  expect(status.value).toMatchObject({ reason: { code: "gateway_silent" } });
  expect(await leaked(tryEverything)).toBe(0);
  await lab.a.host.run("ip", ["link", "set", "dev", "wan", "up"]);
  await lab.a.host.run("ip", ["route", "replace", "default", "via", "203.0.113.18"]);
  const from = engine.lines.length;
  await engine.until(
    (event, value) => event === "status" && (value as { state: string }).state === "connected",
    from,
  );
}, 60_000);

test("kill -9 leaves the protection and the tunnel; the next life adopts both", async () => {
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
  const index = await lab.device.run("cat", ["/sys/class/net/nanami0/ifindex"]);
  await engine.kill("SIGKILL");
  expect(await leaked(tryEverything)).toBe(0);
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
  engine = new EngineProcess(lab.device, folder.path);
  await engine.state("connected");
  expect(await lab.device.run("cat", ["/sys/class/net/nanami0/ifindex"])).toBe(index);
  expect(await leaked(tryEverything)).toBe(0);
  await engine.state("disconnected", { do: "disconnect" });
  expect(await networkDump(lab.device)).toBe(before);
});

test("when the interface died too, the next life stays closed until the key is there, then repairs", async () => {
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
  await engine.kill("SIGKILL");
  await lab.device.run("ip", ["link", "del", "dev", "nanami0"]);
  expect(await leaked(tryEverything)).toBe(0);
  engine = new EngineProcess(lab.device, folder.path);
  const blocked = await engine.state("blocked");
  expect(blocked.value).toMatchObject({ reason: { code: "key_missing" } });
  expect(await leaked(tryEverything)).toBe(0);
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
});

test("an unreadable record means closed, not open, and a disconnect still works", async () => {
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
  await engine.kill("SIGKILL");
  await writeFile(join(folder.path, "target.json"), "{ damaged");
  await lab.device.run("nft", ["flush", "ruleset"]);
  engine = new EngineProcess(lab.device, folder.path);
  const blocked = await engine.state("blocked");
  expect(blocked.value).toMatchObject({ mode: "full_tunnel", reason: { code: "record_lost" } });
  await engine.until(isReconciled);
  expect(await leaked(tryEverything)).toBe(0);
  await engine.state("disconnected", { do: "disconnect" });
  expect(await networkDump(lab.device)).toBe(before);
});

test("the private prefixes stay closed in vpn_only when the gateway or the interface is gone", async () => {
  // Other traffic goes directly in this mode, the kernel's own reports included: only the private prefix counts.
  const tried = () => leaked(() => reaches(lab.device, PRIVATE_SERVER), "private");
  await lab.device.run("ip", ["route", "add", "10.20.0.0/16", "via", "192.168.7.1"]);
  expect(await tried()).toBeGreaterThan(0);
  await engine.state("connected", { do: "apply", intent: privateIntent(lab.a), key });
  await lab.a.host.run("ip", ["link", "set", "dev", "wan", "down"]);
  expect(await tried()).toBe(0);
  await engine.kill("SIGKILL");
  await lab.device.run("ip", ["link", "del", "dev", "nanami0"]);
  expect(await tried()).toBe(0);
  expect(await leaked(() => reaches(lab.device, PUBLIC_SERVER))).toBeGreaterThan(0);
});

test("blocked: the mode stays closed with the reason, and the same call connects again", async () => {
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
  const reason = { code: "revoked", message: "This device was revoked.", remedy: "Disconnect." };
  const from = engine.lines.length;
  const blocked = await engine.state("blocked", { do: "block", reason });
  expect(blocked.value).toMatchObject({ reason });
  await engine.until(isReconciled, from);
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(false);
  expect(await leaked(tryEverything)).toBe(0);
  await engine.kill("SIGKILL");
  engine = new EngineProcess(lab.device, folder.path);
  expect((await engine.state("blocked")).value).toMatchObject({ reason });
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
});

test("a switch to full_tunnel that does not succeed leaves a closed device, and succeeds later", async () => {
  await engine.state("connected", { do: "apply", intent: privateIntent(lab.a), key });
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
  // Nobody hears what the peers shall be.
  const socket = "/run/wireguard/nanami0.sock";
  await lab.device.run("mount", ["--bind", "/dev/null", socket]);
  const from = engine.lines.length;
  const blocked = await engine.state("blocked", { do: "apply", intent: fullIntent(lab.a), key });
  expect(blocked.value).toMatchObject({ mode: "full_tunnel" });
  expect(await leaked(tryEverything)).toBe(0);
  // It is tried again with growing pauses, and not at every sign of its own work.
  const attempts = engine.lines
    .slice(from)
    .filter(({ value }) => JSON.stringify(value).includes("not reconciled"));
  expect(attempts.length).toBeLessThan(8);
  await lab.device.run("umount", [socket]);
  await engine.until(
    (event, value) => event === "status" && (value as { state: string }).state === "connected",
    from,
  );
  expect(await leaked(tryEverything)).toBe(0);
});

test("without the firewall, and nobody there to repair it, bound sockets of both families stay closed", async () => {
  const targets = [PUBLIC_SERVER, PUBLIC_SERVER_6];
  const bound = async (target: string): Promise<boolean> =>
    (await lab.device.exec("ping", ["-n", "-c", "1", "-W", "0.4", "-I", "eth0", target])).exitCode === 0;
  for (const target of targets) expect(await bound(target)).toBe(true);
  const prefixes = ["203.0.113.80/32", "2001:db8:80::/64"];
  for (const intent of [fullIntent(lab.a), { ...privateIntent(lab.a), privatePrefixes: prefixes }]) {
    await engine.state("connected", { do: "apply", intent, key });
    await engine.kill("SIGKILL");
    await lab.device.run("nft", ["delete", "table", "inet", "nanami"]);
    for (const target of targets) expect(await bound(target), `${intent.mode} ${target}`).toBe(false);
    // Bound to the tunnel's address, to somewhere that is nobody's business in this mode.
    const source = ["ping", "-n", "-c", "1", "-W", "0.2", "-I", DEVICE_ADDRESS, "203.0.113.2"] as const;
    expect(await leaked(() => lab.device.exec(source[0], source.slice(1)))).toBe(0);
    engine = new EngineProcess(lab.device, folder.path);
    await engine.state("connected");
  }
});

test("without the firewall, names are not asked of the local network that stays reachable", async () => {
  await engine.state("connected", {
    do: "apply",
    intent: { ...fullIntent(lab.a), allowLocalNetwork: true },
    key,
  });
  await engine.kill("SIGKILL");
  await lab.device.run("nft", ["delete", "table", "inet", "nanami"]);
  const asks = "busybox timeout 1 busybox nslookup example.com 192.168.7.1";
  const connects = (port: number) => `echo x | busybox timeout 1 busybox nc -w 1 192.168.7.1 ${port}`;
  const sends = (port: number) => `echo x | busybox timeout 1 busybox nc -u -w 1 192.168.7.1 ${port}`;
  for (const script of [asks, connects(53), connects(853), sends(853)])
    expect(await leaked(() => lab.device.exec("sh", ["-c", script])), script).toBe(0);
  // Everything else of it is reached.
  expect(await leaked(() => lab.device.exec("sh", ["-c", connects(80)]))).toBeGreaterThan(0);
  expect(await reaches(lab.device, "192.168.7.1")).toBe(true);
  engine = new EngineProcess(lab.device, folder.path);
  await engine.state("connected");
});

/** Sends while the link is away, so that packets wait for the router's hardware address; `action`; the link is back. */
async function whileUnresolved(action: () => Promise<unknown>): Promise<void> {
  await lab.router.run("ip", ["link", "set", "dev", "lan", "down"]);
  await lab.device.run("ip", ["neigh", "flush", "dev", "eth0"]);
  const sending = lab.device.exec("ping", ["-n", "-c", "3", "-i", "0.02", "-W", "1", PUBLIC_SERVER]);
  const waits = () => lab.device.run("ip", ["-4", "neigh", "show", "nud", "incomplete"]);
  await expect.poll(waits, { timeout: 3000, interval: 20 }).toContain("192.168.7.1");
  await action();
  await lab.router.run("ip", ["link", "set", "dev", "lan", "up"]);
  await sending;
}

test("what was let go before connecting and waits for its neighbour's address does not leave afterwards", async () => {
  expect(await leaked(() => whileUnresolved(() => Promise.resolve()))).toBeGreaterThan(0);
  const connecting = async (): Promise<void> => {
    const from = engine.lines.length;
    engine.send({ do: "apply", intent: fullIntent(lab.a), key });
    await engine.until(isReconciled, from);
  };
  expect(await leaked(() => whileUnresolved(connecting))).toBe(0);
  await engine.state("connected");
});

test("the record holds no private key and is readable by root alone", async () => {
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
  const files = await readdir(folder.path);
  expect(files.sort()).toEqual(["target.json", "undo.json"]);
  for (const file of files) {
    expect((await stat(join(folder.path, file))).mode & 0o777).toBe(0o600);
    expect(await lab.device.run("cat", [join(folder.path, file)])).not.toContain(key);
  }
});
