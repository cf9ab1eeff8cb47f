import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AgentMismatch, AgentRefusal, AgentUnreachable, connectAgent } from "../../../src/rpc/client.ts";
import { PROTOCOL, type Changed } from "../../../src/rpc/contract.ts";
import { frame, serve, SNAPSHOT } from "./fixtures.ts";

test("a subscriber gets the snapshot and then every change, numbered without a gap", async () => {
  await using agent = await serve();
  const client = await connectAgent(agent.path);
  agent.server.publish({ tunnel: { state: "disconnected" } });
  const seen: Changed[] = [];
  client.onChanged((changed) => seen.push(changed));
  const { sequence, snapshot } = await client.call("subscribe", {});
  expect(snapshot).toEqual(SNAPSHOT);
  agent.server.publish({ controlPlane: { connected: true, problem: null, revoked: false } });
  agent.server.publish({ tunnel: { state: "disconnecting", since: "2026-01-01T00:00:00Z" } });
  await expect.poll(() => seen.length).toBe(2);
  expect(seen.map((changed) => changed.sequence)).toEqual([sequence + 1, sequence + 2]);
  expect(seen[1]?.patch).toEqual({ tunnel: { state: "disconnecting", since: "2026-01-01T00:00:00Z" } });
  client.close();
});

test("a connection that did not subscribe gets no changes", async () => {
  await using agent = await serve();
  const client = await connectAgent(agent.path);
  let count = 0;
  client.onChanged(() => (count += 1));
  agent.server.publish({ tunnel: { state: "disconnected" } });
  await client.call("status", {});
  expect(count).toBe(0);
  client.close();
});

test("subscribers are counted as they come and go", async () => {
  const counts: number[] = [];
  await using agent = await serve({ onSubscribers: (count) => counts.push(count) });
  const client = await connectAgent(agent.path);
  await client.call("subscribe", {});
  client.close();
  await expect.poll(() => counts).toEqual([1, 0]);
});

test("a refusal arrives with its code, sentence and remedy", async () => {
  await using agent = await serve();
  const client = await connectAgent(agent.path);
  const error = await client.call("getPreferences", {}).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(AgentRefusal);
  expect((error as AgentRefusal).problem).toEqual({
    code: "not_enrolled",
    message: "not enrolled",
    remedy: "Enrol first.",
  });
  client.close();
});

test("an unforeseen error in the agent is told without its inside", async () => {
  await using agent = await serve({
    handlers: { gateways: () => Promise.reject(new Error("secret detail")) } as never,
  });
  const client = await connectAgent(agent.path);
  const error = await client.call("gateways", {}).catch((e: unknown) => e);
  expect((error as AgentRefusal).problem.code).toBe("internal");
  expect(JSON.stringify((error as AgentRefusal).problem)).not.toContain("secret");
  expect(agent.faults).toEqual(["gateways failed"]);
  client.close();
});

test("parameters that do not fit the contract are refused with the place", async () => {
  await using agent = await serve();
  const client = await connectAgent(agent.path);
  const error = await client.call("connect", { mode: "everything" } as never).catch((e: unknown) => e);
  expect((error as AgentRefusal).problem.code).toBe("bad_request");
  expect((error as AgentRefusal).problem.errors?.[0]?.pointer).toBe("/mode");
  const extra = await client.call("connect", { interface: "eth0" } as never).catch((e: unknown) => e);
  expect((extra as AgentRefusal).problem.code).toBe("bad_request");
  client.close();
});

test.each([
  ["no socket at the path", "not_installed", () => undefined],
  ["a path where nobody listens", "not_running", (path: string) => writeFileSync(path, "")],
] as const)("%s is told as %s", async (_name, why, prepare) => {
  const folder = mkdtempSync(join(tmpdir(), "nanami-rpc-"));
  const path = join(folder, "agent.sock");
  prepare(path);
  const error = await connectAgent(path).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(AgentUnreachable);
  expect((error as AgentUnreachable).why).toBe(why);
  rmSync(folder, { recursive: true });
});

test("an agent that hangs is given up after the time-out", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nanami-rpc-"));
  const path = join(folder, "agent.sock");
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(path, resolve));
  const error = await connectAgent(path, { timeoutMs: 50 }).catch((e: unknown) => e);
  expect((error as AgentUnreachable).why).toBe("no_answer");
  silent.close();
  rmSync(folder, { recursive: true });
});

test("the end of the connection ends what waits, and is announced", async () => {
  await using agent = await serve({
    handlers: { disconnect: () => new Promise(() => undefined) } as never,
  });
  const client = await connectAgent(agent.path);
  let closed = false;
  client.onClosed(() => (closed = true));
  const waiting = client.call("disconnect", {}).catch((e: unknown) => e);
  await client.call("status", {});
  await agent.server.close();
  expect(((await waiting) as AgentUnreachable).why).toBe("closed");
  expect(closed).toBe(true);
  expect(await client.call("status", {}).catch((e: unknown) => e)).toBeInstanceOf(AgentUnreachable);
});

test.each([
  ["another protocol number", JSON.stringify({ protocol: PROTOCOL + 1 }), PROTOCOL + 1],
  ["no protocol number", JSON.stringify({ hello: "world" }), null],
])("an agent of another version (%s) is a mismatch", async (_name, result, protocol) => {
  const folder = mkdtempSync(join(tmpdir(), "nanami-rpc-"));
  const path = join(folder, "agent.sock");
  const other = createServer((socket) =>
    socket.once("data", () => socket.write(frame(`{"jsonrpc":"2.0","id":0,"result":${result}}`))),
  );
  await new Promise<void>((resolve) => other.listen(path, resolve));
  const error = await connectAgent(path).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(AgentMismatch);
  expect((error as AgentMismatch).agentProtocol).toBe(protocol);
  other.close();
  rmSync(folder, { recursive: true });
});
