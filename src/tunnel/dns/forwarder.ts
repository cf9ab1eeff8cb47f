/**
 * A DNS forwarder on loopback, UDP and TCP: names of the match domains go to the resolvers inside the tunnel, all
 * others to the resolvers that were there before. It never mixes them: a private name is not asked outside when
 * nobody answers inside.
 */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { createServer, connect, isIPv6, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { OperationError } from "../operation-error.ts";
import { matches, questionName, serverFailure } from "./message.ts";

/** Of our own in 127.0.0.0/8, so that a resolver on 127.0.0.1 or 127.0.0.53 is not in the way. */
export const FORWARDER_ADDRESS = "127.78.65.78";
const PORT = 53;
/** Milliseconds for one server to answer before the next is asked. */
const PATIENCE_MS = 2500;
/** Questions in flight; more are dropped, and asked again by whoever wants to know. */
const MOST_QUERIES = 512;
const MOST_CONNECTIONS = 64;

export interface ForwarderSettings {
  /** Servers for the match domains. */
  readonly inside: readonly string[];
  /** Servers for everything else. */
  readonly outside: readonly string[];
  readonly matchDomains: readonly string[];
}

export interface Forwarder {
  change(settings: ForwarderSettings): void;
  close(): Promise<void>;
}

/** Starts listening. `listen` is for tests. Throws an `OperationError` when the address is taken. */
export async function startForwarder(
  initial: ForwarderSettings,
  listen: { readonly address: string; readonly port: number } = { address: FORWARDER_ADDRESS, port: PORT },
  serverPort: number = PORT,
): Promise<Forwarder> {
  let settings = initial;
  let inFlight = 0;
  const serversFor = (query: Uint8Array): readonly string[] | null => {
    const name = questionName(query);
    if (name === null) return null;
    return matches(name, settings.matchDomains) ? settings.inside : settings.outside;
  };

  const answer = async (query: Buffer, over: "udp" | "tcp"): Promise<Uint8Array | null> => {
    const servers = serversFor(query);
    if (servers === null || inFlight >= MOST_QUERIES) return null;
    inFlight += 1;
    try {
      for (const server of servers) {
        // A server that cannot even be asked (no socket, no address) is one that does not answer.
        const asked = (over === "udp" ? askUdp : askTcp)(query, server, serverPort);
        const reply = await asked.catch(() => null);
        if (reply !== null) return reply;
      }
      return serverFailure(query);
    } finally {
      inFlight -= 1;
    }
  };

  const udp = createSocket("udp4");
  udp.on("message", (query: Buffer, from: RemoteInfo) => {
    answer(query, "udp")
      .then((reply) => {
        if (reply !== null) udp.send(reply, from.port, from.address, () => undefined);
      })
      // Closed meanwhile: nobody is there to be told.
      .catch(() => undefined);
  });
  const connections = new Set<Socket>();
  const tcp = createServer((socket) => {
    connections.add(socket);
    socket.setTimeout(4 * PATIENCE_MS, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => connections.delete(socket));
    readFrames(socket, (query) => {
      answer(query, "tcp")
        .then((reply) => {
          if (reply === null) socket.destroy();
          else if (socket.writable) socket.write(frame(reply));
        })
        .catch(() => socket.destroy());
    });
  });
  tcp.maxConnections = MOST_CONNECTIONS;
  try {
    await Promise.all([bind(udp, listen), bind(tcp, listen)]);
  } catch (error) {
    udp.close();
    tcp.close();
    throw new OperationError({
      code: "forwarder_failed",
      message: `The DNS forwarder cannot listen on ${listen.address}:${listen.port}: ${error instanceof Error ? error.message : String(error)}.`,
      facts: {
        detail: `${listen.address}:${listen.port}: ${error instanceof Error ? error.message : String(error)}`,
      },
      remedy: "End the program that listens there.",
    });
  }
  udp.on("error", () => undefined);
  return {
    change: (next) => (settings = next),
    close: async () => {
      for (const socket of connections) socket.destroy();
      const closed = once(tcp, "close");
      tcp.close();
      await Promise.all([closed, new Promise<void>((resolve) => udp.close(resolve))]);
    },
  };
}

async function bind(socket: UdpSocket | Server, at: { address: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    const done = (): void => {
      socket.removeListener("error", reject);
      resolve();
    };
    if ("listen" in socket) socket.listen(at.port, at.address, done);
    else socket.bind(at.port, at.address, done);
  });
}

/** Asks one server over UDP from a socket of its own: a random port for each question (RFC 5452). */
function askUdp(query: Buffer, server: string, port: number): Promise<Uint8Array | null> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(server) ? "udp6" : "udp4");
    const timer = setTimeout(() => finish(null), PATIENCE_MS);
    const finish = (reply: Uint8Array | null): void => {
      clearTimeout(timer);
      socket.removeAllListeners("message");
      socket.close(() => undefined);
      resolve(reply);
    };
    socket.once("error", () => finish(null));
    socket.on("message", (reply) => {
      if (reply.length >= 12 && reply.readUInt16BE(0) === query.readUInt16BE(0)) finish(reply);
    });
    // What our own firewall refuses is told here and nowhere else (EPERM): the next server is asked at once.
    socket.once("connect", () => {
      socket.send(query, (error) => {
        if (error !== null) finish(null);
      });
    });
    // Connected: answers of anybody else never arrive, and a closed port is told at once. Without a callback: that
    // would be called, in place of `error`, where there is no way to the server (no route, no network).
    socket.connect(port, server);
  });
}

function askTcp(query: Buffer, server: string, port: number): Promise<Uint8Array | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: server, port, timeout: PATIENCE_MS });
    const finish = (reply: Uint8Array | null): void => {
      socket.destroy();
      resolve(reply);
    };
    socket.once("timeout", () => finish(null));
    socket.once("error", () => finish(null));
    socket.once("close", () => resolve(null));
    readFrames(socket, finish);
    socket.write(frame(query));
  });
}

/** Messages over TCP carry their length in two bytes (RFC 1035, section 4.2.2). */
function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(message.length);
  return Buffer.concat([head, message]);
}

function readFrames(socket: Socket, take: (message: Buffer) => void): void {
  let buffered = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 2 && buffered.length >= 2 + buffered.readUInt16BE(0)) {
      const end = 2 + buffered.readUInt16BE(0);
      take(buffered.subarray(2, end));
      buffered = buffered.subarray(end);
    }
  });
}
