/**
 * Push: a policy PUT over HTTP until every one of N connected devices holds its new path, against a bare `ws`
 * broadcast of the same bytes to as many connections, in the same run, alternating, median of nine.
 * `node test/bench/push.bench.ts` prints the rows.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket, WebSocketServer } from "ws";
import { RoutingPreference } from "../../src/routing/schema.ts";
import type { ResolvedPath } from "../../src/routing/types.ts";
import { type TestDevice, TestPlane, TestWorkspace } from "../unit/control-plane/harness.ts";
import { median, type BenchRow } from "./row.ts";

const ROUNDS = 9;

interface Reader {
  readonly socket: WebSocket;
  /** Called with every frame. */
  onFrame: (text: string) => void;
}

async function connect(url: string, token?: string): Promise<Reader> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  const reader: Reader = { socket, onFrame: () => undefined };
  socket.on("message", (data: Buffer) => reader.onFrame(data.toString("utf8")));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return reader;
}

/** Milliseconds from `act` until every reader has a frame that fits. */
async function untilAll(
  readers: readonly Reader[],
  fits: (text: string) => boolean,
  act: () => unknown,
): Promise<number> {
  const start = performance.now();
  const all = Promise.all(
    readers.map(
      (reader) =>
        new Promise<void>((resolve) => {
          reader.onFrame = (text) => {
            if (fits(text)) resolve();
          };
        }),
    ),
  );
  await act();
  await all;
  return performance.now() - start;
}

/** Sends one text to every connection of a bare server. */
class Broadcast {
  readonly #server: WebSocketServer;
  readonly readers: readonly Reader[];

  private constructor(server: WebSocketServer, readers: readonly Reader[]) {
    this.#server = server;
    this.readers = readers;
  }

  static async start(count: number): Promise<Broadcast> {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("push.bench: no address");
    const url = `ws://127.0.0.1:${address.port}`;
    const readers: Reader[] = [];
    for (let i = 0; i < count; i++) readers.push(await connect(url));
    return new Broadcast(server, readers);
  }

  send(text: string): void {
    for (const client of this.#server.clients) client.send(text);
  }

  close(): void {
    for (const { socket } of this.readers) socket.terminate();
    this.#server.close();
  }
}

async function enrolDevices(acme: TestWorkspace, corp: string, count: number): Promise<TestDevice[]> {
  const user = await acme.user();
  const devices: TestDevice[] = [];
  for (let i = 0; i < count; i++) devices.push(await acme.device(corp, user.id, `device-${i}`));
  return devices;
}

async function measure(count: number, target: string, met: (ms: number) => boolean): Promise<BenchRow> {
  const folder = await mkdtemp(join(tmpdir(), "nanami-bench-"));
  const plane = await TestPlane.start({ file: join(folder, "store.sqlite") });
  const acme = await TestWorkspace.create(plane);
  const corp = await acme.network();
  const devices = await enrolDevices(acme, corp, count);
  const gateways = [
    await acme.openGateway(corp, "tokyo", 10),
    await acme.openGateway(corp, "osaka", 20),
    await acme.openGateway(corp, "frankfurt", 30),
    await acme.openGateway(corp, "oslo", 40),
  ];
  const readers: Reader[] = [];
  for (const { token } of devices) {
    const reader = await connect(`${plane.origin.replace("http", "ws")}/api/v1/events`, token);
    const hello = untilAll(
      [reader],
      () => true,
      () => reader.socket.send('{"type":"hello"}'),
    );
    await hello;
    readers.push(reader);
  }
  const broadcast = await Broadcast.start(count);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const trafficMode = round % 2 === 0 ? "full_tunnel" : "vpn_only";
    let sample = "";
    const fits = (text: string): boolean => {
      sample = text;
      const { path } = JSON.parse(text) as { path: ResolvedPath };
      return path.trafficMode.value === trafficMode;
    };
    const path = `/networks/${corp}/routing-policy`;
    const put = () => acme.operator.ok("PUT", path, RoutingPreference, { trafficMode }, "*");
    ours.push(await untilAll(readers, fits, put));
    theirs.push(await untilAll(broadcast.readers, fits, () => broadcast.send(sample)));
  }
  for (const { socket } of readers) socket.terminate();
  for (const gateway of gateways) gateway[Symbol.dispose]();
  broadcast.close();
  await plane[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
  const value = median(ours);
  const against = median(theirs);
  return {
    what: `policy PUT → new path on ${count === 1 ? "the device" : `all of ${count} devices`}`,
    value: `${value.toFixed(1)} ms`,
    against: `bare ws broadcast of the same bytes: ${against.toFixed(1)} ms`,
    ratio: value / against,
    target,
    met: met(value),
  };
}

export async function bench(): Promise<BenchRow[]> {
  return [
    await measure(1, "under 50 ms on loopback", (ms) => ms < 50),
    await measure(200, "under 500 ms on loopback", (ms) => ms < 500),
  ];
}

if (import.meta.main) console.table(await bench());
