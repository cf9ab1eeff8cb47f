/** Whatever was thrown in a request, as the problem that is answered. */
import type { Problem } from "../api/http.ts";
import { ProblemError, type Fault } from "./problem.ts";

interface ValidationIssue {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string;
}

/** Codes of the web framework that are the caller's fault, and what to say. */
const FRAMEWORK: Readonly<Record<string, readonly [number, string, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, "too_large", "The body is larger than 64 KiB."],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    415,
    "unsupported_media_type",
    "Send JSON: Content-Type: application/json.",
  ],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, "malformed", "The body is not JSON."],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, "malformed", "The body is empty; this surface takes JSON."],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, "malformed", "The body is not as long as Content-Length says."],
};

export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const { code, statusCode, validation } = error as {
    code?: string;
    statusCode?: number;
    validation?: readonly ValidationIssue[];
  };
  if (validation !== undefined) return malformed(validation.map(faultOf));
  const known = FRAMEWORK[code ?? ""];
  if (known !== undefined) return problem(...known);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return problem(statusCode, "malformed", "The request is not well-formed.");
  return problem(500, "internal", "Something went wrong here. The operator's log says what.");
}

function malformed(errors: Fault[]): Problem {
  const detail = errors.map(({ pointer, message }) => `${pointer || "The body"}: ${message}.`).join(" ");
  return { ...problem(400, "malformed", detail), errors };
}

function faultOf({ instancePath, keyword, message }: ValidationIssue): Fault {
  return { pointer: instancePath, code: keyword, message: message ?? "not valid" };
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Not well-formed",
  413: "Too large",
  415: "Not JSON",
  500: "Internal error",
};

function problem(status: number, code: string, detail: string): Problem {
  return { type: "about:blank", title: TITLES[status] ?? "Refused", status, code, detail };
}
