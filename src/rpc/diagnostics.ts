/**
 * The part of the agent's contract that a person turns to when something seems wrong: the leak self-test, the log,
 * a bundle to hand to somebody else, and what a face saw happen around the machine.
 */
import * as z from "zod/mini";
import { Said } from "./said.ts";
import { TrafficMode } from "../routing/schema.ts";

/** The checks of the self-test, in the order in which a person reads them. */
export const LEAK_CHECKS = [
  "internet4",
  "internet6",
  "private_network",
  "underlay_resolver",
  "system_resolver",
  "tunnel",
  "local_network",
] as const;
export const LeakCheckCode = z.enum(LEAK_CHECKS);
export type LeakCheckCode = z.infer<typeof LeakCheckCode>;

export const LeakCheck = z.strictObject({
  code: LeakCheckCode,
  verdict: z.enum(["good", "warning", "bad", "skipped"]),
  title: z.string(),
  /** What was done to find out, for a person. */
  tried: z.string(),
  /** What was found: stable, and with the facts that its sentence names. */
  found: z.string(),
  facts: z.record(z.string(), z.string()),
  /** What somebody else changed, each by code (`DEVIATIONS` of the tunnel), where all of it has one. */
  deviations: z.optional(z.array(Said)),
  /** The same for a person. */
  message: z.string(),
  /** What to do; null = nothing. */
  remedy: z.nullable(z.string()),
});
export type LeakCheck = z.infer<typeof LeakCheck>;

/** What is promised while this is in force: nothing, the private prefixes alone, or everything. */
export const LeakPromise = z.enum(["nothing", "private_network", "everything"]);
export type LeakPromise = z.infer<typeof LeakPromise>;

export const LogLine = z.strictObject({
  /** Rises by one with each line since the agent started; a gap means that lines in between were forgotten. */
  sequence: z.int(),
  at: z.iso.datetime(),
  level: z.enum(["debug", "info", "warning", "error"]),
  message: z.string(),
  /** Without secrets. */
  facts: z.record(z.string(), z.json()),
});
export type LogLine = z.infer<typeof LogLine>;

/** What is left out of a bundle: secrets in any case, names and addresses if wanted. */
export const Hide = z.enum(["secrets", "secrets_and_names"]);
export type Hide = z.infer<typeof Hide>;

export const diagnosticsMethods = {
  /**
   * Tries to get past what is promised, as any program could. `only`: this check alone, so that a face can say what
   * is under way and stop. `protected`: something is promised, and nothing that was looked at breaks it.
   */
  testLeaks: {
    params: z.strictObject({ only: z.optional(LeakCheckCode) }),
    result: z.strictObject({
      protected: z.boolean(),
      promise: LeakPromise,
      /** The mode that is in force; null = nothing is. */
      mode: z.nullable(TrafficMode),
      checks: z.array(LeakCheck),
    }),
  },
  /** The lines after `after`, oldest first; `next` is the `after` of the next request. The agent keeps the newest. */
  readLog: {
    params: z.strictObject({
      after: z.int().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER)),
      limit: z.int().check(z.gte(1), z.lte(1000)),
    }),
    result: z.strictObject({ lines: z.array(LogLine), next: z.int() }),
  },
  /** Everything that helps to find a fault, as texts without keys and tokens; to be read before it is handed on. */
  diagnostics: {
    params: z.strictObject({ hide: Hide }),
    result: z.strictObject({ sections: z.array(z.strictObject({ name: z.string(), text: z.string() })) }),
  },
  /** A face saw the machine sleep, wake or move: the agent looks by itself, sooner for it. Told too often, it waits. */
  noteEvent: {
    params: z.strictObject({ event: z.enum(["suspend", "resume", "network_changed"]) }),
    result: z.strictObject({}),
  },
} as const;
