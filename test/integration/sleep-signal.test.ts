/** That the machine woke up is believed of logind alone. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Host } from "../../src/lab/host.ts";
import { untilLine } from "../../src/lab/world.ts";
import { raiseBus } from "./resolver-managers.ts";

const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
let device: Host;

beforeAll(async () => {
  device = await Host.create("device");
  await raiseBus(device);
});

afterAll(() => device.close());

/** Everybody on the bus but the bus itself, by the names that it gave them. */
async function connections(): Promise<readonly string[]> {
  const bus = ["--system", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"];
  const names = await device.run("dbus-send", [...bus, "org.freedesktop.DBus.ListNames"]);
  return [...names.matchAll(/"(:\d+\.\d+)"/g)].map((match) => match[1] ?? "");
}

test("logind is believed, and nobody else who says the same, to everybody or to us alone", async () => {
  let heard = 0;
  const listener = device.spawn(process.execPath, [program("sleep-signal-program.ts")], { buffer: false });
  listener.stdout?.on("data", (chunk: Buffer) => (heard += chunk.toString().split("woke").length - 1));
  await untilLine("device", "listener", listener, /^ready$/);
  const say = (...to: readonly string[]) =>
    device.run("dbus-send", [
      "--system",
      "--type=signal",
      ...to,
      "/org/freedesktop/login1",
      "org.freedesktop.login1.Manager.PrepareForSleep",
      "boolean:false",
    ]);
  // Nobody is logind.
  await say();
  for (const name of await connections()) await say(`--dest=${name}`);
  const logind = device.spawn(process.execPath, [program("sleep-signal-logind-program.ts")], {
    buffer: false,
    stdin: "pipe",
  });
  await untilLine("device", "logind", logind, /^ready$/);
  // Somebody is, and somebody else speaks.
  await say();
  for (const name of await connections()) await say(`--dest=${name}`);
  logind.stdin.write("wake\n");
  await expect.poll(() => heard, { timeout: 10_000, interval: 20 }).toBeGreaterThan(0);
  // Its word came last, and what was said before it was looked up before it.
  expect(heard).toBe(1);
});
