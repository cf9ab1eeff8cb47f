import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocketServer, type WebSocket } from "ws";
import { connectPlainly } from "../../../src/api/connection.ts";
import { AddressBook } from "../../../src/agent/address-book.ts";
import { Agent } from "../../../src/agent/agent.ts";
import type { DiagnosticsSystem } from "../../../src/agent/diagnostics/diagnostics.ts";
import { LogRing } from "../../../src/agent/diagnostics/log-ring.ts";
import { Memory } from "../../../src/agent/memory.ts";
import type { PortalHint } from "../../../src/agent/portal/portal-watch.ts";
import { ProfileStore } from "../../../src/agent/profiles/profile-store.ts";
import type { Path, Preference } from "../../../src/agent/routing-state.ts";
import { ResolvedPath } from "../../../src/routing/schema.ts";
import { resolve } from "../../../src/routing/resolve.ts";
import type { GatewayCandidate, Hop, NodeRole, PolicyLayers } from "../../../src/routing/types.ts";
import { isAtRest, LOCKDOWN } from "../../../src/tunnel/lockdown.ts";
import type {
  Blockage,
  Deviation,
  Intent,
  PeerReading,
  TunnelEngine,
  TunnelStatus,
} from "../../../src/tunnel/types.ts";

export const DEVICE = "dev_aaaaaaaaaaaa";
export const NETWORK = "net_aaaaaaaaaaaa";
export const TOKEN = "token-of-the-device";
export const KEY = "enrolment-key-0123456789";

export const TOKYO = hop("dev_tokyo00000", "tokyo", 1);
export const FRANKFURT = hop("dev_frankfurt0", "frankfurt", 2);
export const OSAKA = hop("dev_osaka00000", "osaka", 3);

function hop(deviceId: string, name: string, number: number): Hop {
  return {
    deviceId,
    name,
    region: name,
    publicKey: `${String.fromCharCode(64 + number).repeat(42)}E=`,
    endpoint: `203.0.113.${number}:51820`,
    overlayAddresses: [`100.64.0.${number}/32`],
    publicAddresses: [`203.0.113.${number}`],
  };
}

function candidate(of: Hop, roles: readonly NodeRole[], roundTripMs: number): GatewayCandidate {
  const judged = { visible: true, sameWorkspace: true, sameNetwork: true, accessGranted: true };
  return { hop: of, roles, ...judged, healthy: true, load: 0, roundTripMs };
}

export const CANDIDATES: readonly GatewayCandidate[] = [
  candidate(TOKYO, ["ingress_gateway", "exit_gateway"], 10),
  candidate(FRANKFURT, ["ingress_gateway", "exit_gateway"], 200),
  candidate(OSAKA, ["ingress_gateway"], 60),
];

export const NO_LAYERS: PolicyLayers = { device: {}, user: {}, network: {} };

/** A path as the control plane would resolve it; `change` overwrites what it says. */
export function pathFor(
  layers: Partial<PolicyLayers>,
  number: number,
  change: { lineage?: string; privatePrefixes?: string[]; ingress?: Hop; deviceId?: string } = {},
): Path {
  const resolution = resolve({ ...NO_LAYERS, ...layers }, CANDIDATES);
  return ResolvedPath.parse({
    ...resolution,
    ...(change.ingress === undefined ? {} : { ingress: change.ingress }),
    epoch: { lineage: change.lineage ?? "first", number },
    deviceId: change.deviceId ?? DEVICE,
    networkId: NETWORK,
    issuedAt: "2026-01-01T00:00:00.000Z",
    tunnel: {
      addresses: ["100.64.0.10/32"],
      privatePrefixes: change.privatePrefixes ?? ["10.20.0.0/16"],
      dns: { servers: ["10.20.0.53"], matchDomains: ["corp.internal"] },
      probe: "100.64.0.1",
    },
  });
}

/** An engine that does at once what it is asked. */
export class FakeEngine implements TunnelEngine {
  status: TunnelStatus = { state: "disconnected" };
  intent: Intent | null = null;
  probeRoundTripMs: number | undefined = undefined;
  peers: readonly PeerReading[] = [];
  readonly calls: string[] = [];
  failsToDisconnect = false;
  /** Why everything is to be closed while that fails: the status is that of an attempt, with what keeps it open. */
  closing: Blockage | null = null;
  get atRest(): boolean {
    return isAtRest(this.status) || this.closing?.code === LOCKDOWN.code;
  }
  get recordLost(): boolean {
    const reason = this.status.state === "blocked" ? this.status.reason : this.closing;
    return reason?.code === "record_lost";
  }
  readonly #listeners = new Set<(status: TunnelStatus) => void>();

