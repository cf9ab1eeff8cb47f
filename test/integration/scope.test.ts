/** Under systemd, what carries the tunnel gets a scope of its own, so that stopping the agent does not stop it. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, Host, scratch } from "../../src/lab/host.ts";
import { untilLine } from "../../src/lab/world.ts";
import { derivePublicKey, generatePrivateKey } from "../../src/wireguard/keys.ts";
import { raiseBus } from "./resolver-managers.ts";
import { EngineProcess } from "./tunnel-lab.ts";

const SYSTEMD = fileURLToPath(new URL("scope-systemd-program.ts", import.meta.url));
const GATEWAY = "192.168.7.1";

let device: Host;
let router: Host;
let folder: Awaited<ReturnType<typeof scratch>>;
let engine: EngineProcess;

const intent = {
  mode: "vpn_only",
  addresses: ["10.90.0.2/32"],
  peers: [
    {
      name: "gateway",
      publicKey: derivePublicKey(generatePrivateKey()),
      endpoint: { address: GATEWAY, port: 51820 },
      allowedIps: ["10.20.0.0/16"],
    },
  ],
  privatePrefixes: ["10.20.0.0/16"],
  dns: { servers: [], matchDomains: [] },
  allowLocalNetwork: false,
  control: [],
} as const;

beforeAll(async () => {
  [device, router] = await Promise.all([Host.create("device"), Host.create("router")]);
  await connect(
    { host: device, interface: "eth0", addresses: ["192.168.7.2/24"] },
    { host: router, interface: "lan", addresses: [`${GATEWAY}/24`] },
  );
  folder = await scratch();
  engine = new EngineProcess(device, folder.path);
  await engine.state("disconnected");
});

afterAll(async () => {
  await engine.kill("SIGKILL");
  await Promise.all([device, router].map((host) => host.close()));
  await folder[Symbol.asyncDispose]();
});

const hasKernelWireguard = async (): Promise<boolean> =>
  (await device.exec("sh", ["-c", "ip link add probe type wireguard && ip link del probe"])).exitCode === 0;

async function connectOnce(): Promise<void> {
  const from = engine.lines.length;
  engine.send({ do: "apply", intent, key: generatePrivateKey().reveal() });
  await engine.until(
    (event, value) => event === "log" && JSON.stringify(value).includes("network reconciled"),
    from,
  );
}

test("without systemd, and without a bus, the tunnel comes up as well", async () => {
  await connectOnce();
  await engine.state("disconnected", { do: "disconnect" });
  await device.run("mkdir", ["-p", "/run/systemd/system"]);
  await connectOnce();
  await engine.state("disconnected", { do: "disconnect" });
});

test("systemd is asked for a scope with wireguard-go in it", async () => {
  if (await hasKernelWireguard()) {
    process.stdout.write("the kernel has WireGuard: there is no process that could get a scope\n");
    return;
  }
  await raiseBus(device);
  const systemd = device.spawn(process.execPath, [SYSTEMD], { buffer: false });
  await untilLine("device", "systemd", systemd, /^ready$/);
  const asked = untilLine("device", "systemd", systemd, /^\[/);
  await connectOnce();
  const [name, mode, properties] = JSON.parse(await asked) as [string, string, [string, unknown][]];
  const pids = JSON.stringify(properties.find(([key]) => key === "PIDs"));
  const pid = Number(/\[\[?(\d+)\]/.exec(pids)?.[1]);
  expect(await device.run("cat", [`/proc/${pid}/comm`])).toBe("wireguard-go");
  expect(name).toBe(`nanami-nanami0-${pid}.scope`);
  expect(mode).toBe("fail");
});
