/** A page of the attacker's reaches for what listens on the device's own loopback, under the attacker's name. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect } from "vitest";
import { z } from "zod";
import { fetchFrom } from "../../../src/lab/socket.ts";
import { untilLine } from "../../../src/lab/world.ts";
import { privateIntent } from "../tunnel-lab.ts";
import { shown, type Loot } from "./table.ts";
import { behindNanami, behindQuick, PRIVATE, raiseAttackWorld, ROUTER, type AttackWorld } from "./world.ts";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where the attacker's page is served, on the network that the device is in. */
const ATTACKER = "192.168.7.66";

let world: AttackWorld;

beforeAll(async () => {
  world = await raiseAttackWorld();
  await world.lab.router.run("ip", ["address", "add", `${ATTACKER}/24`, "dev", "lan"]);
  return () => world[Symbol.asyncDispose]();
});

interface Request {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly upgrade?: "websocket";
}

const Read = z.object({ method: z.string(), url: z.string(), status: z.number(), body: z.string() });
type Read = z.infer<typeof Read>;

/**
 * The device's user opens the attacker's page, whose name means another address as soon as the page is there: what its
 * script gets to read of what listens on that address and port.
 */
async function visit(address: string, port: number, requests: readonly Request[]): Promise<readonly Read[]> {
  const { device, router } = world.lab;
  const words = [ROUTER, ATTACKER, String(port), address, JSON.stringify(requests)];
  const attacker = router.spawn(process.execPath, [source("rebinding-attacker-program.ts"), ...words], {
    buffer: false,
  });
  await untilLine("router", "attacker", attacker, /^ready$/);
  try {
    const page = `http://page.attacker.example:${port}/`;
    const told = await device.run(process.execPath, [source("page-visit-program.ts"), page]);
    const lines = told.split("\n").filter((line) => line !== "");
    return lines.map((line) => Read.parse(JSON.parse(line)));
  } finally {
    attacker.kill("SIGKILL");
    await attacker;
  }
}

/** What could be read, in words. */
function inWords(read: readonly Read[]): Loot {
  return read
    .filter(({ status }) => status > 0 && status < 400)
    .map(({ method, url, status, body }) => `${method} ${url}: ${status} ${body}`);
}

const NAIVE_PORT = 8090;

shown("DNS rebinding", {
  naive: () =>
    behindQuick(world.lab, { gateway: world.lab.a, allowedIps: PRIVATE }, async () => {
      const words = [source("naive-agent-program.ts"), String(NAIVE_PORT), "/run/wgq0.conf"];
      const agent = world.lab.device.spawn(process.execPath, words, { buffer: false });
      await untilLine("device", "agent", agent, /^ready$/);
      try {
        const read = await visit("127.0.0.1", NAIVE_PORT, [{ method: "GET", path: "/configuration" }]);
        const key = world.lab.key.reveal();
        return inWords(read).filter((words) => words.includes(key));
      } finally {
        agent.kill("SIGKILL");
        await agent;
      }
    }),
  ours: () =>
    behindNanami(world, privateIntent(world.lab.a), async () => {
      const { device } = world.lab;
      const renderer = join(world.folder, "renderer");
      await mkdir(renderer, { recursive: true });
      await writeFile(join(renderer, "index.html"), "the window");
      const words = ["--socket", join(world.folder, "agent.sock"), "--renderer", renderer];
      const host = device.spawn(process.execPath, [source("../../../src/bridge-host/main.ts"), ...words], {
        buffer: false,
      });
      const address = /window at (\S+)/.exec(await untilLine("device", "window", host, /^window at /))?.[1];
      const url = new URL(address ?? "");
      const pass = url.searchParams.get("pass") ?? "";
      const listening = (await device.run("ss", ["-Hltn"]))
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => line.split(/\s+/)[3] ?? "");
      expect(listening.sort()).toEqual([url.host, "127.78.65.78:53"].sort());
      const requests: readonly Request[] = [
        ...["/", `/?pass=${pass}`, "/index.html"].flatMap((path) => [
          { method: "GET", path } as const,
          { method: "POST", path } as const,
        ]),
        { method: "GET", path: "/bridge", upgrade: "websocket" },
      ];
      const read: Read[] = [];
      for (const listener of listening) {
        const [at = "", port = ""] = listener.split(":");
        read.push(...(await visit(at, Number(port), requests)));
      }
      expect(read).toHaveLength(listening.length * requests.length);
      // The window's host understood, and said no; the forwarder of names understood nothing.
      expect(new Set(read.map(({ status }) => status))).toEqual(new Set([0, 403, 421]));
      // Whom it is meant for is let in, with the pass that nobody used up.
      expect(await fetchFrom(device, url.href)).toMatchObject({ status: 303 });
      host.kill("SIGTERM");
      await host;
      return inWords(read);
    }),
});
