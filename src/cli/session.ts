/** One run of a command: the agent connected on first use, and answers for people or for programs. */
import { AgentUnreachable, type AgentClient } from "../rpc/client.ts";
import type { MethodName, Params, Result } from "../rpc/contract.ts";
import type { Environment } from "./environment.ts";
import { printable } from "./printable.ts";
import { UsageError } from "./problem.ts";
import { paragraph } from "./view/width.ts";

export class Session {
  readonly environment: Environment;
  readonly json: boolean;
  readonly #socket: string;
  #client: Promise<AgentClient> | undefined;

  constructor(environment: Environment, options: { readonly socket: string; readonly json: boolean }) {
    this.environment = environment;
    this.json = options.json;
    this.#socket = options.socket;
  }

  /** What a person types to run `nanami`. */
  get nanami(): string {
    return this.environment.command;
  }

  agent(): Promise<AgentClient> {
    this.#client ??= this.environment.connect(this.#socket).catch((error: unknown) => {
      // One that is about to start may be asked again.
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  /** Asks the agent, for as long as it takes when `patient`. What it answers is safe to show. */
  async call<M extends MethodName>(method: M, params: Params<M>, patient = false): Promise<Result<M>> {
    const agent = await this.agent();
    return this.safe(await agent.call(method, params, patient ? { timeoutMs: 0 } : {}));
  }

  /** `value` with nothing in it that could steer a terminal; JSON escapes such characters by itself. */
  safe<T>(value: T): T {
    return this.json ? value : printable(value);
  }

  /** Rejects when the agent ends the connection; to be raced with what is waited for. */
  async lost(): Promise<never> {
    const agent = await this.agent();
    return new Promise((_, reject) =>
      agent.onClosed(() => reject(new AgentUnreachable("closed", "the agent ended the connection"))),
    );
  }

  /** The answer: `value` as JSON for programs, or the text that `view` makes of it for people. */
  answer(value: unknown, view: () => string): void {
    this.environment.out(this.json ? `${JSON.stringify(value, undefined, 2)}\n` : view());
  }

  /** A message beside the answer. */
  note(text: string): void {
    this.environment.err(paragraph(text, this.environment.errColumns));
  }

  /** Asks before something that surprises. True where nobody can be asked, or `--yes` was given. */
  async confirm(question: string, yes: boolean): Promise<boolean> {
    const { ask } = this.environment;
    return yes || this.json || ask === undefined ? true : ask(question);
  }

  /**
   * As `confirm`, for what is only ever done by an explicit word: where nobody can be asked, `--yes` has to be given.
   * Throws a `UsageError` that says so.
   */
  async agree(question: string, yes: boolean): Promise<boolean> {
    const { ask } = this.environment;
    if (yes) return true;
    if (this.json || ask === undefined)
      throw new UsageError(`${question} Nobody can be asked here, so nothing was done; add --yes to agree`);
    return ask(question);
  }

  async close(): Promise<void> {
    await this.#client?.then(
      (client) => client.close(),
      () => undefined,
    );
  }
}
