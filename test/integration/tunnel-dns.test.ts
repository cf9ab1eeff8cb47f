import { afterAll, beforeAll, expect, test } from "vitest";
import { scratch } from "../../src/lab/host.ts";
import {
  answerNames,
  EngineProcess,
  fullIntent,
  nestedIntent,
  PRIVATE_SERVER,
  privateIntent,
  PUBLIC_SERVER,
  raiseLab,
  reaches,
  RESOLV_CONF,
  type Lab,
} from "./tunnel-lab.ts";

let lab: Lab;
let folder: Awaited<ReturnType<typeof scratch>>;
let engine: EngineProcess;
let key: string;

beforeAll(async () => {
  lab = await raiseLab();
  folder = await scratch();
  key = lab.key.reveal();
  await lab.privateHost.run("ip", ["address", "add", "10.20.0.53/24", "dev", "eth0"]);
  answerNames(lab.privateHost, "10.20.0.53", "10.20.0.10");
  answerNames(lab.router, "192.168.7.1", "198.51.100.66");
  engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
});

afterAll(async () => {
  await engine.kill("SIGKILL");
  await lab[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The address that the device's own resolver finds for a name; null = none. */
async function addressOf(name: string): Promise<string | null> {
  const { stdout } = await lab.device.exec("getent", ["ahostsv4", name]);
  return /^\S+/.exec(stdout)?.[0] ?? null;
}

test("vpn_only asks the private resolver for private names and the former one for all others", async () => {
  expect(await addressOf("git.corp.example")).toBe("198.51.100.66");
  await engine.state("connected", { do: "apply", intent: privateIntent(lab.a), key });
  expect(await addressOf("git.corp.example")).toBe("10.20.0.10");
  expect(await addressOf("www.public.example")).toBe("198.51.100.66");
  expect(await lab.device.run("cat", ["/etc/resolv.conf"])).toContain("search hotel.example");
});

test("the forwarder speaks TCP too", async () => {
  const { stdout } = await lab.device.exec("sh", [
    "-c",
    "RES_OPTIONS=use-vc getent ahostsv4 git.corp.example",
  ]);
  expect(stdout).toContain("10.20.0.10");
});

test("a server that a firewall refuses is passed over at once", async () => {
  const refused = "192.168.7.66";
  await lab.device.run("nft", ["-f", "-"], {
    input: `table inet test { chain output { type filter hook output priority -10; ip daddr ${refused} drop; }; }`,
  });
  const named = `nameserver ${refused}\nnameserver 192.168.7.1\n`;
  await lab.device.run("sh", ["-c", 'printf "%s" "$1" > /etc/resolv.conf', "sh", named]);
  const file = () => lab.device.run("cat", ["/etc/resolv.conf"]);
  await expect.poll(file, { timeout: 10_000, interval: 20 }).not.toContain(refused);
  const began = performance.now();
  expect(await addressOf("www.public.example")).toBe("198.51.100.66");
  // One that is silent gets two and a half seconds.
  expect(performance.now() - began).toBeLessThan(2000);
  await lab.device.run("nft", ["delete", "table", "inet", "test"]);
});

test("full_tunnel asks the tunnel's resolver for everything", async () => {
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
  expect(await addressOf("git.corp.example")).toBe("10.20.0.10");
  expect(await addressOf("www.public.example")).toBe("10.20.0.10");
});

test("a local network that claims the resolver's address does not get the questions, nor keep them", async () => {
  await lab.device.run("ip", ["address", "add", "10.77.0.2/8", "dev", "eth0"]);
  for (const intent of [fullIntent(lab.a), nestedIntent(lab.a, lab.b)]) {
    await engine.state("connected", { do: "apply", intent: { ...intent, allowLocalNetwork: true }, key });
    expect(await addressOf("git.corp.example")).toBe("10.20.0.10");
  }
  await lab.device.run("ip", ["address", "del", "10.77.0.2/8", "dev", "eth0"]);
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
});

test("what another program writes while connected is replaced, and is what returns", async () => {
  const theirs = "nameserver 192.168.7.1\n# by dhclient\n";
  await lab.device.run("sh", ["-c", 'printf "%s" "$1" > /etc/resolv.conf', "sh", theirs]);
  await lab.device.run("ip", ["link", "set", "dev", "eth0", "mtu", "1400"]);
  const ours = async (): Promise<boolean> =>
    (await lab.device.run("cat", ["/etc/resolv.conf"])).includes("10.20.0.53");
  await expect.poll(ours, { timeout: 10_000, interval: 50 }).toBe(true);
  await engine.state("disconnected", { do: "disconnect" });
  expect(await lab.device.run("cat", ["/etc/resolv.conf"])).toBe(theirs.trimEnd());
  await lab.device.run("sh", ["-c", 'printf "%s" "$1" > /etc/resolv.conf', "sh", RESOLV_CONF]);
});

test("after kill -9 in full_tunnel names are answered on; in vpn_only no name is, and addresses go on", async () => {
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
  await engine.kill("SIGKILL");
  expect(await addressOf("www.public.example")).toBe("10.20.0.10");
  engine = new EngineProcess(lab.device, folder.path);
  await engine.state("connected");
  await engine.state("connected", { do: "apply", intent: privateIntent(lab.a), key });
  expect(await addressOf("git.corp.example")).toBe("10.20.0.10");
  await engine.kill("SIGKILL");
  expect(await addressOf("git.corp.example")).toBeNull();
  expect(await addressOf("www.public.example")).toBeNull();
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(true);
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
});

test("the next life after kill -9 in vpn_only brings names back, and restores the resolver on disconnect", async () => {
  engine = new EngineProcess(lab.device, folder.path);
  await engine.state("connected");
  expect(await addressOf("git.corp.example")).toBe("10.20.0.10");
  await engine.state("disconnected", { do: "disconnect" });
  expect(await lab.device.run("cat", ["/etc/resolv.conf"])).toBe(RESOLV_CONF.trimEnd());
});
