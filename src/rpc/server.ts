/**
 * The agent's half of the RPC: serves the contract on a unix socket. Who a peer is and what it may do is decided
 * by the owner of the server (`identify`, `permits`, `view`); this file keeps every peer inside its bounds, and
 * one peer's misbehaviour ends that peer's connection alone.
 */
import { createServer, type Server, type Socket } from "node:net";
import { createMessageConnection, ResponseError, type MessageConnection } from "vscode-jsonrpc/node";
import type { z } from "zod";
import {
  MAX_MESSAGE,
  methods,
  type MethodName,
  type Params,
  type Result,
  type Refusal,
  type RpcProblem,
  type Snapshot,
} from "./contract.ts";
import { BoundedReader, BoundedWriter, type FrameLimits } from "./framing.ts";
import { RequestEnvelope } from "./messages.ts";
import type { RefusalReason } from "./said.ts";

/** A request that is refused: thrown by handlers, told to the face as the error's `data`. */
export class RpcRefusal extends Error {
  readonly problem: RpcProblem;
  constructor(problem: RpcProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Who is on the other end of a connection. */
export interface PeerIdentity {
  readonly uid: number;
}

/** One function per request of the contract; `subscribe` and `status` are answered by the server itself. */
export type Handlers<Peer> = {
  readonly [M in Exclude<MethodName, "subscribe" | "status">]: (
    params: Params<M>,
    peer: Peer,
  ) => Promise<Result<M>>;
};

export interface ServerLimits extends FrameLimits {
  /** Largest body from a peer that may only look, bytes: what it sends is refused, and not worth room or parsing. */
  readonly maxMessageOfStranger: number;
  /** In all; root gets in nevertheless. */
  readonly maxConnections: number;
  /** Connections of one uid, so that nobody can lock everybody else out. */
  readonly maxConnectionsPerUser: number;
  /** Requests of one connection that wait for their answer. */
  readonly maxPending: number;
}

export const SERVER_LIMITS: ServerLimits = {
  maxMessage: MAX_MESSAGE,
  maxMessageOfStranger: 64 * 1024,
  maxBacklog: 1024 * 1024,
  messageTimeout: 10_000,
  maxConnections: 64,
  maxConnectionsPerUser: 24,
  maxPending: 32,
};

export interface ServerOptions<Peer extends PeerIdentity> {
  /** Reads who connected; throws when that cannot be known, and the connection is closed. */
  readonly identify: (socket: Socket) => Peer;
  /** Why this peer may not make this request, or undefined when it may. Asked before parameters are looked at. */
  readonly refuses: (peer: Peer, method: MethodName) => RpcProblem | undefined;
  /** Whether this peer may do more than look. Asked before a message of its is stored. */
  readonly hasStanding: (peer: Peer) => boolean;
  readonly snapshot: () => Snapshot;
  /** What this peer may see of a snapshot, or of a part of one. */
  readonly view: <T extends Partial<Snapshot>>(part: T, peer: Peer) => T;
  readonly handlers: Handlers<Peer>;
  /** Called when the number of subscribed connections changes. */
  readonly onSubscribers?: (count: number) => void;
  /** Told what went wrong, for the log: a peer that was dropped, a handler that threw something unforeseen. */
  readonly onFault?: (fault: { readonly message: string; readonly error?: unknown }) => void;
  readonly limits?: Partial<ServerLimits>;
}

const REFUSED = -32000;

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

function refusal(problem: RpcProblem): ResponseError<RpcProblem> {
  return new ResponseError(REFUSED, problem.message, problem);
}

function badRequest(error: z.core.$ZodError): Refusal {
  const errors = error.issues.slice(0, 16).map((issue) => ({
    pointer: issue.path.map((part) => `/${String(part)}`).join(""),
    code: issue.code,
    message: issue.message,
  }));
  const first = errors[0];
  return {
    code: "bad_request",
    reason: "request_malformed",
    message: `the request does not fit the contract: ${first?.pointer ?? ""} ${first?.message ?? ""}`,
    errors,
  };
}

interface Connection<Peer> {
  readonly peer: Peer;
  readonly socket: Socket;
  readonly rpc: MessageConnection;
  subscribed: boolean;
  pending: number;
}

/** Serves the contract. `publish` sends the new top-level fields of the snapshot to every subscriber. */
export class RpcServer<Peer extends PeerIdentity> {
  readonly #options: ServerOptions<Peer>;
  readonly #limits: ServerLimits;
  readonly #server: Server;
  readonly #connections = new Set<Connection<Peer>>();
  #sequence = 0;

  constructor(options: ServerOptions<Peer>) {
    this.#options = options;
    this.#limits = { ...SERVER_LIMITS, ...options.limits };
    this.#server = createServer((socket) => this.#accept(socket));
    // Above the places for everybody there are those that are kept for root; see `#accept`.
    this.#server.maxConnections = this.#limits.maxConnections + this.#limits.maxConnectionsPerUser;
  }

  /** Starts to listen at a path that `claimSocket` has prepared. */
  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(path, () => {
        this.#server.off("error", reject);
        this.#server.on("error", (error) => this.#fault("the socket failed", error));
        resolve();
      });
    });
  }

  /** Sends what is new to every subscriber. */
  publish(patch: Partial<Snapshot>): void {
    this.#sequence += 1;
    for (const connection of this.#connections) {
      if (!connection.subscribed) continue;
      const seen = this.#options.view(patch, connection.peer);
      void connection.rpc
        .sendNotification("changed", { sequence: this.#sequence, patch: seen })
        .catch((error: unknown) => this.#fault("a change could not be sent", error));
    }
  }

  /** Ends every connection and removes the socket. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const { socket } of this.#connections) socket.destroy();
    });
  }

  #accept(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    let peer: Peer;
    try {
      peer = this.#options.identify(socket);
    } catch (error) {
      this.#fault("a connection whose peer is unknown was closed", error);
      socket.destroy();
      return;
    }
    const ofUser = [...this.#connections].filter((other) => other.peer.uid === peer.uid).length;
    if (ofUser >= this.#limits.maxConnectionsPerUser) {
      this.#fault(`uid ${peer.uid} has ${ofUser} connections; another was closed`);
      socket.destroy();
      return;
    }
    if (this.#connections.size >= this.#limits.maxConnections && peer.uid !== 0) {
      this.#fault(`${this.#connections.size} connections are open; one of uid ${peer.uid} was closed`);
      socket.destroy();
      return;
    }
    const { hasStanding } = this.#options;
    const { maxMessage, maxMessageOfStranger, ...limits } = this.#limits;
    const ofPeer: FrameLimits = {
      ...limits,
      // Asked anew with every message: an enrolment makes an owner.
      get maxMessage() {
        return hasStanding(peer) ? maxMessage : maxMessageOfStranger;
      },
    };
    const reader = new BoundedReader(socket, ofPeer, (json) => {
      const request = RequestEnvelope.parse(json);
      if (connection.pending >= this.#limits.maxPending) throw new Error("too many requests at once");
      connection.pending += 1;
      return request;
    });
    const rpc = createMessageConnection(reader, new BoundedWriter(socket, this.#limits));
    const connection: Connection<Peer> = { peer, socket, rpc, subscribed: false, pending: 0 };
    this.#connections.add(connection);
    rpc.onRequest(async (method, params) => {
      try {
        return await this.#answer(connection, method, params);
      } finally {
        connection.pending -= 1;
      }
    });
    rpc.onError(([error]) => this.#fault(`uid ${peer.uid} was dropped: ${error.message}`));
    socket.once("close", () => {
      this.#connections.delete(connection);
      rpc.dispose();
      if (connection.subscribed) this.#countSubscribers();
    });
    rpc.listen();
  }

  /** Answers one request, or throws the refusal. */
  async #answer(connection: Connection<Peer>, method: string, params: unknown): Promise<unknown> {
    const { peer } = connection;
    if (!isMethod(method))
      throw refusal({
        code: "bad_request",
        reason: "request_unknown" satisfies RefusalReason,
        message: `there is no request "${method.slice(0, 64)}"`,
      });
    const refused = this.#options.refuses(peer, method);
    if (refused !== undefined) throw refusal(refused);
    const parsed = methods[method].params.safeParse(params);
    if (!parsed.success) throw refusal(badRequest(parsed.error));
    try {
      switch (method) {
        case "subscribe":
          return this.#subscribe(connection);
        case "status":
          return this.#options.view(this.#options.snapshot(), peer);
        default: {
          // The schema of this very method has parsed the parameters; TypeScript cannot relate the two by name.
          const handler = this.#options.handlers[method] as (params: unknown, peer: Peer) => Promise<unknown>;
          return await handler(parsed.data, peer);
        }
      }
    } catch (error) {
      if (error instanceof RpcRefusal) throw refusal(error.problem);
      this.#fault(`${method} failed`, error);
      throw refusal({
        code: "internal",
        reason: "agent_fault" satisfies RefusalReason,
        message: `the agent could not carry out "${method}"`,
        remedy: "The agent's log says why.",
      });
    }
  }

  #subscribe(connection: Connection<Peer>): Result<"subscribe"> {
    connection.subscribed = true;
    this.#countSubscribers();
    return {
      sequence: this.#sequence,
      snapshot: this.#options.view(this.#options.snapshot(), connection.peer),
    };
  }

  #countSubscribers(): void {
    this.#options.onSubscribers?.([...this.#connections].filter((c) => c.subscribed).length);
  }

  #fault(message: string, error?: unknown): void {
    this.#options.onFault?.(error === undefined ? { message } : { message, error });
  }
}
