import type { TunnelBlockage } from "./types.ts";

/** An operation on the system that did not succeed, with what a person is told about it. */
export class OperationError extends Error {
  readonly blockage: TunnelBlockage;

  constructor(blockage: TunnelBlockage) {
    super(`${blockage.message} ${blockage.remedy}`);
    this.name = "OperationError";
    this.blockage = blockage;
  }
}

/** What a person is told about any error. */
export function blockageOf(error: unknown): TunnelBlockage {
  if (error instanceof OperationError) return error.blockage;
  return {
    code: "internal",
    message: `Something unexpected went wrong: ${error instanceof Error ? error.message : String(error)}.`,
    facts: { detail: error instanceof Error ? error.message : String(error) },
    remedy: "It is tried again by itself. If it stays, send the diagnostics of this machine.",
  };
}
