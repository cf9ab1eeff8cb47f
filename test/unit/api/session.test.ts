import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import net from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { z } from "zod";
import { ApiClient } from "../../../src/api/client.ts";
import {
  EventSession,
  GATEWAY_BACK_OFF,
  GATEWAY_GRACE_MS,
  pause,
  type SessionState,
} from "../../../src/api/session.ts";

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
});

/** A WebSocket server on loopback that hands out its sockets. */
async function server(heartbeat = true): Promise<{ origin: string; wss: WebSocketServer }> {
  const wss = new WebSocketServer({ port: 0, host: "127.0.0.1", autoPong: heartbeat });
  await new Promise((resolve) => wss.once("listening", resolve));
  undo.push(() => {
    for (const client of wss.clients) client.terminate();
    wss.close();
  });
  return { origin: `http://127.0.0.1:${(wss.address() as AddressInfo).port}`, wss };
}

function session(
  origin: string,
  more: { heartbeatMs?: number; onMessage?: (message: unknown) => void } = {},
) {
  const messages: unknown[] = [];
  const states: SessionState[] = [];
  const one = new EventSession({
    origin,
    token: "secret",
    incoming: z.strictObject({ n: z.number() }),
    hello: () => ({ hello: true }),
    onMessage: (message) => messages.push(message),
    onState: (state) => states.push(state),
    backOff: { shortest: 10, longest: 40 },
    ...more,
  });
  undo.push(() => one.stop());
  one.start();
  return { one, messages, states };
}

describe("an event session", () => {
  it("shows its token, says hello first and delivers parsed messages", async () => {
    const { origin, wss } = await server();
    const first = new Promise<{ token: string | undefined; hello: string }>((resolve) =>
      wss.once("connection", (socket, request) =>
        socket.once("message", (data: Buffer) => {
          resolve({ token: request.headers.authorization, hello: data.toString() });
          socket.send('{"n":1}');
        }),
      ),
    );
    const { messages } = session(origin);
    expect(await first).toEqual({ token: "Bearer secret", hello: '{"hello":true}' });
    await expect.poll(() => messages).toEqual([{ n: 1 }]);
  });

  it("comes back after the connection was lost", async () => {
    const { origin, wss } = await server();
    let connections = 0;
    wss.on("connection", (socket) => {
      connections += 1;
      if (connections < 3) socket.terminate();
    });
    const { one } = session(origin);
    await expect.poll(() => connections).toBe(3);
    await expect.poll(() => one.connected).toBe(true);
  });

  it.each([
    ["not JSON", "{"],
    ["unknown fields", '{"n":1,"x":2}'],
    ["another type", '{"n":"1"}'],
  ])("delivers nothing of a frame with %s, says so and tries again", async (_what, frame) => {
    const { origin, wss } = await server();
    let connections = 0;
    wss.on("connection", (socket) => {
      connections += 1;
      socket.send(connections === 1 ? frame : '{"n":7}');
    });
    const { messages, states } = session(origin);
    await expect.poll(() => messages).toEqual([{ n: 7 }]);
    expect(states.find((state) => state.state === "waiting")).toMatchObject({
      problem: expect.stringContaining("not part of the contract") as string,
    });
  });

  it("ends the connection and backs off when what came cannot be used, and goes on afterwards", async () => {
    const { origin, wss } = await server();
    const closes: number[] = [];
    wss.on("connection", (socket) => {
      socket.on("close", (code) => closes.push(code));
      socket.send(`{"n":${closes.length}}`);
    });
    const used: unknown[] = [];
    const onMessage = (message: unknown): void => {
      if (closes.length < 2) throw new Error("no such gateway");
      used.push(message);
    };
    const { states } = session(origin, { onMessage });
    await expect.poll(() => used).toEqual([{ n: 2 }]);
    expect(closes).toEqual([1008, 1008]);
    const pauses = states.flatMap((state) => (state.state === "waiting" ? [state.retryMs] : []));
    expect(pauses[0]).toBeLessThanOrEqual(10);
    expect(pauses[1]).toBeGreaterThanOrEqual(10);
    expect(states.find((state) => state.state === "waiting")).toMatchObject({
      problem: expect.stringContaining("no such gateway") as string,
    });
  });

  it("ends a connection whose other side went silent", async () => {
    const { origin, wss } = await server(false);
    let connections = 0;
    wss.on("connection", () => (connections += 1));
    const { states } = session(origin, { heartbeatMs: 15 });
    await expect.poll(() => connections).toBeGreaterThan(1);
    expect(states.find((state) => state.state === "waiting")).toMatchObject({
      problem: expect.stringContaining("stopped answering") as string,
    });
  });

  it("stays away for good after close code 4401 and hands on the reason", async () => {
    const { origin, wss } = await server();
    let connections = 0;
    wss.on("connection", (socket) => {
      connections += 1;
      socket.close(4401, "revoked by the operator");
    });
    const { states } = session(origin);
    await expect.poll(() => states.at(-1)).toEqual({ state: "revoked", message: "revoked by the operator" });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(connections).toBe(1);
  });
});

