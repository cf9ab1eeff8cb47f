/** What all commands of `src/launch` share: they run in the checkout's root and tell failures in one sentence. */
import { join } from "node:path";

/** The checkout, whose root every command runs in. */
const ROOT = join(import.meta.dirname, "..", "..");

/** Runs a command with its arguments and exits with the status it returns. */
export async function main(command: (args: readonly string[]) => Promise<number>): Promise<void> {
  process.chdir(ROOT);
  try {
    process.exitCode = await command(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`nanami: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
