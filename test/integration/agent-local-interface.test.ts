/**
 * The agent's local interface as a process of its own: who gets to the socket, what the kernel says about them, what
 * an attacker on it achieves (nothing), and what the agent costs while nobody asks it for anything.
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ResultPromise } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AgentRefusal, AgentUnreachable, connectAgent, type AgentClient } from "../../src/rpc/client.ts";
import { PROTOCOL } from "../../src/rpc/contract.ts";
import { Host } from "../../src/lab/host.ts";
import { as, severalUsers } from "./another-user.ts";

const AGENT = fileURLToPath(new URL("../../src/agent/main.ts", import.meta.url));
const GROUP = 900;

let folder: string;
let host: Host;
let socket: string;
let log: string;

function start(options: { state?: string; socket?: string } = {}): ResultPromise {
  const state = options.state ?? join(folder, "state");
  const child = host.spawn(
    process.execPath,
    [AGENT, "--state", state, "--socket", options.socket ?? socket],
    {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
      buffer: false,
    },
  );
  child.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  return child;
}

async function whenUp(): Promise<AgentClient> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      return await connectAgent(socket);
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`the agent did not come up: ${log}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (error instanceof AgentRefusal) return error.problem.code;
  return error instanceof Error ? error.message : "done";
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nanami-"));
  host = await Host.create("device");
  // A group that is not mapped can be given nothing (user_namespaces(7)).
  if (severalUsers) await host.run("sh", ["-c", `echo nanami:x:${GROUP}: >> /etc/group`]);
  socket = join(folder, "run", "agent.sock");
  log = "";
});

afterEach(async () => {
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

describe("the socket", () => {
  test("lies in a folder that only root and the group may enter", async () => {
    void start();
    (await whenUp()).close();
    const found = await stat(join(folder, "run"));
    expect(found.mode & 0o777).toBe(severalUsers ? 0o750 : 0o700);
    if (severalUsers) expect(found.gid).toBe(GROUP);
    expect((await stat(join(folder, "state"))).mode & 0o777).toBe(0o700);
  });

  test("has one agent: a second one leaves it alone, says why, and exits with 1", async () => {
    void start();
    const client = await whenUp();
    const second = await start({ state: join(folder, "state2") });
    expect(second.exitCode).toBe(1);
    expect(log).toContain("another agent is running");
    expect((await client.call("status", {})).tunnel.state).toBe("disconnected");
    client.close();
  });

  test("left behind by a killed agent is taken over by the next", async () => {
    const first = start();
    (await whenUp()).close();
    first.kill("SIGKILL");
    await first;
    await expect(connectAgent(socket)).rejects.toMatchObject({ why: "not_running" });
    void start();
    (await whenUp()).close();
  });

  test("with a path that is too long is refused in words", async () => {
    const long = join(folder, "x".repeat(100), "agent.sock");
    expect((await start({ socket: long })).exitCode).toBe(1);
    expect(log).toContain("at most 100");
  });

  test("is not opened over a state folder that others may enter", async () => {
    mkdirSync(join(folder, "state"), { mode: 0o755 });
    expect((await start()).exitCode).toBe(1);
    expect(log).toContain("run chmod 700 on it");
    expect(readdirSync(join(folder, "state"))).toEqual([]);
  });

  test("is gone after SIGTERM, and the agent ends with 0", async () => {
    const child = start();
    (await whenUp()).close();
    child.kill("SIGTERM");
    expect((await child).exitCode).toBe(0);
    await expect(connectAgent(socket)).rejects.toBeInstanceOf(AgentUnreachable);
  });
});

describe("who asks is known from the kernel", () => {
  beforeEach((context) => {
    context.skip(!severalUsers, "without root there is no other user here");
  });

  const MEMBER = { uid: 1001, groups: [GROUP] };
  const STRANGER = { uid: 1002, groups: [] };

  test("in the folder that the agent made: the group gets in, strangers do not", async () => {
    // Everybody may pass through what lies above; on a real system that is /run.
    await host.run("chmod", ["755", folder]);
    void start();
    (await whenUp()).close();
    const member = await as(MEMBER, () => connectAgent(socket));
    expect(await codeOf(member.call("connect", {}))).toBe("not_enrolled");
    expect(await codeOf(member.call("enroll", { link: "nonsense" }))).toBe("bad_request");
    member.close();
    await expect(as(STRANGER, () => connectAgent(socket))).rejects.toMatchObject({ why: "not_permitted" });
  });

  test("in a folder that lets everybody in: strangers see the state, and change nothing", async () => {
    await host.run("chmod", ["755", folder]);
    mkdirSync(join(folder, "run"), { mode: 0o755 });
    void start();
    (await whenUp()).close();
    const stranger = await as(STRANGER, () => connectAgent(socket));
    expect((await stranger.call("status", {})).tunnel.state).toBe("disconnected");
    expect(await codeOf(stranger.call("connect", { mode: "full_tunnel" }))).toBe("not_permitted");
    expect(await codeOf(stranger.call("disconnect", {}))).toBe("not_permitted");
    expect(await codeOf(stranger.call("enroll", { link: "nonsense" }))).toBe("not_permitted");
    stranger.close();
  });
});

describe("an attacker on the socket", () => {
  test("neither stops the agent nor locks root out", async () => {
    await host.run("chmod", ["755", folder]);
    mkdirSync(join(folder, "run"), { mode: 0o755 });
    let ended = false;
    void start().then(() => (ended = true));
    const root = await whenUp();
    const attacker = { uid: 1002, groups: [] };
    const sockets: Socket[] = [];
    const floods = [
      "Content-Length: 99999999999\r\n\r\n",
      "Content-Length: 8388608\r\n\r\n{",
      'Content-Length: 3\r\n\r\n"}{',
      "\0".repeat(4096),
      'Content-Length: 49\r\n\r\n{"jsonrpc":"2.0","id":1,"method":"x","params":{}}'.repeat(100),
    ];
    for (let index = 0; index < 200; index += 1) {
      const one = as(attacker, () => connect(socket));
      one.on("error", () => undefined);
      one.write(floods[index % floods.length] ?? "");
      sockets.push(one);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await root.call("status", {})).protocol).toBe(PROTOCOL);
    if (severalUsers) (await connectAgent(socket)).close();
    for (const one of sockets) one.destroy();
    await expect.poll(async () => (await connectAgent(socket)).close()).toBeUndefined();
    expect(ended).toBe(false);
    root.close();
  });
});

describe("what it costs", () => {
  test("idle: under 110 MB, and under 1 % of a core with a face that watches", async () => {
    const child = start();
    const client = await whenUp();
    await client.call("subscribe", {});
    const stats = () =>
      readFileSync(`/proc/${child.pid ?? 0}/stat`, "utf8")
        .split(") ")[1]
        ?.split(" ") ?? [];
    // Fields 14 and 15 of stat(5), in ticks of 10 ms; counted from the third.
    const ticks = () => Number(stats()[11]) + Number(stats()[12]);
    const ticksDuring = async (ms: number) => {
      const before = ticks();
      await new Promise((resolve) => setTimeout(resolve, ms));
      return ticks() - before;
    };
    // How long starting takes is the machine's: it is over when a second costs next to nothing.
    await expect.poll(() => ticksDuring(1000), { timeout: 20_000, interval: 50 }).toBeLessThanOrEqual(1);
    expect(await ticksDuring(3000)).toBeLessThanOrEqual(3);
    const status = readFileSync(`/proc/${child.pid ?? 0}/status`, "utf8");
    const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
    expect(resident / 1024).toBeLessThan(110);
    client.close();
  });
});
