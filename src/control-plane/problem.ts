/** Errors as RFC 9457 problem details. A route throws one to leave its transaction; the server writes it. */
import type { Problem } from "../api/http.ts";
import type { ProblemCode } from "../api/problem-codes.ts";

export interface Fault {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(
    status: number,
    code: ProblemCode,
    title: string,
    detail: string,
    { errors, expiredAt }: { readonly errors?: readonly Fault[]; readonly expiredAt?: string } = {},
  ) {
    super(detail);
    this.problem = {
      type: "about:blank",
      title,
      status,
      code,
      detail,
      ...(errors === undefined ? {} : { errors: [...errors] }),
      ...(expiredAt === undefined ? {} : { expiredAt }),
    };
  }
}

/** No token, or one that nobody gave out. */
export function unauthenticated(): ProblemError {
  return new ProblemError(
    401,
    "unauthenticated",
    "Who are you?",
    "Send a token: Authorization: Bearer <token>. This one is missing or was never given out.",
  );
}

/** A token that was good once. */
export function revoked(): ProblemError {
  return new ProblemError(
    401,
    "revoked",
    "Revoked",
    "This token was revoked. Ask your operator for a new enrolment link.",
  );
}

/** The same words for what does not exist and for what the caller may not know of. */
export function unknown(): ProblemError {
  return new ProblemError(
    404,
    "unknown",
    "Not found",
    "There is no such object, or it is not yours to see. Check the id.",
  );
}

export function forbidden(detail = "Your token may see this but not do it. Ask an operator."): ProblemError {
  return new ProblemError(403, "forbidden", "Not allowed", detail);
}

/** In this network members may read preferences alone. */
export function setByOperator(): ProblemError {
  const detail = "In this network preferences are set by your operator.";
  return new ProblemError(403, "set_by_operator", "Not allowed", detail);
}

export function conflict(code: ProblemCode, detail: string): ProblemError {
  return new ProblemError(409, code, "Conflict", detail);
}

/** Well-formed and refused for what it means. */
export function invalid(errors: readonly Fault[]): ProblemError {
  return new ProblemError(422, "invalid", "Not valid", errors.map((error) => error.message).join(" "), {
    errors,
  });
}
