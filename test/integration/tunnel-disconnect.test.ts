/** A disconnect that something is in the way of. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scratch } from "../../src/lab/host.ts";
import { EngineProcess, fullIntent, networkDump, privateIntent, raiseLab, type Lab } from "./tunnel-lab.ts";

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

test("connecting while a disconnect is under way wins, is recorded, and whoever waits is told", async () => {
  const intent = privateIntent(lab.a);
  await engine.state("connected", { do: "apply", intent, key });
  const from = engine.lines.length;
  engine.send({ do: "disconnect" });
  engine.send({ do: "apply", intent, key });
  await engine.until((event) => event === "not disconnected", from);
  await engine.until(
    (event, value) => event === "status" && (value as { state: string }).state === "connected",
    from,
  );
  expect(JSON.parse(await readFile(join(folder.path, "target.json"), "utf8"))).toMatchObject({ wish: "up" });
  await engine.kill("SIGKILL");
  engine = new EngineProcess(lab.device, folder.path);
  await engine.state("connected");
});

test("what cannot be put back in /etc is told, keeps nobody closed, and is put back by itself", async () => {
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
  // Nothing can be moved there: what is to be put back cannot be.
  await lab.device.run("mkdir", ["/etc/resolv.conf.nanami"]);
  const from = engine.lines.length;
  engine.send({ do: "disconnect" });
  await engine.until(
    (event, value) => event === "not disconnected" && String(value).includes("/etc/resolv.conf"),
    from,
  );
  await engine.state("disconnected");
  expect(await networkDump(lab.device)).not.toContain("nanami");
  expect(await readFile(join(folder.path, "undo.json"), "utf8")).toContain("former");
  expect(JSON.parse(await readFile(join(folder.path, "target.json"), "utf8"))).toMatchObject({
    wish: "down",
  });
  // Also by the next life of the agent, which starts although it fails again.
  await engine.kill("SIGKILL");
  engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
  await lab.device.run("rmdir", ["/etc/resolv.conf.nanami"]);
  await expect.poll(() => networkDump(lab.device), { timeout: 10_000, interval: 200 }).toBe(before);
});

test("a WireGuard that hangs keeps nobody from disconnecting, nor a new engine from starting", async () => {
  await engine.state("connected", { do: "apply", intent: fullIntent(lab.a), key });
  const pids = await lab.device.run("sh", [
    "-c",
    'for p in /proc/[0-9]*; do tr "\\0" " " < "$p/cmdline" 2>/dev/null | grep -q "^/[^ ]*wireguard-go --foreground nanami0" && echo "${p#/proc/}"; done; true',
  ]);
  const pid = pids.trim();
  expect(pid).toMatch(/^\d+$/);
  await lab.device.run("kill", ["-STOP", pid]);
  try {
    await engine.kill("SIGKILL");
    engine = new EngineProcess(lab.device, folder.path);
    await engine.until((event) => event === "status");
    await engine.state("disconnected", { do: "disconnect" });
    expect(await networkDump(lab.device)).toBe(before);
  } finally {
    await lab.device.exec("kill", ["-KILL", pid]);
  }
});
