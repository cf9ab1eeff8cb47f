/**
 * The gateway agent: takes states from the control plane, judges them, brings them into force, says what is in
 * force, and repairs what others change. The last state stays in force while the control plane is away, after this
 * program ends (however it ends) and over a restart; without a state nothing passes. A revoked gateway forgets
 * its state and lets nothing pass.
 */
import type { GatewayEvent, GatewayMessage, GatewayState } from "../api/events.ts";
import type { SessionState } from "../api/session.ts";
import { describe } from "../api/connection.ts";
import { checkState, type CheckedState, type Refusal, type Self } from "./check-state.ts";

/** What the agent needs of the kernel; `Driver` in apply.ts. */
export interface Enforcer {
  apply(state: CheckedState | null): Promise<void>;
  problem(state: CheckedState | null): Promise<string | null>;
}

/** What the agent keeps over a restart. */
export interface Memory {
  save(state: GatewayState): Promise<void>;
  forget(): Promise<void>;
}

export interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface AgentOptions {
  readonly self: Self;
  readonly enforcer: Enforcer;
  readonly memory: Memory;
  readonly load: () => Promise<number>;
  /** Says something to the control plane; false when it is away. */
  readonly send: (message: GatewayMessage) => boolean;
  readonly log: Log;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** Something to bring into force: a state with its original text, or (both null) nothing at all. */
interface Target {
  readonly checked: CheckedState | null;
  readonly original: GatewayState | null;
  readonly refused: readonly Refusal[];
}

const NOTHING: Target = { checked: null, original: null, refused: [] };

/** Between health reports and looks at the kernel, milliseconds. */
export const HEALTH_MS = 5_000;
/** A look at ten thousand peers takes long: never more than this share of the time. */
const AUDIT_SHARE = 0.02;
const RETRY = { shortest: 500, longest: 30_000 };
/** What `state.applied` has room for. */
const MOST_REFUSALS = 64;
const LONGEST_MESSAGE = 500;

/** See the file's head. One loop applies, one target at a time; of several that wait only the newest counts. */
export class GatewayAgent {
  readonly #options: AgentOptions;
  #inForce: Target = NOTHING;
  #next: Target | null = null;
  #working: Promise<void> | null = null;
  #workspaceId: string | undefined;
  /** Newest version on this connection. */
  #seen = -1;
  #failures = 0;
  #problem: string | null = "no state is in force yet: nothing passes";
  #retry: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #nextAudit = 0;
  #revoked = false;

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  /** The version in force; undefined = nothing passes. */
  get version(): number | undefined {
    return this.#inForce.checked?.version;
  }

  /** Brings the state of an earlier life (null = there is none) into force and starts to watch over it. */
  async start(stored: GatewayState | null): Promise<void> {
    const target = stored === null ? NOTHING : this.#judge(stored);
    this.#enqueue(target ?? NOTHING);
    this.#timer = setInterval(() => this.#background(this.#tick()), HEALTH_MS);
    await this.#working;
  }

  /** Ends this program's part. What is in force stays in force: devices keep working while it is updated. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#retry);
    this.#next = null;
    await this.#working;
  }

  /** First words on every connection. */
  hello(): GatewayMessage {
    const version = this.version;
    return { type: "hello", ...(version === undefined ? {} : { version }) };
  }

  onSession(session: SessionState): void {
    const { log } = this.#options;
    switch (session.state) {
      case "connected":
        this.#seen = -1;
        log.info({}, "connected to the control plane");
        this.#background(this.#reportHealth());
        return;
      case "waiting":
        log.warn({ retryMs: session.retryMs }, `the control plane is away: ${session.problem}`);
        return;
      case "revoked":
        log.warn({}, `revoked: ${session.message} Nothing passes any more.`);
        this.#revoked = true;
        this.#enqueue(NOTHING);
        return;
    }
  }

  onMessage({ state }: GatewayEvent): void {
    if (this.#revoked) return;
    if (state.version < this.#seen) {
      this.#options.log.warn({ version: state.version }, "ignored an older state");
      return;
    }
    this.#seen = state.version;
    const target = this.#judge(state);
    if (target !== null) this.#enqueue(target);
  }

  /** Null when the state as a whole is refused; that is reported at once, and what is in force stays. */
  #judge(state: GatewayState): Target | null {
    const { self, log } = this.#options;
    const verdict = checkState(state, { ...self, workspaceId: this.#workspaceId });
    for (const refusal of verdict.refused)
      log.warn({ code: refusal.code, deviceId: refusal.deviceId }, `refused: ${refusal.message}`);
    if (verdict.ok) return { checked: verdict.state, original: state, refused: verdict.refused };
    this.#reportApplied(verdict.refused);
    return null;
  }

  #enqueue(target: Target): void {
    clearTimeout(this.#retry);
    this.#next = target;
    this.#working ??= this.#work()
      .catch((error: unknown) => this.#unexpected(error))
      .finally(() => {
        this.#working = null;
      });
  }

  /** Work that nobody waits for: its failure is logged, never unhandled, which would end the gateway's guard. */
  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#unexpected(error));
  }

  #unexpected(error: unknown): void {
    this.#options.log.warn({}, `something unexpected went wrong: ${describe(error)}`);
  }

  async #work(): Promise<void> {
    for (let target = this.#take(); target !== null; target = this.#take()) await this.#apply(target);
  }

  #take(): Target | null {
    const target = this.#next;
    this.#next = null;
    return target;
  }

  async #apply(target: Target): Promise<void> {
    const { enforcer, memory, log, now } = this.#options;
    const started = now();
    // Forgotten first: whatever happens next, the following life must not find the state of a revoked gateway. That
    // nothing may pass does not wait for a disk, though.
    const unforgotten =
      this.#revoked && target.original === null ? await memory.forget().then(() => null, describe) : null;
    try {
      await enforcer.apply(target.checked);
      this.#inForce = target;
      this.#failures = 0;
      this.#nextAudit = now() + HEALTH_MS;
      this.#problem = target.checked === null ? "no state is in force: nothing passes" : null;
      const facts = { version: this.version, peers: target.checked?.peers.length ?? 0, ms: now() - started };
      log.info(facts, target.checked === null ? "nothing passes" : "in force");
      if (unforgotten !== null)
        throw new Error(`the state of this revoked gateway is still stored: ${unforgotten}`);
      if (target.original !== null && !this.#revoked) {
        this.#workspaceId = target.original.workspaceId;
        await memory.save(target.original);
        this.#reportApplied(target.refused);
      }
    } catch (error) {
      this.#fail(target, describe(error));
    }
    await this.#reportHealth();
  }

  #fail(target: Target, problem: string): void {
    const pause = Math.min(RETRY.longest, RETRY.shortest * 2 ** this.#failures);
    this.#failures += 1;
    this.#problem = problem;
    this.#options.log.warn({ retryMs: pause }, `cannot bring the state into force: ${problem}`);
    if (this.#next === null) this.#retry = setTimeout(() => this.#enqueue(target), pause);
  }

  /** Every five seconds: is what should be in force still so? Then tell the control plane how we are. */
  async #tick(): Promise<void> {
    const { enforcer, log, now } = this.#options;
    if (this.#settled(this.#inForce) && now() >= this.#nextAudit) {
      const started = now();
      const target = this.#inForce;
      const problem = await enforcer.problem(target.checked).catch(describe);
      this.#nextAudit = now() + (now() - started) / AUDIT_SHARE;
      if (problem !== null && this.#settled(target)) {
        log.warn({}, `${problem}: putting it right`);
        this.#enqueue(target);
        return;
      }
    }
    await this.#reportHealth();
  }

  /** Whether this target is in force and nothing else is on its way. */
  #settled(target: Target): boolean {
    return this.#working === null && this.#failures === 0 && target === this.#inForce;
  }

  async #reportHealth(): Promise<void> {
    const { send, load } = this.#options;
    send({
      type: "health",
      healthy: this.#problem === null,
      load: await load(),
      ...(this.#problem === null ? {} : { message: this.#problem.slice(0, LONGEST_MESSAGE) }),
    });
  }

  /** The version is the one in force: a state that was refused as a whole is not it. */
  #reportApplied(refused: readonly Refusal[]): void {
    this.#options.send({
      type: "state.applied",
      version: this.version ?? 0,
      ...(refused.length === 0
        ? {}
        : {
            refused: refused
              .slice(0, MOST_REFUSALS)
              .map((refusal) => ({ ...refusal, message: refusal.message.slice(0, LONGEST_MESSAGE) })),
          }),
    });
  }
}
