/** A control plane of its own for each test: the real server on loopback, clients, and gateways and devices that talk. */
import { generateKeyPairSync } from "node:crypto";
import pino from "pino";
import { WebSocket } from "ws";
import { z } from "zod";
import { ApiClient, type Answer, type Method } from "../../../src/api/client.ts";
import {
  DeviceEvent,
  GatewayEvent,
  type DeviceMessage,
  type GatewayMessage,
  type GatewayState,
} from "../../../src/api/events.ts";
import * as http from "../../../src/api/http.ts";
import { Plane } from "../../../src/control-plane/plane.ts";
import { buildServer, type Limits } from "../../../src/control-plane/server.ts";
import { openSqlite } from "../../../src/control-plane/store/sqlite.ts";
import { Store } from "../../../src/control-plane/store/store.ts";
import type { RoutingPreference } from "../../../src/routing/types.ts";
import * as routing from "../../../src/routing/schema.ts";

/** A fresh WireGuard public key. */
export function newPublicKey(): string {
  const { publicKey } = generateKeyPairSync("x25519");
  return publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
}

export interface StartOptions {
  readonly file?: string;
  readonly clock?: () => Date;
  readonly gatewayGraceMs?: number;
  readonly gatewaysFirstMs?: number;
  readonly limits?: Partial<Limits>;
}

/** A running control plane. */
export class TestPlane {
  readonly plane: Plane;
  readonly origin: string;
  readonly bootstrap: string | null;
  readonly #close: () => Promise<void>;
  readonly #clients: ApiClient[] = [];

  private constructor(plane: Plane, origin: string, bootstrap: string | null, close: () => Promise<void>) {
    this.plane = plane;
    this.origin = origin;
    this.bootstrap = bootstrap;
    this.#close = close;
  }

  static async start(options: StartOptions = {}): Promise<TestPlane> {
    const store = await Store.open(openSqlite(options.file ?? ":memory:"));
    let origin = "";
    const plane = new Plane({
      store,
      publicHost: () => new URL(origin).host,
      pin: null,
      onError: (error) => {
        throw error;
      },
      clock: options.clock,
      gatewayGraceMs: options.gatewayGraceMs,
      gatewaysFirstMs: options.gatewaysFirstMs,
    });
    const log = pino({ level: process.env["LOG"] ?? "silent" });
    const limits = { requestsPerMinute: 100_000, enrolmentsPerMinute: 100_000, ...options.limits };
    const app = await buildServer({ plane, log, limits });
    const bootstrap = await plane.start();
    origin = await app.listen({ host: "127.0.0.1", port: 0 });
    return new TestPlane(plane, origin, bootstrap, async () => {
      await app.close();
      await plane.close();
    });
  }

  as(token: string | undefined): Caller {
    const client = new ApiClient({ origin: this.origin, token });
    this.#clients.push(client);
    return new Caller(client);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#close();
  }
}

/** One token's view of the API, answers as they are. */
export class Caller {
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  call<T>(
    method: Method,
    path: string,
    answer: z.core.$ZodType<T> | null,
    body?: unknown,
    ifMatch?: string,
  ): Promise<Answer<T>> {
    return this.#client.call({ method, path, answer, body, ifMatch });
  }

  /** Calls and insists on success. */
  async ok<T>(
    method: Method,
    path: string,
    answer: z.core.$ZodType<T>,
    body?: unknown,
    ifMatch?: string,
  ): Promise<{ body: T; etag: string }> {
    const got = await this.call(method, path, answer, body, ifMatch);
    if (!got.ok) throw new Error(`${method} ${path}: ${JSON.stringify(got)}`);
    return { body: got.body, etag: got.etag ?? "" };
  }

  /** Calls and insists on a problem; returns `status code`. */
  async refused(method: Method, path: string, body?: unknown, ifMatch?: string): Promise<string> {
    const got = await this.call(method, path, z.unknown(), body, ifMatch);
    if (got.ok) throw new Error(`${method} ${path} was not refused: ${JSON.stringify(got.body)}`);
    if (got.kind !== "refused") throw new Error(`${method} ${path}: ${got.message}`);
    return `${got.status} ${got.problem.code}`;
  }

  /** Replaces a preference, whatever it was. */
  async put(path: string, value: RoutingPreference): Promise<void> {
    const { etag } = await this.ok("GET", path, routing.RoutingPreference);
    await this.ok("PUT", path, routing.RoutingPreference, value, etag);
  }

  async path(deviceId: string): Promise<z.infer<typeof routing.ResolvedPath>> {
    return (await this.ok("GET", `/devices/${deviceId}/resolved-path`, routing.ResolvedPath)).body;
  }
}

/** What came over a WebSocket, and waiting for more. */
class Inbox<T> {
  readonly received: T[] = [];
  readonly #waiters = new Set<() => void>();

