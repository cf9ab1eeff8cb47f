import type { ForeignNames } from "../types.ts";

/** Somebody else decides whom the system asks. `why`: what is known of how; for a person, without a full stop. */
export function otherResolver(
  by: string,
  named: readonly string[],
  wanted: readonly string[],
  why: string,
): ForeignNames {
  const facts = { by, wanted: wanted.join(", ") };
  const others = named.join(", ");
  return {
    message: `${by} names ${others === "" ? "nobody" : others} instead of ${facts.wanted}: ${why}.`,
    said:
      others === ""
        ? { code: "resolver_nobody", facts }
        : { code: "resolver_other", facts: { ...facts, named: others } },
  };
}
