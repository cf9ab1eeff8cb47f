/**
 * The WebSocket of a device or a gateway to its control plane: kept up with jittered back-off, heartbeats in both
 * directions, every frame parsed. It knows nothing of what the frames mean.
 */
import { WebSocket } from "ws";
import type { z } from "zod";
import { agentFor, CONNECT_TIMEOUT_MS, describe, targetOf, type Remote } from "./connection.ts";
import { CLOSE_REVOKED, HEARTBEAT_MS, MAX_FRAME } from "./events.ts";
import { API_PREFIX } from "./http.ts";

/** Milliseconds for an answer on a connection that may be dead. */
const LIFE_MS = 2_000;

/** Shortest and longest pause before another attempt, milliseconds. */
export interface BackOff {
  readonly shortest: number;
  readonly longest: number;
}

/** How long a gateway may be without a connection before the control plane counts it as unhealthy, milliseconds. */
export const GATEWAY_GRACE_MS = 10_000;

/**
 * A gateway's pauses. However long the control plane was away, its gateways are back within the grace that it gives
 * them from its start: one that still waited then would look dead, and its devices would be moved away or closed.
 */
export const GATEWAY_BACK_OFF: BackOff = { shortest: 500, longest: 6_000 };

export interface SessionOptions<In, Out> extends Remote {
  readonly token: string;
  readonly incoming: z.ZodType<In>;
  /** Said first on every new connection. */
  readonly hello: () => Out;
  /** What it throws ends the connection, as garbage does: a message nobody could use must not end the process. */
  readonly onMessage: (message: In) => void;
  /** Connected or not, and if not, why, for a person. */
  readonly onState: (state: SessionState) => void;
  readonly backOff?: BackOff | undefined;
  readonly heartbeatMs?: number | undefined;
  /** Uniform in [0, 1); a parameter for tests. */
  readonly random?: (() => number) | undefined;
}

export type SessionState =
  | { readonly state: "connected" }
  | { readonly state: "waiting"; readonly problem: string; readonly retryMs: number }
  | { readonly state: "revoked"; readonly message: string };

/**
 * Pause before attempt `attempt` (0 = the first after a failure): doubles up to the longest, and half of it is
 * random so that a thousand devices do not come back in the same instant.
 */
export function pause(attempt: number, backOff: BackOff, random: () => number): number {
  const full = Math.min(backOff.longest, backOff.shortest * 2 ** Math.min(attempt, 20));
  return Math.round(full / 2 + (full / 2) * random());
}

/** See the file's head. `start` once; `stop` ends it for good. */
export class EventSession<In, Out> {
  readonly #options: SessionOptions<In, Out>;
  #socket: WebSocket | null = null;
  #timer: NodeJS.Timeout | null = null;
  #failures = 0;
  #stopped = true;

  constructor(options: SessionOptions<In, Out>) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  start(): void {
    this.#stopped = false;
    this.#open();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#socket?.terminate();
    this.#socket = null;
  }

  /**
   * Tries at once instead of waiting for the back-off to end: the network changed, the machine woke up. A connection
   * that stands has to give a sign of life within two seconds.
   */
  retryNow(): void {
    if (this.connected) this.#demandLife();
    if (this.#timer === null || this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#open();
  }

  /** Sends when connected; says whether it did. Frames are not queued: `hello` and resync make up for lost ones. */
  send(message: Out): boolean {
    if (!this.connected) return false;
    this.#socket?.send(JSON.stringify(message));
    return true;
  }

  #demandLife(): void {
    const socket = this.#socket;
    const timer = setTimeout(() => socket?.terminate(), LIFE_MS);
    timer.unref();
    socket?.once("pong", () => clearTimeout(timer));
    socket?.ping();
  }

  #open(): void {
    const { secure } = targetOf(this.#options.origin);
    const url = new URL(`${API_PREFIX}/events`, this.#options.origin);
    url.protocol = secure ? "wss:" : "ws:";
    const agent = agentFor(this.#options, false);
    const socket = new WebSocket(url, {
      agent,
      headers: { authorization: `Bearer ${this.#options.token}` },
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      maxPayload: MAX_FRAME,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.#socket = socket;
    let problem: string | null = null;
    let heartbeat: NodeJS.Timeout | undefined;
    let missed = 0;
    const alive = (): void => {
      missed = 0;
    };
    socket.on("open", () => {
      this.#options.onState({ state: "connected" });
      socket.send(JSON.stringify(this.#options.hello()));
      heartbeat = setInterval(() => {
        missed += 1;
        if (missed > 2) {
          problem = "the control plane stopped answering";
          socket.terminate();
        } else {
          socket.ping();
        }
      }, this.#options.heartbeatMs ?? HEARTBEAT_MS);
    });
    socket.on("pong", alive);
    socket.on("ping", alive);
    socket.on("message", (data: Buffer, binary) => {
      alive();
      const message = binary ? null : this.#parse(data.toString("utf8"));
      if (message === null) {
        problem ??= "the control plane sent something that is not part of the contract";
        socket.close(1008, "not part of the contract");
        return;
      }
      try {
        this.#options.onMessage(message.value);
        this.#failures = 0;
      } catch (error) {
        problem ??= `what the control plane sent could not be used: ${describe(error)}`;
        socket.close(1008, "could not be used");
      }
    });
    socket.on("unexpected-response", (request, response) => {
      problem =
        response.statusCode === 401
          ? "the control plane does not accept this device's token"
          : `the control plane answered with status ${response.statusCode ?? 0}`;
      request.destroy();
      socket.terminate();
    });
    socket.on("error", (error) => {
      problem ??= describe(error);
    });
    socket.on("close", (code, reason) => {
      clearInterval(heartbeat);
      agent.destroy();
      if (this.#socket === socket) this.#socket = null;
      if (this.#stopped) return;
      if (code === CLOSE_REVOKED) {
        this.#stopped = true;
        this.#options.onState({ state: "revoked", message: reason.toString() || "This device was revoked." });
        return;
      }
      const retryMs = pause(
        this.#failures,
        this.#options.backOff ?? { shortest: 500, longest: 30_000 },
        this.#options.random ?? Math.random,
      );
      this.#failures += 1;
      this.#options.onState({ state: "waiting", problem: problem ?? "the connection ended", retryMs });
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#open();
      }, retryMs);
    });
  }

  #parse(text: string): { value: In } | null {
    try {
      return { value: this.#options.incoming.parse(JSON.parse(text)) };
    } catch {
      return null;
    }
  }
}
