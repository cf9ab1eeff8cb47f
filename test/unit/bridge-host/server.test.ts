/** The bridge's door, as a web page in the same browser, another user or a broken window would try it. */
import { once } from "node:events";
import { connect } from "node:net";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { execa } from "execa";
import { WebSocket } from "ws";
import { readPageFiles } from "../../../src/face/page-files.ts";
import { uidsOfPeers } from "../../../src/bridge-host/peer-owner.ts";
import { startBridgeHost, type BridgeHost } from "../../../src/bridge-host/server.ts";
import { deskAt } from "../face/fixtures.ts";
import { serve } from "../rpc/fixtures.ts";

let folder: string;
let agent: Awaited<ReturnType<typeof serve>>;
let face: ReturnType<typeof deskAt>;
let host: BridgeHost;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "nanami-page-"));
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>Nanami</title>");
  writeFileSync(join(folder, "secrets.pem"), "no file of the interface");
  agent = await serve();
  face = deskAt(agent.path);
  host = await startBridgeHost({ desk: face.desk, files: await readPageFiles(folder), port: 0 });
});
afterEach(async () => {
  await host.close();
  face[Symbol.dispose]();
  await agent[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** One request as text, so that any header can be sent. */
async function raw(lines: readonly string[]): Promise<string> {
  const { port } = new URL(host.origin);
  const socket = connect(Number(port), "127.0.0.1");
  socket.end(`${lines.join("\r\n")}\r\n\r\n`);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}

async function enter(): Promise<string> {
  const answer = await fetch(host.address, { redirect: "manual" });
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

function open(headers: Record<string, string>): Promise<{ socket: WebSocket; frames: string[] } | number> {
  const socket = new WebSocket(`${host.origin.replace("http", "ws")}/bridge`, { headers });
  const frames: string[] = [];
  socket.on("message", (data: Buffer) => frames.push(data.toString()));
  return new Promise((resolve) => {
    socket.on("open", () => resolve({ socket, frames }));
    socket.on("unexpected-response", (_, response) => resolve(response.statusCode ?? 0));
    socket.on("error", () => undefined);
  });
}

async function entered(): Promise<{ socket: WebSocket; frames: string[] }> {
  const opened = await open({ Cookie: await enter(), Origin: host.origin });
  if (typeof opened === "number") throw new Error(`refused with ${opened}`);
  return opened;
}

test("the pass opens once, is exchanged for a cookie that scripts and other sites do not get, and leaves the address", async () => {
  const { address } = host;
  const first = await fetch(address, { redirect: "manual" });
  expect(first.status).toBe(303);
  expect(first.headers.get("location")).toBe("/");
  expect(first.headers.get("set-cookie")).toMatch(/; HttpOnly; SameSite=Strict$/);
  expect(host.address).toBe(`${host.origin}/`);
  expect((await fetch(address, { redirect: "manual" })).status).toBe(403);
});

test("with the cookie the page comes, under a policy that lets nothing of others in", async () => {
  const answer = await fetch(host.origin, { headers: { Cookie: await enter() } });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain("<title>Nanami");
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(policy).not.toMatch(/unsafe|\*/);
});

test.each([
  ["no cookie", "/", "403"],
  ["a wrong pass", "/?pass=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "403"],
])("without the right to enter (%s) there is no page", async (_, path, status) => {
  expect((await fetch(`${host.origin}${path}`, { redirect: "manual" })).status).toBe(Number(status));
});

test("only files of the interface are pages, whatever path is asked for", async () => {
  const Cookie = await enter();
  const { host: authority } = new URL(host.origin);
  for (const path of [
    "/secrets.pem",
    "/../package.json",
    "/%2e%2e/package.json",
    "//evil.example/",
    "/nothing",
  ]) {
    const answer = await raw([
      `GET ${path} HTTP/1.1`,
      `Host: ${authority}`,
      `Cookie: ${Cookie}`,
      "Connection: close",
    ]);
    expect(answer.split("\r\n")[0], path).toMatch(/ 40[04] /);
  }
});

test("a page that has our address under another name (DNS rebinding) gets nothing", async () => {
  const Cookie = await enter();
  const { port } = new URL(host.origin);
  for (const name of ["evil.example", `evil.example:${port}`, `localhost:${port}`, "127.0.0.1"]) {
    const answer = await raw([`GET / HTTP/1.1`, `Host: ${name}`, `Cookie: ${Cookie}`, "Connection: close"]);
    expect(answer.split("\r\n")[0], name).toContain(" 421 ");
  }
});

test("the bridge opens for our own page with the cookie, and for nobody else", async () => {
  const Cookie = await enter();
  const Origin = host.origin;
  expect(await open({ Cookie })).toBe(403);
  expect(await open({ Origin })).toBe(403);
  expect(await open({ Cookie, Origin: "https://evil.example" })).toBe(403);
  expect(await open({ Cookie: Cookie.replace(/=.*/, "=guess"), Origin })).toBe(403);
  expect(await open({ Cookie, Origin, Host: "evil.example" })).toBe(403);
  const opened = await open({ Cookie, Origin });
  expect(typeof opened).toBe("object");
  if (typeof opened === "object") opened.socket.terminate();
});

test("the whole state comes first, and an answer bears the number of its request", async () => {
  const { socket, frames } = await entered();
  await vi.waitFor(() => expect(frames.join()).toContain('"kind":"state"'));
  socket.send(JSON.stringify({ id: 41, name: "gateways", params: {} }));
  await vi.waitFor(() => expect(frames).toContain('{"id":41,"outcome":{"ok":true,"value":[]}}'));
  socket.terminate();
});

test("a window that nobody sees is told nothing, still gets its answers, and is told everything when it is seen again", async () => {
  const { socket, frames } = await entered();
  await vi.waitFor(() => expect(frames.join()).toContain('"state":"ready"'));
  socket.send(JSON.stringify({ watch: false }));
  socket.send(JSON.stringify({ id: 1, name: "gateways", params: {} }));
  await vi.waitFor(() => expect(frames.at(-1)).toContain('"id":1'));
  const before = frames.length;
  agent.server.publish({ announcement: "while nobody saw it" });
  await vi.waitFor(() => expect(JSON.stringify(face.link.state)).toContain("while nobody saw it"));
  socket.send(JSON.stringify({ id: 2, name: "gateways", params: {} }));
  await vi.waitFor(() => expect(frames.at(-1)).toContain('"id":2'));
  expect(frames).toHaveLength(before + 1);
  socket.send(JSON.stringify({ watch: true }));
  await vi.waitFor(() => expect(frames.at(-1)).toMatch(/"kind":"state".*while nobody saw it/));
  agent.server.publish({ announcement: "while it is seen" });
  await vi.waitFor(() => expect(frames.at(-1)).toMatch(/"kind":"snapshot".*while it is seen/));
  socket.terminate();
});

test.each([
  ["no JSON", "{"],
  ["a wish that is none", JSON.stringify({ watch: "always" })],
  ["no request", JSON.stringify({ hello: 1 })],
  ["a field more", JSON.stringify({ id: 1, name: "gateways", params: {}, as: "root" })],
  ["a number that is none", JSON.stringify({ id: -1, name: "gateways", params: {} })],
])("what no window sends (%s) ends the connection, and the next one is served", async (_, text) => {
  const { socket } = await entered();
  const closed = new Promise<number>((resolve) => socket.on("close", (code) => resolve(code)));
  socket.send(text);
  expect(await closed).toBe(1008);
});

test("a message beyond the bound ends its connection, never the service", async () => {
  const { socket } = await entered();
  const closed = new Promise<number>((resolve) => socket.on("close", (code) => resolve(code)));
  socket.send(`{"id":1,"name":"x","params":{"a":"${"x".repeat(9 * 1024 * 1024)}"}}`);
  expect(await closed).toBe(1009);
  expect((await fetch(host.origin)).status).toBe(403);
});

test("a folder without an interface is refused with what to do", async () => {
  rmSync(join(folder, "index.html"));
  await expect(readPageFiles(folder)).rejects.toThrow("build the interface first");
});

test("the owner of a connection is read as the kernel tells it", () => {
  const text = [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    "   0: 0100007F:9C40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 100 1",
    "   1: 0100007F:C350 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 101 1",
    "   2: 0100007F:9C40 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 102 1",
  ].join("\n");
  expect([...uidsOfPeers(text, 40_000)]).toEqual([[50_000, 1000]]);
  expect([...uidsOfPeers(text, 50_000)]).toEqual([[40_000, 0]]);
  expect([...uidsOfPeers(text, 40_001)]).toEqual([]);
});

test("a program of another user is not let in, whatever pass it has", async (context) => {
  context.skip(process.getuid?.() !== 0, "only root can become somebody else");
  const { address } = host;
  const words = [
    "-e",
    `fetch(${JSON.stringify(address)}).then((it) => console.log(it.status), () => console.log("nothing"))`,
  ];
  const { stdout } = await execa(process.execPath, words, { uid: 65_534, cwd: "/" });
  expect(stdout).toBe("nothing");
  expect((await fetch(address, { redirect: "manual" })).status).toBe(303);
});

test("a program of another user opens no bridge, whatever cookie it has", async (context) => {
  context.skip(process.getuid?.() !== 0, "only root can become somebody else");
  const headers = { Cookie: await enter(), Origin: host.origin };
  const { port, host: authority } = new URL(host.origin);
  // A server of theirs on this address, visited by our browser, is shown the cookie.
  const request = [
    "GET /bridge HTTP/1.1",
    `Host: ${authority}`,
    `Cookie: ${headers.Cookie}`,
    `Origin: ${headers.Origin}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  ];
  const program = `
    const socket = require("node:net").connect(${port}, "127.0.0.1");
    socket.write(${JSON.stringify(`${request.join("\r\n")}\r\n\r\n`)});
    socket.once("data", (data) => { console.log(String(data).split("\\r")[0]); process.exit(); });
    socket.once("close", () => console.log("nothing"));
    socket.once("error", () => undefined);`;
  const { stdout } = await execa(process.execPath, ["-e", program], { uid: 65_534, cwd: "/" });
  expect(stdout).toBe("nothing");
  expect((await execa(process.execPath, ["-e", program])).stdout).toBe("HTTP/1.1 101 Switching Protocols");
});

test("programs of another user hold no connections by asking for nothing; those of this one may be silent", async (context) => {
  context.skip(process.getuid?.() !== 0, "only root can become somebody else");
  const { port, host: authority } = new URL(host.origin);
  const own = connect(Number(port), "127.0.0.1");
  let ended = false;
  own.once("close", () => (ended = true));
  await once(own, "connect");
  // Half of them begin to ask and stop. Far below the time after which the server gives up on anybody.
  const program = `
    let open = 20;
    for (let number = 0; number < 20; number += 1) {
      const socket = require("node:net").connect(${port}, "127.0.0.1");
      if (number % 2 === 0) socket.write("GET / HTTP/1.1\\r\\nHost: ");
      socket.once("error", () => undefined);
      socket.once("close", () => {
        open -= 1;
        if (open === 0) process.exit();
      });
    }
    setTimeout(() => process.exit(1), 8000);`;
  const { exitCode } = await execa(process.execPath, ["-e", program], {
    ...{ uid: 65_534, cwd: "/", reject: false },
  });
  expect(exitCode).toBe(0);
  expect(ended).toBe(false);
  own.write(`GET / HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`);
  const [answer] = (await once(own, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 403 /);
  own.destroy();
});
