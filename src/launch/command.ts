/** What all commands of `src/launch` share: they run in the checkout's root and tell failures in one sentence. */
import { join } from "node:path";

/** The checkout's root folder. */
export const ROOT = join(import.meta.dirname, "..", "..");

/** Runs a command with its arguments and exits with the status it returns. */
export function main(command: (args: readonly string[]) => Promise<number>): void {
  process.chdir(ROOT);
  command(process.argv.slice(2)).then(
    (status) => process.exit(status),
    (error: unknown) => {
      process.stderr.write(`nanami: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    },
  );
}
