import { afterAll, beforeAll, expect, test } from "vitest";
import { scratch } from "../../src/lab/host.ts";
import {
  counted,
  EngineProcess,
  fullIntent,
  networkDump,
  PRIVATE_SERVER,
  privateIntent,
  PUBLIC_SERVER,
  PUBLIC_SERVER_6,
  raiseLab,
  reaches,
  RESOLV_CONF,
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

async function interfaceIndex(): Promise<string> {
  return (await lab.device.run("ip", ["-o", "link", "show", "dev", "nanami0"])).split(":")[0] ?? "";
}

let index: string;

test("vpn_only: the private server is reached through the gateway, the Internet is not", async () => {
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(false);
  await engine.state("connected", { do: "apply", intent: privateIntent(lab.a), key });
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(true);
  const carried = await counted(lab.a.host, "gateway", "carried");
  expect(carried).toBeGreaterThan(0);
  const outside = await counted(lab.router, "world", "other");
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
  expect(await counted(lab.router, "world", "other")).toBeGreaterThan(outside);
  expect(await reaches(lab.device, PUBLIC_SERVER_6)).toBe(true);
  expect(await counted(lab.a.host, "gateway", "carried")).toBe(carried);
  index = await interfaceIndex();
});

test("switching to full_tunnel sends the Internet through the tunnel and keeps the interface", async () => {
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
  expect(await interfaceIndex()).toBe(index);
  const outside = await counted(lab.router, "world", "other");
  const carried = await counted(lab.a.host, "gateway", "carried");
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
  expect(await reaches(lab.device, PUBLIC_SERVER_6)).toBe(true);
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(true);
  expect(await counted(lab.a.host, "gateway", "carried")).toBeGreaterThan(carried);
  expect(await counted(lab.router, "world", "other")).toBe(outside);
  expect(await lab.device.run("cat", ["/etc/resolv.conf"])).toContain("nameserver 10.20.0.53");
});

test("switching modes back and forth loses nothing on the way to the private network", async () => {
  const ping = lab.device.run("ping", ["-q", "-n", "-i", "0.005", "-c", "400", "-W", "1", PRIVATE_SERVER]);
  for (const intent of [privateIntent(lab.a), fullIntent(lab.a), privateIntent(lab.a), fullIntent(lab.a)])
    await engine.state("connected", { do: "apply", intent, key });
  expect(await ping).toContain("400 received");
});

test("disconnecting puts links, rules, routes, firewall, kernel parameters and resolv.conf back", async () => {
  await engine.state("disconnected", { do: "disconnect" });
  expect(await networkDump(lab.device)).toBe(before);
  expect(await lab.device.run("cat", ["/etc/resolv.conf"])).toBe(RESOLV_CONF.trimEnd());
});

test("a table of our name that somebody made meanwhile is replaced, not added to", async () => {
  await lab.device.run("nft", ["add table inet nanami; add chain inet nanami stranger"]);
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
  const table = await lab.device.run("nft", ["list", "table", "inet", "nanami"]);
  expect(table).toContain("chain output");
  expect(table).not.toContain("stranger");
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(true);
  await engine.state("disconnected", { do: "disconnect" });
  expect(await networkDump(lab.device)).toBe(before);
});
