/** Kernel parameters. Reading and writing them takes microseconds, so nobody waits for a turn of the event loop. */
import { readFileSync, writeFileSync } from "node:fs";
import { OperationError } from "../operation-error.ts";

/** Reads parameters (paths below `/proc/sys`). One that this kernel does not have is left out. */
export function readSysctls(paths: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const path of paths) {
    try {
      values[path] = readFileSync(`/proc/sys/${path}`, "utf8").trim();
    } catch {
      // Not in this kernel.
    }
  }
  return values;
}

/** Writes the parameters that differ. Throws an `OperationError`. */
export function writeSysctls(values: Readonly<Record<string, string>>): void {
  const current = readSysctls(Object.keys(values));
  for (const [path, value] of Object.entries(values)) {
    if (current[path] === value) continue;
    try {
      writeFileSync(`/proc/sys/${path}`, value);
    } catch (error) {
      throw new OperationError({
        code: "sysctl_failed",
        message: `The kernel parameter ${path} could not be set: ${error instanceof Error ? error.message : String(error)}.`,
        facts: { detail: `${path}: ${error instanceof Error ? error.message : String(error)}` },
        remedy: "Run the agent as root, without ProtectKernelTunables in its service unit.",
      });
    }
  }
}
