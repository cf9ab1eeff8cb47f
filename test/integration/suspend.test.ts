/** A device that stood still notices: really stopped, for longer than a busy machine makes anybody wait. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Host } from "../../src/lab/host.ts";
import { untilLine } from "../../src/lab/world.ts";

const PROGRAM = fileURLToPath(new URL("suspend-program.ts", import.meta.url));
const STOPPED_MS = 9_000;
let device: Host;

beforeAll(async () => {
  device = await Host.create("device");
});

afterAll(() => device.close());

test("after SIGSTOP and SIGCONT it is told once, and another address before it as another place", async () => {
  const heard: string[] = [];
  const watcher = device.spawn(process.execPath, [PROGRAM], { buffer: false, stdin: "pipe" });
  await untilLine("device", "watcher", watcher, /^ready$/);
  watcher.stdout?.on("data", (chunk: Buffer) => heard.push(...chunk.toString().trim().split("\n")));
  await device.run("sh", ["-c", "ip link add eth0 type veth peer name eth1 && ip link set eth0 up"]);
  await device.run("sh", ["-c", "ip link set eth1 up && ip address add 192.0.2.1/24 dev eth0"]);
  await expect.poll(() => heard, { timeout: 10_000, interval: 50 }).toEqual(["moved"]);
  watcher.kill("SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, STOPPED_MS));
  expect(heard).toEqual(["moved"]);
  watcher.kill("SIGCONT");
  await expect.poll(() => heard, { timeout: 10_000, interval: 50 }).toEqual(["moved", "woke"]);
}, 60_000);
