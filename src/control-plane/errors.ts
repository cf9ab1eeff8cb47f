/** Whatever was thrown in a request, as the problem that is answered. */
import type { Problem } from "../api/http.ts";
import type { ProblemCode } from "../api/problem-codes.ts";
import { ProblemError, type Fault } from "./problem.ts";

interface ValidationIssue {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string;
  readonly params?: { readonly keys?: readonly string[] };
}

/** Codes of the web framework that are the caller's fault, and what to say. */
const FRAMEWORK: Readonly<Record<string, readonly [number, ProblemCode, string]>> = {
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
  if (validation !== undefined) return malformed(validation.flatMap(faultsOf));
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

function faultsOf({ instancePath, keyword, message = "not valid", params }: ValidationIssue): Fault[] {
  // The root is "" as a JSON pointer; the validator writes "/".
  const pointer = instancePath === "/" ? "" : instancePath;
  if (params?.keys === undefined) return [{ pointer, code: keyword, message }];
  return params.keys.map((key) => ({
    pointer: `${pointer}/${key.slice(0, 64).replaceAll("~", "~0").replaceAll("/", "~1")}`,
    code: "unknown_field",
    message: "there is no such field",
  }));
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Not well-formed",
  413: "Too large",
  415: "Not JSON",
  500: "Internal error",
};

function problem(status: number, code: ProblemCode, detail: string): Problem {
  return { type: "about:blank", title: TITLES[status] ?? "Refused", status, code, detail };
}
