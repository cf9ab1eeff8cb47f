/**
 * A face's half of the RPC. Three things can go wrong, and each is a class of its own: the agent cannot be reached
 * (`AgentUnreachable`), it refuses the request (`AgentRefusal`), or it speaks another version (`AgentMismatch`).
 */
import { connect, type Socket } from "node:net";
import { createMessageConnection, ResponseError, type MessageConnection } from "vscode-jsonrpc/node";
import { z } from "zod";
import {
  Changed,
  MAX_MESSAGE,
  methods,
  PROTOCOL,
  RpcProblem,
  type MethodName,
  type Params,
  type Result,
} from "./contract.ts";
import { BoundedReader, BoundedWriter, type FrameLimits } from "./framing.ts";
import { AgentEnvelope } from "./messages.ts";

const LIMITS: FrameLimits = {
  maxMessage: MAX_MESSAGE,
  maxBacklog: MAX_MESSAGE,
  messageTimeout: 10_000,
};

/**
 * The agent is not there. `why`: no socket at the path, nobody behind it, no permission to connect, no answer in
 * time, or the connection ended.
 */
export class AgentUnreachable extends Error {
  readonly why: "not_installed" | "not_running" | "not_permitted" | "no_answer" | "closed";
  constructor(why: AgentUnreachable["why"], message: string) {
    super(message);
    this.why = why;
  }
}

/** The agent understood and said no. */
export class AgentRefusal extends Error {
  readonly problem: RpcProblem;
  constructor(problem: RpcProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** The agent and this face are of different versions. `agentProtocol` is null when it sent what nobody understands. */
export class AgentMismatch extends Error {
  readonly agentProtocol: number | null;
  constructor(agentProtocol: number | null) {
    super(
      agentProtocol === null
        ? "the agent answered in a way that this program does not understand; update both to the same version"
        : `the agent speaks protocol ${agentProtocol} and this program ${PROTOCOL}; update the older of the two`,
    );
    this.agentProtocol = agentProtocol;
  }
}

export interface AgentClient extends Disposable {
  /**
   * Makes a request. Throws `AgentRefusal`, `AgentUnreachable` or `AgentMismatch`. `timeoutMs` overrides the
   * client's own for this request (0 = wait for ever).
   */
  call<M extends MethodName>(
    method: M,
    params: Params<M>,
    options?: { readonly timeoutMs?: number },
  ): Promise<Result<M>>;
  /** After `subscribe`: calls back with every change. Returns a function that stops it. */
  onChanged(listener: (changed: Changed) => void): () => void;
  /** Calls back once when the connection has ended, by either side. */
  onClosed(listener: () => void): void;
  close(): void;
}

function reach(path: string, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new AgentUnreachable("no_answer", `the agent at ${path} does not accept connections`));
    }, timeoutMs);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      switch (error.code) {
        case "ENOENT": {
          reject(new AgentUnreachable("not_installed", `there is no agent at ${path}`));
          return;
        }
        case "EACCES":
        case "EPERM": {
          reject(new AgentUnreachable("not_permitted", `no permission to talk to the agent at ${path}`));
          return;
        }
        default: {
          reject(new AgentUnreachable("not_running", `the agent at ${path} is not running`));
          return;
        }
      }
    });
  });
}

class Client implements AgentClient {
  readonly #rpc: MessageConnection;
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  readonly #listeners = new Set<(changed: Changed) => void>();
  #closed = false;

  constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    // One listener for each request that waits.
    socket.setMaxListeners(0);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      this.#closed = true;
      this.#rpc.dispose();
    });
    const reader = new BoundedReader(socket, LIMITS, (json) => AgentEnvelope.parse(json));
    this.#rpc = createMessageConnection(reader, new BoundedWriter(socket, LIMITS));
    this.#rpc.onError(() => undefined);
    this.#rpc.onNotification("changed", (params: unknown) => {
      const changed = Changed.safeParse(params);
      if (!changed.success) {
        this.close();
        return;
      }
      for (const listener of this.#listeners) listener(changed.data);
    });
    this.#rpc.listen();
  }

  async call<M extends MethodName>(
    method: M,
    params: Params<M>,
    options: { readonly timeoutMs?: number } = {},
  ): Promise<Result<M>> {
    const answer = await this.raw(method, params, options.timeoutMs ?? this.#timeoutMs);
    const parsed = methods[method].result.safeParse(answer);
    if (!parsed.success) throw new AgentMismatch(null);
    // The schema of this very method has parsed it; TypeScript cannot relate the two by name.
    return parsed.data as Result<M>;
  }

  /** As `call`, and leaves the answer as it came. */
  async raw(method: MethodName, params: unknown, timeoutMs: number): Promise<unknown> {
    if (this.#closed) throw new AgentUnreachable("closed", "the connection to the agent has ended");
    const waiting = Promise.withResolvers<never>();
    const fail = () => waiting.reject(new AgentUnreachable("closed", "the agent ended the connection"));
    this.#socket.once("close", fail);
    const timer =
      timeoutMs === 0
        ? undefined
        : setTimeout(
            () =>
              waiting.reject(
                new AgentUnreachable("no_answer", `the agent did not answer "${method}" in ${timeoutMs} ms`),
              ),
            timeoutMs,
          );
    try {
      return await Promise.race([this.#rpc.sendRequest<unknown>(method, params), waiting.promise]);
    } catch (error) {
      if (error instanceof AgentUnreachable) throw error;
      // The library rejects what waits with an error of its own when the connection ends.
      if (this.#socket.destroyed || !(error instanceof ResponseError))
        throw new AgentUnreachable("closed", "the agent ended the connection");
      const problem = RpcProblem.safeParse(error.data);
      if (!problem.success) throw new AgentMismatch(null);
      throw new AgentRefusal(problem.data);
    } finally {
      clearTimeout(timer);
      this.#socket.off("close", fail);
    }
  }

  onChanged(listener: (changed: Changed) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onClosed(listener: () => void): void {
    if (this.#closed) listener();
    else this.#socket.once("close", listener);
  }

  close(): void {
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Connects to the agent and makes sure that both speak the same protocol. `timeoutMs` (default 30,000) bounds the
 * connection and, unless it says otherwise, every request. Throws `AgentUnreachable` or `AgentMismatch`.
 */
export async function connectAgent(
  socketPath: string,
  options: { readonly timeoutMs?: number } = {},
): Promise<AgentClient> {
  const timeoutMs = options.timeoutMs ?? 30_000;
  const client = new Client(await reach(socketPath, timeoutMs), timeoutMs);
  try {
    // Asked before anything is parsed strictly: of another version, this field alone can be relied on.
    const answer = z.object({ protocol: z.number() }).safeParse(await client.raw("status", {}, timeoutMs));
    if (!answer.success || answer.data.protocol !== PROTOCOL)
      throw new AgentMismatch(answer.success ? answer.data.protocol : null);
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}
