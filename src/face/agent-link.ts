/**
 * A face's standing link to the agent: connects, subscribes, keeps the snapshot current, and connects anew when the
 * agent went away, for as long as the face lives. It says why it has none in the words of `AgentState`.
 */
import { AgentMismatch, AgentUnreachable, type AgentClient } from "../rpc/client.ts";
import { PROTOCOL, type MethodName, type Params, type Result, type Snapshot } from "../rpc/contract.ts";
import type { AgentState } from "../bridge/state.ts";

/** How long to wait before trying again, milliseconds: quick at first, since a restart takes a second. */
const WAITS_MS = [100, 200, 400, 800, 1500] as const;

export interface AgentLinkOptions {
  /** Makes one connection; `connectAgent` bound to the socket's path. */
  readonly connect: () => Promise<AgentClient>;
  readonly now: () => Date;
  /** The whole state is new. */
  readonly onState: (state: AgentState) => void;
  /** Only these fields of the snapshot are new. */
  readonly onPatch: (patch: Partial<Snapshot>) => void;
}

export class AgentLink {
  readonly #options: AgentLinkOptions;
  #state: AgentState = { state: "looking" };
  #client: AgentClient | null = null;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;

  constructor(options: AgentLinkOptions) {
    this.#options = options;
  }

  get state(): AgentState {
    return this.#state;
  }

  start(): void {
    void this.#connect();
  }

  /** Looks for the agent now instead of after the wait: somebody has just started it. */
  tryNow(): void {
    if (this.#client !== null || this.#closed) return;
    clearTimeout(this.#timer);
    this.#failures = 0;
    void this.#connect();
  }

  /**
   * Asks the agent. Throws `AgentRefusal` with its words, `AgentUnreachable` or `AgentMismatch`. `timeoutMs` as in
   * `AgentClient`.
   */
  async call<M extends MethodName>(
    method: M,
    params: Params<M>,
    options?: { readonly timeoutMs?: number },
  ): Promise<Result<M>> {
    if (this.#client === null)
      throw new AgentUnreachable("not_running", "The Nanami service is not running.");
    return this.#client.call(method, params, options);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#client?.close();
    this.#client = null;
  }

  async #connect(): Promise<void> {
    let client: AgentClient | undefined;
    try {
      client = await this.#options.connect();
      const current = client;
      const stop = current.onChanged(({ patch }) => {
        if (this.#client !== current || this.#state.state !== "ready") return;
        // A patch carries only fields that are new, never an undefined one.
        this.#state = { state: "ready", snapshot: { ...this.#state.snapshot, ...patch } as Snapshot };
        this.#options.onPatch(patch as Partial<Snapshot>);
      });
      // Changes that come before this answer are part of it: they are not listened to until then.
      const { snapshot } = await current.call("subscribe", {});
      if (this.#closed) {
        current.close();
        return;
      }
      this.#client = current;
      this.#failures = 0;
      this.#set({ state: "ready", snapshot });
      current.onClosed(() => {
        stop();
        if (this.#client !== current) return;
        this.#client = null;
        this.#lost("not_running");
      });
    } catch (error) {
      client?.close();
      if (this.#closed) return;
      if (error instanceof AgentMismatch) {
        this.#set({ state: "other_version", agentProtocol: error.agentProtocol, ours: PROTOCOL });
        this.#again();
      } else {
        const why = error instanceof AgentUnreachable ? error.why : "not_running";
        this.#lost(why === "not_installed" || why === "not_permitted" ? why : "not_running");
      }
    }
  }

  #lost(why: "not_installed" | "not_running" | "not_permitted"): void {
    const before = this.#state;
    const last = before.state === "ready" ? before.snapshot : before.state === "away" ? before.last : null;
    const since = before.state === "away" ? before.since : this.#options.now().toISOString();
    // A socket that is gone for a moment is an agent that restarts, not one that was never installed.
    const reason = why === "not_installed" && last !== null ? "not_running" : why;
    if (before.state !== "away" || before.why !== reason)
      this.#set({ state: "away", why: reason, since, last });
    this.#again();
  }

  #again(): void {
    if (this.#closed) return;
    const wait = WAITS_MS[Math.min(this.#failures, WAITS_MS.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }

  #set(state: AgentState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}