  add(item: T): void {
    this.received.push(item);
    for (const wake of this.#waiters) wake();
  }

  /** The first received item that fits, now or within ten seconds. */
  async find(fits: (item: T) => boolean, timeoutMs = 10_000): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = this.received.find(fits);
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`nothing that fits came; received ${JSON.stringify(this.received)}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiters.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.#waiters.add(wake);
      });
    }
  }
}

/** One event connection, spoken by hand. */
export class Line<In, Out> implements Disposable {
  readonly inbox = new Inbox<In>();
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly socket: WebSocket;

  private constructor(socket: WebSocket, schema: z.ZodType<In>) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer) => this.inbox.add(schema.parse(JSON.parse(data.toString("utf8")))));
  }

  static async open<In, Out>(plane: TestPlane, token: string, schema: z.ZodType<In>): Promise<Line<In, Out>> {
    const socket = new WebSocket(`${plane.origin.replace("http", "ws")}/api/v1/events`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const line = new Line<In, Out>(socket, schema);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("unexpected-response", (_request, response) =>
        reject(new Error(`status ${response.statusCode ?? 0}`)),
      );
      socket.once("error", reject);
    });
    return line;
  }

  say(message: Out): void {
    this.socket.send(JSON.stringify(message));
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

export type DeviceLine = Line<DeviceEvent, DeviceMessage>;

export function deviceLine(plane: TestPlane, token: string): Promise<DeviceLine> {
  return Line.open(plane, token, DeviceEvent);
}

/** A gateway that says it is healthy and applies whatever it is told (unless told to hold still). */
export class TestGateway implements Disposable {
  readonly id: string;
  readonly token: string;
  readonly line: Line<GatewayEvent, GatewayMessage>;
  /** When false, states are received and not answered. */
  answers = true;

  private constructor(id: string, token: string, line: Line<GatewayEvent, GatewayMessage>) {
    this.id = id;
    this.token = token;
    this.line = line;
  }

  static async connect(plane: TestPlane, id: string, token: string): Promise<TestGateway> {
    const line: Line<GatewayEvent, GatewayMessage> = await Line.open(plane, token, GatewayEvent);
    const gateway = new TestGateway(id, token, line);
    line.socket.on("message", () => {
      if (gateway.answers) gateway.apply();
    });
    line.say({ type: "hello" });
    line.say({ type: "health", healthy: true, load: 0 });
    await line.inbox.find((event) => event.state.deviceId === id);
    return gateway;
  }

  get state(): GatewayState {
    const event = this.line.inbox.received.at(-1);
    if (event === undefined) throw new Error("the gateway was told nothing");
    return event.state;
  }

  apply(): void {
    this.line.say({ type: "state.applied", version: this.state.version });
  }

  [Symbol.dispose](): void {
    this.line[Symbol.dispose]();
  }
}

/** A device and its token. */
export interface TestDevice {
  readonly id: string;
  readonly token: string;
}

/** A workspace with a network, a member, and helpers to add to it. */
export class TestWorkspace {
  readonly plane: TestPlane;
  readonly operator: Caller;
  readonly operatorToken: string;
  readonly id: string;

  private constructor(plane: TestPlane, id: string, operatorToken: string) {
    this.plane = plane;
    this.id = id;
    this.operatorToken = operatorToken;
    this.operator = plane.as(operatorToken);
  }

  /** `token`: of somebody who may make workspaces; the bootstrap token by default. */
  static async create(plane: TestPlane, name = "acme", token = plane.bootstrap): Promise<TestWorkspace> {
    const made = await plane.as(token ?? "").ok("POST", "/workspaces", http.CreatedWorkspace, { name });
    return new TestWorkspace(plane, made.body.workspace.id, made.body.operatorToken);
  }

  /** The same workspace on another run of its store. */
  on(plane: TestPlane): TestWorkspace {
    return new TestWorkspace(plane, this.id, this.operatorToken);
  }

  async network(name = "corp", more: Partial<z.input<typeof http.CreateNetwork>> = {}): Promise<string> {
    const made = await this.operator.ok("POST", "/networks", http.Network, {
      name,
      overlayPrefixes: ["100.64.0.0/16", "fd00:64::/64"],
      privatePrefixes: ["10.20.0.0/16"],
      dns: { servers: ["10.20.0.53"], matchDomains: ["corp.test"] },
      ...more,
    });
    return made.body.id;
  }

  async user(name = "Ada"): Promise<{ id: string; token: string }> {
    const made = await this.operator.ok("POST", "/users", http.CreatedUser, { name });
    return { id: made.body.user.id, token: made.body.token };
  }

  async key(networkId: string, body: unknown): Promise<string> {
    const path = `/networks/${networkId}/enrollment-keys`;
    return (await this.operator.ok("POST", path, http.CreatedEnrollmentKey, body)).body.key;
  }

  async enrol(key: string, name = "laptop"): Promise<TestDevice> {
    const made = await this.plane
      .as(undefined)
      .ok("POST", "/enrollments", http.Enrolled, { key, publicKey: newPublicKey(), name });
    return { id: made.body.deviceId, token: made.body.token };
  }

  async device(networkId: string, userId: string, name = "laptop"): Promise<TestDevice> {
    return this.enrol(await this.key(networkId, { for: "device", userId }), name);
  }

  /** Enrols a gateway without connecting it; nobody may use it yet. */
  async gateway(
    networkId: string,
    name: string,
    number: number,
    roles: readonly string[] = ["ingress_gateway", "exit_gateway"],
  ): Promise<TestDevice> {
    const endpoint = `198.51.100.${number}:51820`;
    return this.enrol(await this.key(networkId, { for: "gateway", name, region: name, roles, endpoint }));
  }

  async allow(networkId: string, gatewayId: string, allow: "everyone" | readonly string[]): Promise<void> {
    const path = `/networks/${networkId}/gateways/${gatewayId}/access`;
    const { etag } = await this.operator.ok("GET", path, http.GatewayAccess);
    await this.operator.ok("PUT", path, http.GatewayAccess, { allow }, etag);
  }

  /** Enrols a gateway that everyone may use and connects it. */
  async openGateway(
    networkId: string,
    name: string,
    number: number,
    roles?: readonly string[],
  ): Promise<TestGateway> {
    const { id, token } = await this.gateway(networkId, name, number, roles);
    await this.allow(networkId, id, "everyone");
    return TestGateway.connect(this.plane, id, token);
  }
}

/** Waits until `check` holds, looking every few milliseconds, at most ten seconds. */
export async function until(check: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`it did not come true: ${check.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