  readonly pathMtu = null;
  onPathMtu(): Disposable {
    return { [Symbol.dispose]: () => undefined };
  }
  apply(intent: Intent, privateKey: string): void {
    if (privateKey.length !== 44) throw new Error("not a key");
    this.calls.push("apply");
    this.closing = null;
    this.intent = intent;
    this.become({
      state: "connected",
      mode: intent.mode,
      since: "2026-01-01T00:00:00.000Z",
      verified: "traffic",
    });
  }
  /** Resolves when everything that was asked for is in force. */
  inForce: Promise<void> = Promise.resolve();
  settled(): Promise<void> {
    return this.inForce;
  }
  /** While there is one, what the status promises is not in force. */
  realising: Promise<void> | null = null;
  real(): Promise<void> | null {
    return this.realising;
  }
  block(reason: Blockage): void {
    this.calls.push("block");
    const mode = this.intent?.mode ?? "full_tunnel";
    this.become({ state: "blocked", mode, since: "2026-01-01T00:00:00.000Z", reason });
  }
  disconnect(): Promise<void> {
    this.calls.push("disconnect");
    this.closing = null;
    if (this.failsToDisconnect) return Promise.reject(new Error("a route is stuck"));
    this.intent = this.lockdown;
    if (this.lockdown === null) this.become({ state: "disconnected" });
    else this.block(LOCKDOWN);
    return Promise.resolve();
  }
  lockdown: Intent | null = null;
  network = null;
  rest(intent: Intent | null): Promise<void> {
    if (JSON.stringify(intent) === JSON.stringify(this.lockdown)) return Promise.resolve();
    this.lockdown = intent;
    return this.atRest ? this.disconnect() : Promise.resolve();
  }
  names = null;
  outsideResolvers: readonly string[] | null = null;
  readonly lastRepair = null;
  readonly #resolverListeners = new Set<() => void>();
  onOutsideResolvers(listener: () => void): Disposable {
    this.#resolverListeners.add(listener);
    return { [Symbol.dispose]: () => void this.#resolverListeners.delete(listener) };
  }
  learnResolvers(resolvers: readonly string[]): void {
    this.outsideResolvers = resolvers;
    for (const listener of this.#resolverListeners) listener();
  }
  inspect(): Promise<readonly Deviation[]> {
    return Promise.resolve([]);
  }
  readings(): Promise<readonly PeerReading[]> {
    return Promise.resolve(this.peers);
  }
  checkNow(): void {
    this.calls.push("checkNow");
  }
  onStatus(listener: (status: TunnelStatus) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
  close(): Promise<void> {
    this.calls.push("close");
    return Promise.resolve();
  }
  become(status: TunnelStatus): void {
    this.status = status;
    for (const listener of this.#listeners) listener(status);
  }
}

/** A control plane whose answers a test decides. */
export class FakeControlPlane {
  readonly requests: string[] = [];
  readonly received: unknown[] = [];
  path: Path = pathFor({}, 1);
  readonly preferences = new Map<string, { value: Preference; version: number }>();
  /** Overrides the answer to a request; return true when it was answered (or is left hanging). */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  /** What the event connection says first; null = nothing. */
  greeting: () => string | null = () => JSON.stringify({ type: "path.current", path: this.path });
  readonly #server = createServer((request, response) => {
    this.#handle(request, response).catch(() => response.destroy());
  });
  readonly #sockets = new Set<WebSocket>();
  port = 0;

  static async start(port = 0): Promise<FakeControlPlane> {
    const fake = new FakeControlPlane();
    const events = new WebSocketServer({ server: fake.#server, path: "/api/v1/events" });
    events.on("connection", (socket) => {
      fake.#sockets.add(socket);
      socket.on("close", () => fake.#sockets.delete(socket));
      socket.on("message", (data: Buffer) => fake.received.push(JSON.parse(data.toString())));
      const greeting = fake.greeting();
      if (greeting !== null) socket.send(greeting);
    });
    await new Promise<void>((done) => fake.#server.listen(port, "127.0.0.1", done));
    const address = fake.#server.address();
    fake.port = typeof address === "object" && address !== null ? address.port : 0;
    return fake;
  }

  get link(): string {
    return `nanami://enroll/127.0.0.1:${this.port}#${KEY}`;
  }

  push(path: Path): void {
    this.path = path;
    this.say(JSON.stringify({ type: "path.changed", path }));
  }

  say(text: string): void {
    for (const socket of this.#sockets) socket.send(text);
  }

  revoke(reason: string): void {
    for (const socket of this.#sockets) socket.close(4401, reason);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    this.requests.push(`${method} ${url.replace("/api/v1", "")}`);
    if (this.intercept(request, response)) return;
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    if (url.endsWith("/enrollments")) {
      const ids = { deviceId: DEVICE, networkId: NETWORK, workspaceName: "acme", networkName: "corp" };
      if ((body as { key: string }).key !== KEY) {
        problem(response, 404, "unknown_key", "No such key. Ask your operator for a new enrolment link.");
        return;
      }
      json(response, 201, { ...ids, token: TOKEN, path: this.path });
      return;
    }
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      problem(response, 401, "unauthenticated", "Who are you?");
      return;
    }
    if (url.endsWith("/resolved-path")) {
      json(response, 200, this.path);
      return;
    }
    if (url.endsWith("/preview")) {
      json(response, 200, { current: this.path, proposed: this.path });
      return;
    }
    if (url.endsWith("/gateways")) {
      json(response, 200, { gateways: [gatewayRow(TOKYO)] });
      return;
    }
    if (method === "DELETE") {
      json(response, 204, undefined);
      return;
    }
    this.#preference(request, response, body);
  }

  #preference({ method, url = "", headers }: IncomingMessage, response: ServerResponse, body: unknown): void {
    const stored = this.preferences.get(layerIn(url)) ?? { value: {}, version: 0 };
    const etag = `"${stored.version}"`;
    if (method === "GET") {
      json(response, 200, stored.value, etag);
      return;
    }
    if (headers["if-match"] !== etag) {
      problem(response, 412, "stale", "Somebody was faster");
      return;
    }
    const next = { value: body as Preference, version: stored.version + 1 };
    this.preferences.set(layerIn(url), next);
    this.resolve();
    json(response, 200, next.value, `"${next.version}"`);
  }

  /** Resolves anew from the stored layers, and pushes. */
  resolve(): void {
    const layers = Object.fromEntries([...this.preferences].map(([layer, { value }]) => [layer, value]));
    this.push(pathFor(layers, this.path.epoch.number + 1));
  }

  /** Somebody else changes a layer. */
  change(layer: "device" | "user" | "network", value: Preference): void {
    const version = (this.preferences.get(layer)?.version ?? 0) + 1;
    this.preferences.set(layer, { value, version });
    this.resolve();
  }
}

function gatewayRow({ deviceId, name, region }: Hop) {
  const end = (what: string) => ({ end: what, eligible: true, reasons: [] });
  const ends = [end("ingress"), end("egress")];
  return { deviceId, name, region, roles: ["ingress_gateway"], healthy: true, load: 0, ends };
}

function layerIn(url: string): string {
  if (url.includes("/users/")) return "user";
  return url.includes("/routing-policy") ? "network" : "device";
}

export function json(response: ServerResponse, status: number, body: unknown, etag?: string): void {
  response.writeHead(status, {
    "content-type": "application/json",
    ...(etag === undefined ? {} : { etag }),
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

export function problem(response: ServerResponse, status: number, code: string, title: string): void {
  response.writeHead(status, { "content-type": "application/problem+json" });
  response.end(JSON.stringify({ type: "about:blank", title, status, code }));
}

export const ROOT = { uid: 0, gids: [0] };

/** An agent over a fake engine, in a folder of its own (or one that is given, to start anew in it). */
export async function startAgent(
  options: {
    folder?: string;
    engine?: FakeEngine;
    lookUp?: (name: string) => Promise<readonly string[]>;
    diagnostics?: Partial<DiagnosticsSystem>;
    portal?: PortalHint;
    requestTimeoutMs?: number;
  } = {},
) {
  const base = options.folder ?? mkdtempSync(join(tmpdir(), "nanami-agent-"));
  const engine = options.engine ?? new FakeEngine();
  const faults: string[] = [];
  const memory = await Memory.open(join(base, "state"), (fault) => faults.push(fault));
  const book = new AddressBook(
    memory.surroundings.addresses,
    options.lookUp ?? (() => Promise.resolve([])),
    (addresses) => memory.setSurroundings({ addresses }),
  );
  const logged: string[] = [];
  const agent = new Agent({
    version: "0.0.0",
    memory,
    profiles: await ProfileStore.open(join(base, "state", "profiles")),
    engine,
    book,
    connect: connectPlainly,
    resolvers: () => engine.outsideResolvers ?? ["192.0.2.53"],
    lan: () => [],
    log: (message, facts) => logged.push(`${message} ${JSON.stringify(facts ?? {})}`),
    keepForBoot: () => Promise.resolve(),
    explaining: {
      interface: "nanami0",
      nameServers: () => [],
      attempt: () => Promise.resolve(null),
    },
    diagnostics: {
      ring: new LogRing(),
      sections: () => Promise.resolve({ sections: [], names: [] }),
      links: () => [],
      kernelRoute: () => Promise.reject(new Error("there is no kernel")),
      ask: () => Promise.resolve("silence"),
      tryToLeave: () => "no_way",
      ...options.diagnostics,
    },
    ping: () => Promise.resolve(undefined),
    portal: { moved: () => undefined, look: () => Promise.resolve(options.portal ?? null) },
    backOff: { shortest: 20, longest: 40 },
    requestTimeoutMs: options.requestTimeoutMs ?? 300,
  });
  agent.start();
  return {
    agent,
    engine,
    memory,
    logged,
    folder: base,
    get snapshot() {
      return agent.board.current;
    },
    async [Symbol.asyncDispose]() {
      await agent.close();
      if (options.folder === undefined) rmSync(base, { recursive: true, force: true });
    },
  };
}

/** An enrolled agent whose session stands, and its control plane. */
export async function enrolled(options: Parameters<typeof startAgent>[0] = {}) {
  const plane = await FakeControlPlane.start();
  const device = await startAgent(options);
  await device.agent.handlers.enroll({ link: plane.link }, ROOT);
  return {
    plane,
    device,
    async [Symbol.asyncDispose]() {
      await device[Symbol.asyncDispose]();
      await plane.stop();
    },
  };
}
