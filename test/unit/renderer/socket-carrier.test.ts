/** The bridge over a WebSocket, from a connection that was made before anybody could listen. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocketServer, type WebSocket as Peer } from "ws";
import { socketCarrier, type EarlySocket } from "../../../renderer/bridge/socket-carrier.ts";

let http: Server;
let sockets: WebSocketServer;
let url: URL;
/** What pages sent, and the connections they made. */
let heard: unknown[];
let peers: Peer[];

beforeEach(async () => {
  [heard, peers] = [[], []];
  http = createServer();
  sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (peer) => {
    peers.push(peer);
    peer.on("message", (data: Buffer) => heard.push(JSON.parse(data.toString())));
    // As the host does: everything at once, unasked.
    peer.send(JSON.stringify({ update: `all of ${peers.length}` }));
  });
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  url = new URL(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
});
afterEach(async () => {
  for (const peer of sockets.clients) peer.terminate();
  sockets.close();
  await new Promise((done) => http.close(done));
});

/** A connection on which the host has told already. */
async function early(): Promise<EarlySocket> {
  const socket = new WebSocket(url);
  const said: unknown[] = [];
  await new Promise<void>((done) => {
    socket.addEventListener("message", ({ data }) => {
      said.push(data);
      done();
    });
  });
  return { socket, said };
}

const carrierFrom = (first: EarlySocket | undefined) =>
  socketCarrier({ url, first, inBrowser: (name) => ({ ok: true, value: name }) });

test("who listens first hears what was told before, once, and asks for nothing", async () => {
  const carrier = carrierFrom(await early());
  const updates: unknown[] = [];
  carrier.subscribe((update) => updates.push(update));
  // Not while it subscribes: who listens has to be able to stop it.
  expect(updates).toEqual([]);
  await Promise.resolve();
  expect(updates).toEqual(["all of 1"]);
  peers[0]?.send(JSON.stringify({ update: "more" }));
  await vi.waitFor(() => expect(updates).toEqual(["all of 1", "more"]));
  expect(heard).toEqual([]);
});

test("who listens later asks for everything", async () => {
  const carrier = carrierFrom(await early());
  carrier.subscribe(() => undefined);
  carrier.subscribe(() => undefined);
  await vi.waitFor(() => expect(heard).toEqual([{ watch: true }]));
});

test("who stopped listening at once hears nothing", async () => {
  const carrier = carrierFrom(await early());
  const updates: unknown[] = [];
  carrier.subscribe((update) => updates.push(update))();
  await vi.waitFor(() => expect(heard).toEqual([{ watch: false }]));
  expect(updates).toEqual([]);
});

test("requests are answered on it, but for those that a browser answers", async () => {
  const carrier = carrierFrom(await early());
  const answer = carrier.request("gateways", {});
  await vi.waitFor(() => expect(heard).toEqual([{ id: 1, name: "gateways", params: {} }]));
  peers[0]?.send(JSON.stringify({ id: 1, outcome: { ok: true, value: [] } }));
  expect(await answer).toEqual({ ok: true, value: [] });
  expect(await carrier.request("saveFile", {})).toEqual({ ok: true, value: "saveFile" });
  expect(heard).toHaveLength(1);
});

test("when it ends another comes, which tells everything anew and nothing of the former", async () => {
  const carrier = carrierFrom(await early());
  peers[0]?.terminate();
  await vi.waitFor(() => expect(peers).toHaveLength(2), { timeout: 5000 });
  // Nobody listens yet.
  await vi.waitFor(() => expect(heard).toEqual([{ watch: false }]));
  const updates: unknown[] = [];
  carrier.subscribe((update) => updates.push(update));
  await vi.waitFor(() => expect(heard).toEqual([{ watch: false }, { watch: true }]));
  expect(updates).not.toContain("all of 1");
});

test("who listens only after the early connection opened asks for everything", async () => {
  const socket = new WebSocket(url);
  const carrier = carrierFrom({ socket, said: [] });
  // The host was asked to tell nothing meanwhile.
  await vi.waitFor(() => expect(heard).toEqual([{ watch: false }]));
  carrier.subscribe(() => undefined);
  await vi.waitFor(() => expect(heard).toEqual([{ watch: false }, { watch: true }]));
});

test.each(["early", "later"])(
  "what no host says (%s) ends the connection, and the next one tells",
  async (when) => {
    const first = await early();
    const carrier = carrierFrom(when === "early" ? { ...first, said: ["{", ...first.said] } : first);
    const updates: unknown[] = [];
    carrier.subscribe((update) => updates.push(update));
    if (when === "later") peers[0]?.send("{");
    await vi.waitFor(() => expect(updates).toContain("all of 2"), { timeout: 5000 });
  },
);

test("without an early connection it makes one", async () => {
  const carrier = carrierFrom(undefined);
  const updates: unknown[] = [];
  carrier.subscribe((update) => updates.push(update));
  await vi.waitFor(() => expect(updates).toEqual(["all of 1"]));
  expect(heard).toEqual([]);
});
