/**
 * Serves the interface and its bridge to a browser window on loopback, where there is no Electron. A web page that
 * the same browser shows elsewhere must get nothing: the address needs the pass, every request the exact `Host`
 * (DNS rebinding) and the cookie, the WebSocket also our own `Origin` (RFC 6455, 10.2).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { MAX_BRIDGE_MESSAGE } from "../bridge/contract.ts";
import { contentPolicy } from "../bridge/content-policy.ts";
import { PageFrame } from "../bridge/frames.ts";
import type { Desk } from "../face/desk.ts";
import type { PageFile } from "../face/page-files.ts";
import { Pass } from "./pass.ts";
import { ownPeers } from "./peer-owner.ts";
import { SilentPeers } from "./silent-peers.ts";

/** Windows at a time, requests of one that wait for an answer, bytes that may wait for a slow one. */
const MAX_WINDOWS = 8;
const MAX_PENDING = 32;
const MAX_BACKLOG = 32 * 1024 * 1024;

const GONE =
  "This address was used, or Nanami was started anew. Start the window again: its address is printed.";

export interface BridgeHost {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** The address to open, with the pass; without it once it was used. */
  readonly address: string;
  close(): Promise<void>;
}

export interface BridgeHostOptions {
  readonly desk: Desk;
  readonly files: ReadonlyMap<string, PageFile>;
  /** 0 = any free one. */
  readonly port: number;
  /** Called with the number of open windows when it changes. */
  readonly onWindows?: (count: number) => void;
}

/** Starts it. Throws when the port is taken. */
export async function startBridgeHost(options: BridgeHostOptions): Promise<BridgeHost> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000, maxHeaderSize: 16 * 1024 });
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  const host = new Host(options, port);
  const silent = new SilentPeers(port);
  const isOurs = ({ socket }: IncomingMessage): boolean => ownPeers(port)(socket.remotePort);
  server.on("connection", (socket) => silent.add(socket));
  // Asked before anything else of who brings no cookie and of who wants the bridge: a server of another user on this
  // address is shown our cookie as well (RFC 6265, 8.5). It is not asked for the interface's files, which are no
  // secret: each answer takes the kernel milliseconds, and a browser opens a connection for each file.
  server.on("request", (request, response) => {
    if (!host.knows(request) && !isOurs(request)) {
      request.socket.destroy();
      return;
    }
    silent.heard(request.socket);
    host.page(request, response);
  });
  server.on("upgrade", (request, socket, head) => {
    if (!isOurs(request)) {
      socket.destroy();
      return;
    }
    silent.heard(request.socket);
    host.upgrade(request, socket, head);
  });
  return {
    origin: host.origin,
    get address() {
      return host.address;
    },
    close: async () => {
      host.close();
      silent.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

class Host {
  readonly #options: BridgeHostOptions;
  readonly #authority: string;
  readonly #pass: Pass;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_BRIDGE_MESSAGE,
    perMessageDeflate: false,
  });

  constructor(options: BridgeHostOptions, port: number) {
    this.#options = options;
    this.#authority = `127.0.0.1:${port}`;
    this.#pass = new Pass(port);
  }

  get origin(): string {
    return `http://${this.#authority}`;
  }

  get address(): string {
    const { once } = this.#pass;
    return `${this.origin}/${once === null ? "" : `?pass=${once}`}`;
  }

  /** Whether it comes from a browser that was let in. */
  knows(request: IncomingMessage): boolean {
    return this.#pass.admits(request.headers.cookie);
  }

  page(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader("Content-Security-Policy", contentPolicy([`ws://${this.#authority}`]));
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Referrer-Policy", "no-referrer");
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
    response.setHeader("Cache-Control", "no-cache");
    const say = (status: number, text: string): void => {
      response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(`${text}\n`);
    };
    if (request.headers.host !== this.#authority) {
      say(421, "There is nothing here by this name.");
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      say(405, "Pages are only read here.");
      return;
    }
    const url = URL.parse(request.url ?? "", this.origin);
    if (url?.origin !== this.origin) {
      say(400, "This is not an address.");
      return;
    }
    const pass = url.searchParams.get("pass");
    const cookie = pass === null ? undefined : this.#pass.exchange(pass);
    if (cookie !== undefined) {
      // Away from the address with the pass, so that it stays in no history.
      response.writeHead(303, { "Set-Cookie": cookie, Location: "/" }).end();
      return;
    }
    if (!this.knows(request)) {
      say(403, GONE);
      return;
    }
    if (pass !== null) {
      response.writeHead(303, { Location: "/" }).end();
      return;
    }
    const file = this.#options.files.get(url.pathname);
    if (file === undefined) {
      say(404, "There is no such page.");
      return;
    }
    response.setHeader("Content-Type", file.type);
    response.setHeader("ETag", file.etag);
    if (request.headers["if-none-match"] === file.etag) response.writeHead(304).end();
    else response.end(request.method === "HEAD" ? undefined : file.body);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const { host, origin, cookie } = request.headers;
    const allowed =
      host === this.#authority &&
      origin === this.origin &&
      request.url === "/bridge" &&
      this.#pass.admits(cookie);
    if (!allowed || this.#sockets.clients.size >= MAX_WINDOWS) {
      socket.end(
        `HTTP/1.1 ${allowed ? "503 Service Unavailable" : "403 Forbidden"}\r\nConnection: close\r\n\r\n`,
      );
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (window) => this.#serve(window));
  }

  close(): void {
    for (const window of this.#sockets.clients) window.terminate();
    this.#sockets.close();
  }

  #serve(window: WebSocket): void {
    const { desk, onWindows } = this.#options;
    const tell = (frame: unknown): void => {
      if (window.bufferedAmount > MAX_BACKLOG) window.terminate();
      else window.send(JSON.stringify(frame));
    };
    let pending = 0;
    // A new window is told at once, without being asked: it has less to wait for.
    let stop = desk.subscribe((update) => tell({ update }));
    window.on("error", () => window.terminate());
    window.on("message", (data, isBinary) => {
      const frame = isBinary ? undefined : readFrame(data as Buffer);
      if (frame === undefined || pending >= MAX_PENDING) {
        window.close(1008, "not what a Nanami window sends");
        return;
      }
      if ("watch" in frame) {
        stop();
        stop = frame.watch ? desk.subscribe((update) => tell({ update })) : () => undefined;
        return;
      }
      pending += 1;
      void desk.answer(frame.name, frame.params).then((outcome) => {
        pending -= 1;
        tell({ id: frame.id, outcome });
      });
    });
    onWindows?.(this.#sockets.clients.size);
    window.once("close", () => {
      stop();
      onWindows?.(this.#sockets.clients.size);
    });
  }
}

function readFrame(data: Buffer): PageFrame | undefined {
  try {
    return PageFrame.safeParse(JSON.parse(data.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}
