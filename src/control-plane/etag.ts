/** Versions as entity tags, and the precondition that every PUT of a version carries (RFC 9110, RFC 6585). */
import { ProblemError } from "./problem.ts";

export function etagOf(version: number | string): string {
  return `"${version}"`;
}

/**
 * Throws 428 without an `If-Match` header and 412 when none of its tags is the current one. `*` matches whatever is
 * stored; a weak tag matches nothing.
 */
export function requireMatch(ifMatch: string | undefined, current: string): void {
  if (ifMatch === undefined) {
    throw new ProblemError(
      428,
      "precondition_required",
      "Say what you are replacing",
      `Send If-Match with the ETag that you read (now ${current}), so that nobody's change is lost.`,
    );
  }
  const tags = ifMatch.split(",").map((tag) => tag.trim());
  if (tags.includes("*") || tags.includes(current)) return;
  throw new ProblemError(
    412,
    "stale",
    "Somebody was faster",
    `The stored value has changed since you read it (now ${current}). Read it again and decide anew.`,
  );
}
