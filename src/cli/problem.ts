/** Everything that can go wrong, as the sentence, the next command and the exit status that a person gets. */
import { AgentMismatch, AgentRefusal, AgentUnreachable } from "../rpc/client.ts";
import type { RpcProblem } from "../rpc/contract.ts";
import { printable } from "./printable.ts";
import { EXIT, type ExitStatus } from "./environment.ts";

/** The command was used wrongly in a way that its grammar cannot express. */
export class UsageError extends Error {}

/** The answer is no, and `hint` says what to do about it. */
export class Refused extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

export interface Problem {
  readonly status: ExitStatus;
  readonly code: string;
  readonly message: string;
  /** One more line each: broken rules by field. */
  readonly details: readonly { readonly pointer: string; readonly code: string; readonly message: string }[];
  /** What to do, with the command to type. */
  readonly hint: string | undefined;
}

/** The next command for each refusal; `nanami` is what a person types here. */
function hintFor(problem: RpcProblem, nanami: string): string {
  switch (problem.code) {
    case "not_enrolled":
      return `Enrol this device first: ${nanami} enroll <link>`;
    case "already_enrolled":
      return `Leave the present network first: ${nanami} logout`;
    case "not_permitted":
      return "Run it as root, or as the user who enrolled this device.";
    case "refused":
      return `See what may be chosen: ${nanami} gateways`;
    case "conflict":
      return `See what is stored now: ${nanami} prefs get`;
    case "not_found":
      return `See what there is: ${nanami} config list`;
    case "unavailable":
      return `See why: ${nanami} path`;
    case "control_plane_unreachable":
    case "bad_request":
    case "internal":
      return `See the state: ${nanami} status`;
  }
}

function unreachableHint({ why }: AgentUnreachable, nanami: string): string {
  switch (why) {
    case "not_installed":
    case "not_running":
      return `In a checkout, start the demo world: npm start. Another agent: ${nanami} --socket <path> …`;
    case "not_permitted":
      return 'Only root and members of the group nanami may: sudo usermod -aG nanami "$USER", then log in again.';
    case "no_answer":
    case "closed":
      return `Try again: ${nanami} status`;
  }
}

/** What to tell a person about `error`. Errors of our own making are thrown again: they are defects. */
export function problemOf(error: unknown, nanami: string): Problem {
  if (error instanceof UsageError)
    // It names files, and a file from elsewhere may be called anything.
    return {
      status: EXIT.usage,
      code: "usage",
      message: printable(error.message),
      details: [],
      hint: undefined,
    };
  if (error instanceof Refused)
    return {
      status: EXIT.no,
      code: error.code,
      message: printable(error.message),
      details: [],
      hint: error.hint,
    };
  if (error instanceof AgentRefusal) {
    const { code, message, remedy, errors } = printable(error.problem);
    const hint = remedy ?? hintFor(error.problem, nanami);
    return { status: EXIT.no, code, message, details: errors ?? [], hint };
  }
  if (error instanceof AgentUnreachable)
    return {
      status: EXIT.unreachable,
      code: "agent_unreachable",
      message: error.message,
      details: [],
      hint: unreachableHint(error, nanami),
    };
  if (error instanceof AgentMismatch)
    return {
      status: EXIT.unreachable,
      code: "agent_mismatch",
      message: error.message,
      details: [],
      hint: undefined,
    };
  throw error;
}
