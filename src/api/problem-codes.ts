/**
 * The codes of the control plane's problems. They are stable: a face says them in its own language, and its own
 * sentence is for whoever does not know a code.
 */
export const PROBLEM_CODES = [
  "unauthenticated",
  "revoked",
  "unknown",
  "forbidden",
  "set_by_operator",
  "invalid",
  "stale",
  "precondition_required",
  "malformed",
  "too_large",
  "unsupported_media_type",
  "too_many_requests",
  "no_such_surface",
  "internal",
  "public_key_in_use",
  "network_full",
  "overlay_full",
  "name_taken",
  "not_writable",
  "too_many_configs",
  "no_eligible_gateway",
  "enrollment_key_unknown",
  "enrollment_key_used",
  "enrollment_key_expired",
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** Those that only an operator's requests, or a request for a file for plain WireGuard, can meet: no app makes these. */
export const NOT_OF_APPS = [
  "name_taken",
  "not_writable",
  "too_many_configs",
] as const satisfies ProblemCode[];
