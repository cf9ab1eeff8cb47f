/**
 * Limited Mode with real packets: a file from anywhere is imported into the agent by the command line and connected
 * through a gateway that knows nothing but plain `wg`.
 */
import { existsSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ResultPromise } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scratch } from "../../src/lab/host.ts";
import type { Snapshot } from "../../src/rpc/contract.ts";
import { derivePublicKey, generatePrivateKey } from "../../src/wireguard/keys.ts";
import {
  counted,
  DEVICE_ADDRESS,
  DEVICE_ADDRESS_6,
  networkDump,
  PRIVATE_SERVER,
  PUBLIC_SERVER,
  PUBLIC_SERVER_6,
  raiseLab,
  reaches,
  type Gateway,
  type Lab,
} from "./tunnel-lab.ts";

const source = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

let lab: Lab;
let folder: Awaited<ReturnType<typeof scratch>>;
let agent: ResultPromise;
let before: string;

interface Made {
  readonly gateway?: Gateway;
  readonly allowedIps: string;
  readonly endpoint?: string;
  readonly more?: string;
}

/** A file as a provider would hand it out. */
function conf({ gateway = lab.a, allowedIps, endpoint, more = "" }: Made): string {
  return `[Interface]
PrivateKey = ${lab.key.reveal()}
Address = ${DEVICE_ADDRESS}/32, ${DEVICE_ADDRESS_6}/128
${more}
[Peer]
PublicKey = ${gateway.publicKey}
AllowedIPs = ${allowedIps}
Endpoint = ${endpoint ?? `${gateway.address}:51820`}
`;
}

function startAgent(): ResultPromise {
  const args = ["--state", join(folder.path, "state"), "--socket", join(folder.path, "agent.sock")];
  return lab.device.spawn(process.execPath, [source("agent/main.ts"), ...args], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: { file: join(folder.path, "agent.log"), append: true },
  });
}

async function nanami(...args: string[]) {
  const socket = join(folder.path, "agent.sock");
  return lab.device.exec(process.execPath, [source("cli/main.ts"), "--socket", socket, ...args], {
    env: { EDITOR: join(folder.path, "editor") },
  });
}

async function json(...args: string[]): Promise<unknown> {
  const { exitCode, stdout, stderr } = await nanami("--json", ...args);
  expect(exitCode, stderr + stdout).toBe(0);
  return JSON.parse(stdout);
}

async function status(): Promise<Snapshot> {
  const { exitCode, stdout, stderr } = await nanami("--json", "status");
  if (exitCode === 3) throw new Error(stderr);
  return JSON.parse(stdout) as Snapshot;
}

