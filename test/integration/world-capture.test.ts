/** The lab's witnesses: what they report is what happened, and when they cannot know, they say so. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Capture } from "../../src/lab/capture.ts";
import { connect, Host } from "../../src/lab/host.ts";
import { OBSERVER_RULES, observe } from "../../src/lab/observer.ts";
import { udpOn } from "../../src/lab/socket.ts";

let here: Host;
let middle: Host;
let there: Host;

beforeAll(async () => {
  [here, middle, there] = await Promise.all([
    Host.create("here"),
    Host.create("middle"),
    Host.create("there"),
  ]);
  await connect(
    { host: here, interface: "eth0", addresses: ["192.0.2.1/30", "2001:db8:1::1/64"] },
    { host: middle, interface: "left", addresses: ["192.0.2.2/30", "2001:db8:1::2/64"] },
  );
  await connect(
    { host: there, interface: "eth0", addresses: ["192.0.2.5/30", "2001:db8:2::1/64"] },
    { host: middle, interface: "right", addresses: ["192.0.2.6/30", "2001:db8:2::2/64"] },
  );
  await middle.run("sysctl", ["-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]);
  await middle.run("nft", ["-f", "-"], { input: OBSERVER_RULES });
  for (const [host, v4, v6] of [
    [here, "192.0.2.2", "2001:db8:1::2"],
    [there, "192.0.2.6", "2001:db8:2::2"],
  ] as const) {
    await host.run("ip", ["route", "add", "default", "via", v4]);
    await host.run("ip", ["route", "add", "default", "via", v6]);
  }
});

afterAll(() => Promise.all([here, middle, there].map((host) => host.close())));

/** Sends `count` tagged datagrams and resolves when the last has left. */
async function send(family: 4 | 6, to: string, count: number): Promise<void> {
  const socket = await udpOn(here, family);
  for (let index = 0; index < count; index += 1) {
    await new Promise<void>((resolve) => socket.send(`tag ${index}`, 9, to, () => resolve()));
  }
  socket.close();
}

test("the first IPv6 packet over a fresh cable does not wait for the kernel to notice the carrier", async () => {
  const began = performance.now();
  await here.run("ping", ["-6", "-c", "1", "-W", "5", "2001:db8:2::1"]);
  expect(performance.now() - began).toBeLessThan(900);
});

test("a capture holds every packet of both families, with its tag, in order", async () => {
  const capture = await Capture.start(there, "eth0");
  await send(4, "192.0.2.5", 200);
  await send(6, "2001:db8:2::1", 200);
  const packets = await capture.stop();
  for (const family of ["ipv4", "ipv6"] as const) {
    const tagged = packets.filter((packet) => packet.family === family && packet.destinationPort === 9);
    expect(tagged.map((packet) => packet.payload)).toEqual(Array.from({ length: 200 }, (_, n) => `tag ${n}`));
    expect(tagged.every((packet) => packet.direction === "in")).toBe(true);
  }
});

test("a capture that missed packets says so instead of reporting what it has", async () => {
  const capture = await Capture.start(there, "eth0");
  await there.run("pkill", ["-STOP", "--ns", String(there.pid), "--nslist", "net", "-f", "capture.ts"]);
  for (let round = 0; round < 70; round += 1) await burst(1000);
  await there.run("pkill", ["-CONT", "--ns", String(there.pid), "--nslist", "net", "-f", "capture.ts"]);
  await expect(capture.stop()).rejects.toThrow(/lost \d+ packets/);
});

/** As many datagrams at once as a socket takes. */
async function burst(count: number): Promise<void> {
  const socket = await udpOn(here, 4);
  await Promise.all(
    Array.from(
      { length: count },
      () => new Promise<void>((done) => socket.send("x", 9, "192.0.2.5", () => done())),
    ),
  );
  socket.close();
}

test("the observer in the middle counts what passed it, by who talked to whom", async () => {
  const { seen } = await observe(middle, async () => {
    await send(4, "192.0.2.5", 50);
    await send(6, "2001:db8:2::1", 20);
  });
  const packets = (source: string, destination: string) =>
    seen.flows.find(
      (flow) => flow.source === source && flow.destination === destination && flow.protocol === "udp",
    )?.packets;
  expect(packets("192.0.2.1", "192.0.2.5")).toBe(50);
  expect(packets("2001:db8:1::1", "2001:db8:2::1")).toBe(20);
  expect(seen.bytes(["192.0.2.5"], ["192.0.2.1"], "udp")).toBe(0);
});

test("closing a host ends also what had detached itself from us", async () => {
  const host = await Host.create("short");
  await host.run("sh", ["-c", "setsid sleep 300 >/dev/null 2>&1 & echo $! > /run/pid"]);
  const pid = Number(await host.run("cat", ["/run/pid"]));
  expect(await isAlive(pid)).toBe(true);
  await host.close();
  await expect.poll(() => isAlive(pid)).toBe(false);
});

/** A process that has ended may stay listed as a zombie until somebody takes its status. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => undefined);
  return status !== undefined && !/^State:\tZ/m.test(status);
}
