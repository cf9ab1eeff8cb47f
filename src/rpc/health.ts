/** The part of the agent's contract that explains: where traffic goes and why, and whether all is as it should be. */
import * as z from "zod/mini";
import { Facts, Said } from "./said.ts";

/** Where packets to an address go: into the tunnel, out directly, to the local network, this machine, or nowhere. */
export const Way = z.enum(["tunnel", "direct", "local", "loopback", "refused"]);
export type Way = z.infer<typeof Way>;

export const ExpectedRoute = z.strictObject({
  way: Way,
  /** Priority of the policy rule that decides; null = none of ours. */
  rule: z.nullable(z.int()),
  table: z.string(),
  /** The route that decides; null = not known to us. */
  prefix: z.nullable(z.string()),
  interface: z.nullable(z.string()),
  /** Names of the gateways that it passes, in order. */
  hops: z.array(z.string()),
  /** For a person. */
  reason: z.string(),
  /** The same by code (`ROUTE_REASONS`). */
  because: z.optional(Said),
});
export type ExpectedRoute = z.infer<typeof ExpectedRoute>;

/** The kernel's own answer. */
export const ActualRoute = z.strictObject({
  way: Way,
  table: z.string(),
  interface: z.nullable(z.string()),
  gateway: z.nullable(z.string()),
  source: z.nullable(z.string()),
});
export type ActualRoute = z.infer<typeof ActualRoute>;

export const Explanation = z.strictObject({
  target: z.string(),
  /** Who answers for the name; null for an address. */
  dns: z.nullable(z.string()),
  /** The same by code (`RESOLVERS`). */
  resolver: z.optional(z.nullable(Said)),
  /** What decides the mode: a layer of the preferences, a profile, or lockdown. */
  decidedBy: z.string(),
  /** The same by code (`DECIDERS`). */
  decider: z.optional(Said),
  /** One for each address of the target. */
  routes: z.array(
    z.strictObject({
      address: z.string(),
      expected: ExpectedRoute,
      actual: ActualRoute,
      agrees: z.boolean(),
    }),
  ),
});
export type Explanation = z.infer<typeof Explanation>;

export const Check = z.strictObject({
  code: z.string(),
  verdict: z.enum(["good", "warning", "bad", "skipped"]),
  /** What was looked at, in a few words. */
  title: z.string(),
  /** What was found, for a person. */
  message: z.string(),
  /** The same by code (`FINDINGS`), and what its sentence names. */
  found: z.optional(z.string()),
  facts: z.optional(Facts),
  /** What somebody else changed, each by code (`DEVIATIONS` of the tunnel), where all of it has one. */
  deviations: z.optional(z.array(Said)),
});
export type Check = z.infer<typeof Check>;

export const healthMethods = {
  /** Where traffic of an ordinary program to an address or a name goes, beside what the kernel says. */
  explainRoute: {
    params: z.strictObject({ target: z.string().check(z.minLength(1), z.maxLength(253)) }),
    result: Explanation,
  },
  /** Looks at everything that protection rests on; `healthy` = nothing is bad. */
  checkHealth: {
    params: z.strictObject({}),
    result: z.strictObject({ healthy: z.boolean(), checks: z.array(Check) }),
  },
} as const;