async function eventually(wanted: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  for (const end = Date.now() + 30_000; ;) {
    const snapshot = await status().catch(() => null);
    if (snapshot !== null && wanted(snapshot)) return snapshot;
    if (Date.now() > end) {
      const log = await readFile(join(folder.path, "agent.log"), "utf8");
      throw new Error(`not so in time: ${JSON.stringify(snapshot)}\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function imports(name: string, made: Made): Promise<void> {
  const path = join(folder.path, "handed-in.conf");
  await writeFile(path, conf(made));
  await json("config", "import", path, "--name", name, "--yes");
}

/** Packets that left the device outside the tunnel while `work` ran. */
async function outside(work: () => Promise<unknown>): Promise<number> {
  const at = await counted(lab.router, "world", "other");
  await work();
  return (await counted(lab.router, "world", "other")) - at;
}

beforeAll(async () => {
  lab = await raiseLab();
  folder = await scratch();
  before = await networkDump(lab.device);
  await lab.router.run("dnsmasq", [
    ...["--no-resolv", "--no-hosts", "--bind-interfaces", "--interface=lan", "--pid-file=", "--user=root"],
    ...["--address=/vpn.example.com/203.0.113.33", "--address=/trap.example.com/192.168.7.66"],
    ...["--address=/loop.example.com/127.0.0.1", "--host-record=both.example.com,192.168.7.66"],
    "--host-record=both.example.com,203.0.113.33",
  ]);
  agent = startAgent();
  await eventually(() => true);
});

afterAll(async () => {
  agent.kill("SIGTERM");
  await agent;
  await lab[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

test("an imported file runs nothing and keeps its keys to the agent", async () => {
  const trace = join(folder.path, "hook-ran");
  const hook = `PostUp = touch ${trace}\nPreDown = touch ${trace}`;
  await imports("office", { allowedIps: "10.20.0.0/24, 10.90.0.1/32", more: hook });
  const files = (await lab.device.run("ls", [join(folder.path, "state/profiles")])).split("\n");
  expect(files).toEqual([expect.stringMatching(/^prf_[0-9a-f]+\.json$/)]);
  const stored = join(folder.path, "state/profiles", files[0] ?? "");
  expect((await stat(stored)).mode & 0o777).toBe(0o600);
  expect(await readFile(stored, "utf8")).not.toContain("touch");
  const shown = await nanami("config", "show", "office", "--text");
  expect(shown.stdout).toContain("PrivateKey = (kept)");
  expect(JSON.stringify(await json("config", "list"))).not.toContain(lab.key.reveal());

  expect((await nanami("up", "--profile", "office")).exitCode).toBe(0);
  expect((await nanami("down")).exitCode).toBe(0);
  expect(existsSync(trace)).toBe(false);
});

test("a profile with private prefixes steers these and nothing else, and a handshake is what was seen", async () => {
  const snapshot = (await json("up", "--profile", "office")) as Snapshot;
  expect(snapshot.profile).toMatchObject({ name: "office", problem: null });
  expect(snapshot.tunnel).toMatchObject({ state: "connected", mode: "vpn_only", verified: "handshake" });
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(true);
  expect(await counted(lab.a.host, "gateway", "carried")).toBeGreaterThan(0);
  expect(await outside(() => reaches(lab.device, PUBLIC_SERVER))).toBeGreaterThan(0);
  expect((await nanami("status")).stdout).toMatch(/The profile office is connected/);
});

test("a profile with a default route is a full tunnel: nothing leaves beside it, in either family", async () => {
  await imports("everything", { allowedIps: "0.0.0.0/1, 128.0.0.0/1, ::/0", gateway: lab.b });
  const snapshot = (await json("up", "--profile", "everything")) as Snapshot;
  expect(snapshot.tunnel).toMatchObject({ state: "connected", mode: "full_tunnel" });
  const leaked = await outside(async () => {
    expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
    expect(await reaches(lab.device, PUBLIC_SERVER_6)).toBe(true);
  });
  expect(leaked).toBe(0);
  expect(await counted(lab.b.host, "gateway", "carried")).toBeGreaterThan(0);
});

test("killed, the agent leaves everything closed, and the next one goes on with the profile", async () => {
  agent.kill("SIGKILL");
  await agent;
  expect(await outside(() => reaches(lab.device, PUBLIC_SERVER))).toBe(0);
  agent = startAgent();
  const snapshot = await eventually(({ tunnel }) => tunnel.state === "connected");
  expect(snapshot.profile?.name).toBe("everything");
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);
});

test("names are looked up outside the tunnel, also from inside another, and a trap is not walked into", async () => {
  await imports("named", {
    allowedIps: "0.0.0.0/0, ::/0",
    gateway: lab.b,
    endpoint: "vpn.example.com:51820",
  });
  const up = (await json("up", "--profile", "named")) as Snapshot;
  expect(up.profile?.name).toBe("named");
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(true);

  for (const name of ["trap", "loop"]) {
    await imports(name, { allowedIps: "10.20.0.0/24", endpoint: `${name}.example.com:51820` });
    const refused = await nanami("--json", "up", "--profile", name);
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toContain("leads to");
    // What was connected stays.
    expect((await status()).profile?.name).toBe("named");
  }
  await imports("both", { allowedIps: "10.20.0.0/24", gateway: lab.b, endpoint: "both.example.com:51820" });
  expect(((await json("up", "--profile", "both")) as Snapshot).tunnel.state).toBe("connected");
});

test("narrowing steers less, while connected and by mode, and never more", async () => {
  await imports("wide", { allowedIps: "0.0.0.0/0, ::/0, 10.20.0.0/16, 10.90.0.1/32" });
  expect(((await json("up", "--profile", "wide")) as Snapshot).tunnel).toMatchObject({ mode: "full_tunnel" });
  expect(await outside(() => reaches(lab.device, PUBLIC_SERVER))).toBe(0);

  await json("config", "narrow", "wide", "10.20.0.0/24");
  await eventually(({ tunnel }) => tunnel.state === "connected" && tunnel.mode === "vpn_only");
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(true);
  expect(await outside(() => reaches(lab.device, PUBLIC_SERVER))).toBeGreaterThan(0);
  expect((await nanami("config", "narrow", "office", "10.0.0.0/8")).exitCode).toBe(1);
  expect((await nanami("up", "--profile", "office", "--mode", "full_tunnel")).exitCode).toBe(1);

  await json("config", "narrow", "wide", "--all");
  const byMode = (await json("up", "--profile", "wide", "--mode", "vpn_only")) as Snapshot;
  expect(byMode.tunnel).toMatchObject({ state: "connected", mode: "vpn_only" });
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(true);
});

test("an edit in an editor keeps the keys that it does not show", async () => {
  const editor = join(folder.path, "editor");
  await writeFile(editor, "#!/bin/sh\nsed -i 's/^AllowedIPs = .*/AllowedIPs = 10.20.0.0\\/16/' \"$1\"\n", {
    mode: 0o755,
  });
  const edited = (await json("config", "edit", "office", "--yes")) as {
    profile: { config: { peers: unknown[] } };
  };
  expect(edited.profile.config.peers).toMatchObject([{ allowedIps: ["10.20.0.0/16"] }]);
  await json("up", "--profile", "office");
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(true);
});

test("several peers carry what each is given, one of them with a preshared key", async () => {
  const own = derivePublicKey(lab.key);
  const preshared = generatePrivateKey().reveal();
  const share = (key: string) =>
    lab.a.host.run("sh", ["-c", `umask 077; cat > /run/psk; wg set wg0 peer ${own} preshared-key /run/psk`], {
      input: key,
    });
  await share(`${preshared}\n`);
  const path = join(folder.path, "two.conf");
  const second = `\n[Peer]\nPublicKey = ${lab.b.publicKey}\nAllowedIPs = ${PUBLIC_SERVER}/32\nEndpoint = ${lab.b.address}:51820\n`;
  const first = conf({ allowedIps: `10.20.0.0/24\nPresharedKey = ${preshared}` });
  await writeFile(path, first + second);
  await json("config", "import", path, "--name", "two", "--yes");
  await json("up", "--profile", "two");
  const carried = await counted(lab.b.host, "gateway", "carried");
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(true);
  expect(await outside(() => reaches(lab.device, PUBLIC_SERVER))).toBe(0);
  expect(await counted(lab.b.host, "gateway", "carried")).toBeGreaterThan(carried);
  await share("");
});

test("one peer that answers is enough; the silent one and the one without an endpoint are named, and closed", async () => {
  const path = join(folder.path, "three.conf");
  const silent = `\n[Peer]\nPublicKey = ${derivePublicKey(generatePrivateKey())}\nAllowedIPs = 10.99.0.0/24\nEndpoint = ${lab.b.address}:9\n`;
  const uncalled = `\n[Peer]\nPublicKey = ${derivePublicKey(generatePrivateKey())}\nAllowedIPs = ${PUBLIC_SERVER}/32\n`;
  await writeFile(path, conf({ allowedIps: "0.0.0.0/0, ::/0" }) + silent + uncalled);
  await json("config", "import", path, "--name", "three", "--yes");
  await json("up", "--profile", "three");
  const said = await eventually(({ traffic }) => traffic?.silentPeers !== undefined);
  expect(said).toMatchObject({
    tunnel: { state: "connected", verified: "handshake" },
    traffic: { silentPeers: [`${lab.b.address}:9`] },
    profile: { problem: expect.stringContaining(`${PUBLIC_SERVER}/32 goes nowhere`) as string },
  });
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(true);
  // Not to the peer of the default route either, to which it was not given.
  const carried = await counted(lab.a.host, "gateway", "carried");
  expect(await reaches(lab.device, PUBLIC_SERVER)).toBe(false);
  expect(await counted(lab.a.host, "gateway", "carried")).toBe(carried);
  expect((await nanami("doctor")).stdout).toContain(`${lab.b.address}:9 do not answer`);
});

test("an export is a file of one's own that another program takes", async () => {
  const path = join(folder.path, "out.conf");
  await json("config", "export", "office", "--out", path, "--yes");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await lab.device.exec("wg-quick", ["strip", path])).stdout).toContain(lab.key.reveal());
  expect((await nanami("config", "export", "office", "--out", path, "--yes")).exitCode).toBe(2);
  const code = join(folder.path, "out.png");
  await json("config", "export", "office", "--out", code, "--yes");
  expect((await json("config", "check", code)) as object).toEqual(await json("config", "check", path));
});

test("disconnected, the network is what it was before", async () => {
  expect((await nanami("down")).exitCode).toBe(0);
  expect(await networkDump(lab.device)).toBe(before);
  expect((await status()).profile).toBeNull();
  expect(await reaches(lab.device, PRIVATE_SERVER)).toBe(false);
});
