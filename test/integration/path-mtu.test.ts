/** Links that drop large packets and tell nobody: found by probing, over one hop and over two. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scratch } from "../../src/lab/host.ts";
import type { Intent, PathMtu } from "../../src/tunnel/types.ts";
import {
  EngineProcess,
  fullIntent,
  nestedIntent,
  PUBLIC_SERVER,
  PUBLIC_SERVER_6,
  raiseLab,
  reaches,
  type Lab,
} from "./tunnel-lab.ts";

const program = fileURLToPath(new URL("./connections-program.ts", import.meta.url));

let lab: Lab;
let folder: Awaited<ReturnType<typeof scratch>>;
let engine: EngineProcess;
let key: string;

beforeAll(async () => {
  lab = await raiseLab();
  folder = await scratch();
  key = lab.key.reveal();
  engine = new EngineProcess(lab.device, folder.path);
  await engine.state("disconnected");
});

afterAll(async () => {
  await engine.kill("SIGKILL");
  await lab[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The router drops what is longer than so many bytes, both ways; null = nothing. */
async function blackHole(longest: number | null): Promise<void> {
  const rule = longest === null ? "" : `meta length > ${longest} drop`;
  await lab.router.run("nft", ["-f", "-"], {
    input: `table inet hole { }
      delete table inet hole
      table inet hole {
        chain forward {
          type filter hook forward priority -300
          ${rule}
        }
      }
    `,
  });
}

/** A large answer by TCP: what hangs in a black hole. Bytes that came within three seconds. */
async function download(address: string): Promise<number> {
  return Number(await lab.device.run(process.execPath, [program, "drain", "7100", address]));
}

/** Waits until what is known of packet sizes is this, from the line `from` on. */
async function found(fits: (mtu: PathMtu | null) => boolean, from: number): Promise<void> {
  await engine.until((event, value) => event === "path mtu" && fits(value as PathMtu | null), from);
}

const become = (intent: Intent) => engine.state("connected", { do: "apply", intent, key });
const SIZE = 200_000;

test("one hop: a hole that appears is noticed, smaller packets are sent, and IPv6 still fits", async () => {
  void lab.internet.spawn(process.execPath, [program, "pour", "7100", String(SIZE)], { stdio: "ignore" });
  await become(fullIntent(lab.a));
  await expect.poll(() => download(PUBLIC_SERVER), { timeout: 10_000 }).toBe(SIZE);
  await blackHole(1420);
  expect(await download(PUBLIC_SERVER)).toBeLessThan(SIZE);
  const from = engine.lines.length;
  engine.send({ do: "check" });
  // 1420 bytes on the link are 1360 in the tunnel: 20 of IPv4, 8 of UDP and 32 of WireGuard.
  await found((mtu) => mtu?.passes === 1360 && mtu.ipv6, from);
  await expect.poll(() => download(PUBLIC_SERVER), { timeout: 10_000 }).toBe(SIZE);
  expect(await lab.device.run("ip", ["route", "get", PUBLIC_SERVER])).toContain("mtu 1360");
  expect(await reaches(lab.device, PUBLIC_SERVER_6)).toBe(true);
}, 40_000);

test("a hole below what IPv6 needs makes IPv6 unreachable, and it is said", async () => {
  await blackHole(1300);
  const from = engine.lines.length;
  engine.send({ do: "check" });
  await found((mtu) => mtu?.passes === 1232 && !mtu.ipv6, from);
  await expect.poll(() => download(PUBLIC_SERVER), { timeout: 10_000 }).toBe(SIZE);
  expect(await reaches(lab.device, PUBLIC_SERVER_6)).toBe(false);
});

test("when the hole is gone, the whole size is used again", async () => {
  await blackHole(null);
  const from = engine.lines.length;
  engine.send({ do: "check" });
  await found((mtu) => mtu === null, from);
  await expect
    .poll(() => lab.device.run("ip", ["route", "get", PUBLIC_SERVER]), { timeout: 5000 })
    .not.toContain("mtu");
  expect(await reaches(lab.device, PUBLIC_SERVER_6)).toBe(true);
});

test("two hops: the hole is found when connecting, with both layers counted", async () => {
  await blackHole(1420);
  const from = engine.lines.length;
  await become(nestedIntent(lab.a, lab.b));
  // Twice 60 bytes around it; 1300 rounded to WireGuard's padding.
  await found((mtu) => mtu?.passes === 1296 && mtu.intended === 1340, from);
  await expect.poll(() => download(PUBLIC_SERVER), { timeout: 10_000 }).toBe(SIZE);
  // To the private network there is one layer less.
  expect(await lab.device.run("ip", ["route", "get", "10.20.0.10"])).toContain("mtu 1356");
}, 30_000);
