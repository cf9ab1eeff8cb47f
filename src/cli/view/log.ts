/** A line of the agent's log for people. */
import type { LogLine } from "../../rpc/diagnostics.ts";
import type { Paint } from "./paint.ts";

const TONES = { debug: "dim", info: "dim", warning: "warn", error: "bad" } as const satisfies Record<
  LogLine["level"],
  keyof Paint
>;

/** Time, level where it matters, message, facts. */
export function logLineView({ at, level, message, facts }: LogLine, paint: Paint): string {
  const rest = Object.keys(facts).length === 0 ? "" : ` ${paint.dim(JSON.stringify(facts))}`;
  const urgency = level === "info" ? "" : `${paint[TONES[level]](level)} `;
  return `${paint.dim(at)} ${urgency}${message}${rest}\n`;
}
