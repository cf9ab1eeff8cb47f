/**
 * Other hosts behind the device, whose packets it forwards and translates to its own address on every link, as for
 * containers, virtual machines or a shared connection.
 */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connect, Host, scratch } from "../../src/lab/host.ts";
import type { Intent } from "../../src/tunnel/types.ts";
import { start } from "./connections-ends.ts";
import {
  DEVICE_ADDRESS,
  EngineProcess,
  fullIntent,
  nestedIntent,
  PRIVATE_SERVER,
  privateIntent,
  PUBLIC_SERVER,
  raiseLab,
  reaches,
  type Lab,
} from "./tunnel-lab.ts";

/** Of the device, towards its guest. */
const BRIDGE = "172.20.0.1";
const GUEST = "172.20.0.2";
const PORT = "7008";

let lab: Lab;
let guest: Host;
let folder: Awaited<ReturnType<typeof scratch>>;
let engine: EngineProcess;

/** Answers find their way back to a guest where the local network stays reachable: it is on one. */
const become = (intent: Intent) =>
  engine.state("connected", {
    do: "apply",
    intent: { ...intent, allowLocalNetwork: true },
    key: lab.key.reveal(),
  });
const forward = (on: boolean) => lab.device.run("sysctl", ["-qw", `net.ipv4.ip_forward=${on ? "1" : "0"}`]);
const table = () => lab.device.run("nft", ["list", "table", "inet", "nanami"]);

/** Packets of the guest that the router saw in clear, by where they were going. */
async function seen(): Promise<{ private: number; public: number }> {
  const text = await lab.router.run("nft", ["list", "table", "inet", "guests"]);
  const packets = (name: string) =>
    Number(new RegExp(`counter ${name} \\{\\s+packets (\\d+)`).exec(text)?.[1]);
  return { private: packets("private"), public: packets("public") };
}

beforeAll(async () => {
  lab = await raiseLab();
  guest = await Host.create("guest");
  await connect(
    { host: lab.device, interface: "br0", addresses: [`${BRIDGE}/24`] },
    { host: guest, interface: "eth0", addresses: [`${GUEST}/24`] },
  );
  await guest.run("ip", ["route", "add", "default", "via", BRIDGE]);
  await lab.device.run("nft", ["-f", "-"], {
    input: `table ip guests {
      chain post { type nat hook postrouting priority srcnat; ip saddr ${GUEST} masquerade; }
    }`,
  });
  await lab.router.run("nft", ["-f", "-"], {
    input: `table inet guests {
      counter private { }
      counter public { }
      chain watch {
        type filter hook prerouting priority -310;
        iifname "lan" ip daddr 10.20.0.0/16 counter name private
        iifname "lan" ip daddr ${PUBLIC_SERVER} counter name public
        iifname "lan" ip saddr ${DEVICE_ADDRESS} counter name private
      }
    }`,
  });
  for (const host of [lab.privateHost, lab.internet]) {
    const server = start(host, "serve", PORT);
    await vi.waitFor(() => expect(server.of("server")).toEqual(["ready"]), { timeout: 10_000 });
  }
  folder = await scratch();
  engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
});

afterAll(async () => {
  await engine.kill("SIGKILL");
  await guest.close();
  await lab[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

test("a device that forwards nothing asks conntrack for nothing", async () => {
  await become(fullIntent(lab.a));
  expect(await table()).not.toMatch(/\bct /);
});

test("once it forwards, its guests' connections are tracked and enter the tunnel", async () => {
  await forward(true);
  await expect.poll(() => reaches(guest, PUBLIC_SERVER), { timeout: 10_000 }).toBe(true);
  expect(await reaches(guest, PRIVATE_SERVER)).toBe(true);
  expect(await table()).toMatch(/\bct /);
  expect(await seen()).toEqual({ private: 0, public: 0 });
});

test("another exit ends a guest's connections that left by the former one, and no others", async () => {
  await using held = start(guest, "hold", PORT, `private!=${PRIVATE_SERVER}`, `public!=${PUBLIC_SERVER}`);
  for (const name of ["private!", "public!"])
    await expect.poll(() => held.of(name), { timeout: 10_000 }).toContain("answer");
  await become(nestedIntent(lab.a, lab.b));
  await expect.poll(() => held.of("public!"), { timeout: 5000 }).toContain("closed");
  expect(held.of("public!")).toContain("ECONNRESET");
  const answers = held.of("private!").length;
  await expect.poll(() => held.of("private!").length, { timeout: 5000 }).toBeGreaterThan(answers + 5);
  expect(await seen()).toEqual({ private: 0, public: 0 });
});

test("leaving full_tunnel, what a guest had in the tunnel neither hangs nor leaves with the tunnel's address", async () => {
  await using held = start(guest, "hold", PORT, `private!=${PRIVATE_SERVER}`, `public!=${PUBLIC_SERVER}`);
  for (const name of ["private!", "public!"])
    await expect.poll(() => held.of(name), { timeout: 10_000 }).toContain("answer");
  await become(privateIntent(lab.a));
  await expect.poll(() => held.of("public!"), { timeout: 5000 }).toContain("closed");
  expect(held.of("private!")).not.toContain("closed");
  expect((await seen()).private).toBe(0);
  // The detector sees what leaves: the Internet is reached directly now.
  expect(await reaches(guest, PUBLIC_SERVER)).toBe(true);
  expect((await seen()).public).toBeGreaterThan(0);
});

test("while it stops and begins to forward, nothing private leaves outside", async () => {
  await become(fullIntent(lab.a));
  const before = await seen();
  // Not bounded by ping itself (`-w`), which would end with the first refusal.
  const bounded = { stdio: "ignore", timeout: 120_000 } as const;
  const asking = guest.spawn("ping", ["-n", "-i", "0.01", PRIVATE_SERVER], bounded);
  for (let round = 0; round < 5; round += 1) {
    await forward(false);
    await expect.poll(table, { timeout: 5000 }).not.toMatch(/\bct /);
    await forward(true);
    await expect.poll(table, { timeout: 5000 }).toMatch(/\bct /);
  }
  await expect.poll(() => reaches(guest, PRIVATE_SERVER), { timeout: 5000 }).toBe(true);
  asking.kill();
  // It asked all the time, and did not end before.
  expect(await asking).toMatchObject({ signal: "SIGTERM", timedOut: false });
  expect(await seen()).toEqual(before);
});
