/** One WebSocket: bounded, parsed, in order, with a heartbeat. It knows nothing of what the messages mean. */
import type { FastifyBaseLogger } from "fastify";
import type { WebSocket } from "@fastify/websocket";
import type { RawData } from "ws";
import type { z } from "zod";
import { HEARTBEAT_MS } from "../../api/events.ts";
import type { Connection } from "./hub.ts";

/** What stands behind a connection. */
export interface Session<Message> {
  /** Handles one message; the next waits until it is done. */
  receive(message: Message): Promise<void>;
  /** Sees a message the moment it arrives, before those that wait. */
  notice?(message: Message): void;
  /** The connection is gone. */
  ended(): void;
}

/** Time in which messages are counted, milliseconds. */
const WINDOW_MS = 10_000;
/** Time for the first message, milliseconds. */
const HELLO_MS = 10_000;

export interface ServeOptions<Message> {
  readonly socket: WebSocket;
  readonly schema: z.ZodType<Message>;
  readonly session: (connection: Connection) => Session<Message>;
  readonly log: FastifyBaseLogger;
  /** Messages it may send in ten seconds; more ends the connection. */
  readonly maxMessages: number;
  readonly heartbeatMs?: number | undefined;
}

/** Serves a connection until it ends. */
export function serve<Message>({
  socket,
  schema,
  session: begin,
  log,
  maxMessages,
  heartbeatMs = HEARTBEAT_MS,
}: ServeOptions<Message>): void {
  const session = begin({
    send: (frame, done) => socket.send(frame, done),
    close: (code, reason) => socket.close(code, reason),
  });
  let missed = 0;
  let received = 0;
  let work = Promise.resolve();
  const heartbeat = setInterval(() => {
    missed += 1;
    if (missed > 2) socket.terminate();
    else socket.ping();
  }, heartbeatMs);
  const window = setInterval(() => {
    received = 0;
  }, WINDOW_MS);
  const silence = setTimeout(() => socket.close(1008, "say hello first"), HELLO_MS);
  const alive = (): void => {
    missed = 0;
  };

  socket.on("pong", alive);
  socket.on("ping", alive);
  socket.on("message", (data, binary) => {
    alive();
    clearTimeout(silence);
    received += 1;
    if (received > maxMessages) {
      socket.close(1008, "too many messages");
      return;
    }
    const message = binary ? undefined : parse(schema, data);
    if (message === undefined) {
      socket.close(1008, "not part of the contract");
      return;
    }
    session.notice?.(message);
    work = work
      .then(() => (socket.readyState === socket.OPEN ? session.receive(message) : undefined))
      .catch((error: unknown) => {
        log.error({ err: error }, "a message could not be handled");
        socket.close(1011, "internal error");
      });
  });
  socket.on("error", (error) => log.debug({ err: error }, "connection error"));
  socket.on("close", () => {
    clearInterval(heartbeat);
    clearInterval(window);
    clearTimeout(silence);
    void work.then(() => session.ended());
  });
}

function parse<Message>(schema: z.ZodType<Message>, data: RawData): Message | undefined {
  try {
    return schema.parse(JSON.parse((data as Buffer).toString("utf8")));
  } catch {
    return undefined;
  }
}
