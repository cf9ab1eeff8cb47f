import { expect, test } from "vitest";
import { AgentUnreachable, connectAgent } from "../../../src/rpc/client.ts";
import { MAX_MESSAGE, PROTOCOL } from "../../../src/rpc/contract.ts";
import { dial, ended, frame, serve } from "./fixtures.ts";

const status = { jsonrpc: "2.0", id: 1, method: "status", params: {} };

test.each([
  ["a body that is not JSON", frame("{")],
  ["a batch", frame([status])],
  ["null", frame("null")],
  ["another version of JSON-RPC", frame({ ...status, jsonrpc: "1.0" })],
  ["a notification", frame({ jsonrpc: "2.0", method: "status", params: {} })],
  ["an answer nobody asked for", frame({ jsonrpc: "2.0", id: 1, result: {} })],
  ["a cancellation", frame({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id: 1 } })],
  ["parameters by position", frame({ ...status, params: [] })],
  ["an endless method name", frame({ ...status, method: "x".repeat(100_000) })],
  ["no Content-Length", "Content-Type: x\r\n\r\n{}"],
  ["two Content-Lengths", "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"],
  ["a negative Content-Length", "Content-Length: -1\r\n\r\n{}"],
  ["a hexadecimal Content-Length", "Content-Length: 0x10\r\n\r\n{}"],
  ["a header block without end", "X-Filler: ".padEnd(100_000, "x")],
  ["HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["a message over the limit", `Content-Length: ${MAX_MESSAGE + 1}\r\n\r\n`],
])("%s ends that connection and no other", async (_name, bytes) => {
  await using agent = await serve();
  const client = await connectAgent(agent.path);
  const attacker = await dial(agent.path);
  attacker.write(bytes);
  await ended(attacker);
  expect((await client.call("status", {})).tunnel.state).toBe("disconnected");
  client.close();
});

test("a peer that may only look is dropped for a large message by its header; one with standing is heard", async () => {
  let standing = false;
  await using agent = await serve({ hasStanding: () => standing });
  const large = { ...status, method: "reboot", params: { filler: "x".repeat(100_000) } };
  const stranger = await dial(agent.path);
  stranger.write(`Content-Length: ${64 * 1024 + 1}\r\n\r\n`);
  await ended(stranger);
  expect(agent.faults.join()).toContain("at most 65536 are accepted");
  const peer = await dial(agent.path);
  let answer = "";
  peer.on("data", (chunk) => (answer += chunk.toString()));
  peer.write(frame(status));
  await expect.poll(() => answer).toContain('"id":1');
  standing = true;
  peer.write(frame({ ...large, id: 2 }));
  await expect.poll(() => answer).toContain('no request \\"reboot\\"');
  peer.destroy();
});

test("unknown requests, prototype names among them, are refused by name", async () => {
  await using agent = await serve();
  const client = await connectAgent(agent.path);
  for (const method of ["reboot", "__proto__", "constructor", "toString"]) {
    await expect(client.call(method as never, {} as never)).rejects.toThrow(`no request "${method}"`);
  }
  client.close();
});

test("a message split into single bytes is read, and so are two in one piece", async () => {
  await using agent = await serve();
  const socket = await dial(agent.path);
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk.toString()));
  for (const byte of Buffer.from(frame(status))) {
    socket.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => answer.match(/"id":1/g)?.length).toBe(1);
  socket.write(frame({ ...status, id: 2 }) + frame({ ...status, id: 3 }));
  await expect.poll(() => answer).toContain('"id":3');
  expect(answer).toContain('"id":2');
  socket.destroy();
});

test("a message that is begun and not completed is dropped after its time", async () => {
  await using agent = await serve({ limits: { messageTimeout: 30 } });
  const slow = await dial(agent.path);
  slow.write("Content-Length: 100\r\n\r\n{");
  await ended(slow);
  expect(agent.faults.join()).toContain("begun and not completed");
});

test("an idle connection is not dropped for being idle", async () => {
  await using agent = await serve({ limits: { messageTimeout: 30 } });
  const client = await connectAgent(agent.path);
  await new Promise((resolve) => setTimeout(resolve, 90));
  expect((await client.call("status", {})).protocol).toBe(PROTOCOL);
  client.close();
});

test("a peer that never reads is dropped when its backlog is full", async () => {
  await using agent = await serve({ limits: { maxBacklog: 64 * 1024 } });
  const slow = await dial(agent.path);
  slow.pause();
  slow.write(frame({ ...status, method: "subscribe" }));
  const problem = "x".repeat(100_000);
  let sent = 0;
  await expect
    .poll(() => {
      agent.server.publish({ controlPlane: { connected: false, problem, revoked: false } });
      sent += 1;
      return agent.faults.join();
    })
    .toContain("does not read");
  expect(sent).toBeLessThan(100);
  await ended(slow);
});

test("requests that pile up unanswered end the connection", async () => {
  await using agent = await serve({
    limits: { maxPending: 4 },
    handlers: { disconnect: () => new Promise(() => undefined) } as never,
  });
  const flood = await dial(agent.path);
  for (let id = 0; id < 5; id += 1) flood.write(frame({ ...status, id, method: "disconnect" }));
  await ended(flood);
  expect(agent.faults.join()).toContain("too many requests");
});

test("one user's connections are bounded, and another user still gets in", async () => {
  let uid = 1000;
  await using agent = await serve({
    identify: () => ({ uid }),
    limits: { maxConnectionsPerUser: 3, maxConnections: 16 },
  });
  const first = await Promise.all([1, 2, 3].map(() => connectAgent(agent.path)));
  await expect(connectAgent(agent.path)).rejects.toBeInstanceOf(AgentUnreachable);
  uid = 1001;
  (await connectAgent(agent.path)).close();
  for (const client of first) client.close();
});

test("connections in all are bounded, and root still gets in", async () => {
  let uid = 1;
  await using agent = await serve({
    identify: () => ({ uid: uid && (uid += 1) }),
    limits: { maxConnections: 3 },
  });
  const held = await Promise.all([1, 2, 3].map(() => connectAgent(agent.path)));
  await expect(connectAgent(agent.path)).rejects.toBeInstanceOf(AgentUnreachable);
  uid = 0;
  const root = await connectAgent(agent.path);
  for (const client of [...held, root]) client.close();
});

test("a peer whose identity cannot be read is not served", async () => {
  await using agent = await serve({
    identify: () => {
      throw new Error("no credentials");
    },
  });
  await expect(connectAgent(agent.path)).rejects.toBeInstanceOf(AgentUnreachable);
});

test("what a peer may not see or do is decided before its parameters are looked at", async () => {
  await using agent = await serve({
    refuses: (_peer, method) =>
      method === "status" ? undefined : { code: "not_permitted", message: "not for you" },
    view: (part) => ({
      ...part,
      path: null,
      controlPlane: { connected: false, problem: "seen", revoked: false },
    }),
  });
  const client = await connectAgent(agent.path);
  await expect(client.call("connect", { mode: "nonsense" } as never)).rejects.toThrow("not for you");
  expect((await client.call("status", {})).controlPlane.problem).toBe("seen");
  client.close();
});
