/** What commands need from outside: the agent, the terminal, the clock. Tests hand in their own. */
import type { AgentClient } from "../rpc/client.ts";
import type { Files } from "./files.ts";
import type { Paint } from "./view/paint.ts";

/** Exit statuses of `nanami`. */
export const EXIT = {
  ok: 0,
  /** The answer is no: refused, not connected, no path. */
  no: 1,
  /** The command was used wrongly. */
  usage: 2,
  /** The agent is not reachable. */
  unreachable: 3,
} as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

export interface Environment {
  /** What a person types to run `nanami` here, for help and for errors that name the next command. */
  readonly command: string;
  /** Connects to the agent at `socket`. Throws `AgentUnreachable` or `AgentMismatch`. */
  readonly connect: (socket: string) => Promise<AgentClient>;
  /** Socket to use when none is given. */
  readonly defaultSocket: string;
  /** Writes to standard output: answers, and with `--json` nothing but JSON. */
  readonly out: (text: string) => void;
  /** Writes to standard error: progress, hints, problems. */
  readonly err: (text: string) => void;
  /** Colours of standard output and of standard error. */
  readonly paint: Paint;
  readonly errPaint: Paint;
  /** Where answers are wrapped: the terminal's width, 80 where there is none. */
  readonly columns: number;
  /** Where messages are wrapped: the terminal's width, nowhere where there is none. */
  readonly errColumns: number;
  /** Whether standard output is a terminal, which a view may redraw. */
  readonly redraws: boolean;
  readonly now: () => Date;
  /** Asks a person; undefined where nobody can answer. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
  /** Reads standard input to its end. */
  readonly readInput: () => Promise<string>;
  /** The files that a person names. */
  readonly files: Files;
  /** From the first call on, Ctrl-C aborts this signal instead of ending the program. */
  readonly interruption: () => AbortSignal;
}