it("the pause grows to its longest and is never below half of itself", () => {
  const backOff = { shortest: 500, longest: 30_000 };
  expect([0, 1, 2, 10, 1000].map((n) => pause(n, backOff, () => 0))).toEqual([
    250, 500, 1000, 15_000, 15_000,
  ]);
  expect([0, 1, 2, 10, 1000].map((n) => pause(n, backOff, () => 0.999999))).toEqual([
    500, 1000, 2000, 30_000, 30_000,
  ]);
});

it("a gateway is back within the grace of a control plane that starts, however long that was away", () => {
  // An attempt and its first words take time as well.
  expect(pause(1000, GATEWAY_BACK_OFF, () => 0.999999)).toBeLessThan(GATEWAY_GRACE_MS - 3000);
});

describe("the HTTP client", () => {
  const answer = z.strictObject({ n: z.number() });

  async function http(status: number, body: string, type = "application/json"): Promise<ApiClient> {
    const one = createServer((_request, response) => {
      response.writeHead(status, { "content-type": type, etag: '"5"' }).end(body);
    });
    await new Promise<void>((resolve) => one.listen(0, "127.0.0.1", resolve));
    const client = new ApiClient({
      origin: `http://127.0.0.1:${(one.address() as AddressInfo).port}`,
      timeoutMs: 300,
    });
    undo.push(() => {
      client.close();
      one.close();
      one.closeAllConnections();
    });
    return client;
  }

  it("gives body and ETag of a good answer", async () => {
    const client = await http(200, '{"n":3}');
    expect(await client.call({ method: "GET", path: "/x", answer })).toEqual({
      ok: true,
      status: 200,
      body: { n: 3 },
      etag: '"5"',
    });
  });

  it("gives the problem of a refusal with its first detail as message", async () => {
    const problem = {
      type: "about:blank",
      title: "Invalid",
      status: 422,
      code: "invalid",
      errors: [{ pointer: "/a", code: "c", message: "because" }],
    };
    const client = await http(422, JSON.stringify(problem), "application/problem+json");
    expect(await client.call({ method: "GET", path: "/x", answer })).toMatchObject({
      ok: false,
      kind: "refused",
      status: 422,
      message: "because",
    });
  });

  it.each([
    ["HTML", 200, "<html>"],
    ["other fields", 200, '{"m":1}'],
    ["an error that is no problem document", 500, '{"oops":true}'],
    ["nothing", 200, ""],
  ])("calls %s garbage", async (_what, status, body) => {
    const client = await http(status, body);
    expect(await client.call({ method: "GET", path: "/x", answer })).toMatchObject({
      ok: false,
      kind: "garbage",
    });
  });

  it("tells a server that hangs from one that is not there", async () => {
    const silent = net.createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const hanging = new ApiClient({ origin, timeoutMs: 100 });
    expect(await hanging.call({ method: "GET", path: "/x", answer })).toMatchObject({
      ok: false,
      kind: "timeout",
    });
    hanging.close();
    silent.close();
    const gone = new ApiClient({ origin, timeoutMs: 1000 });
    expect(await gone.call({ method: "GET", path: "/x", answer })).toMatchObject({
      ok: false,
      kind: "unreachable",
    });
  });
});
