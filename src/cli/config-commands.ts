/** The grammar of `nanami config …`: WireGuard files from anywhere, used without trusting them (Limited Mode). */
import type { Command } from "commander";
import type { ExitStatus } from "./environment.ts";
import { examples } from "./examples.ts";
import type { Session } from "./session.ts";

/** Runs the work of a command and tells its outcome. */
export type Run = (command: Command, work: (session: Session) => Promise<ExitStatus>) => Promise<void>;

/** Adds `config` to the program. What its commands do is loaded when one of them runs. */
export function addConfigCommands(program: Command, nanami: string, run: Run): void {
  const config = program.command("config").description("check and keep WireGuard files as profiles");
  config
    .command("check")
    .description("say what a file asks for and what is wrong with it; changes nothing, needs no agent")
    .argument("<file>", "a .conf, a zip of several, an image of a QR code, or - for standard input")
    .addHelpText(
      "after",
      examples(nanami, [
        ["config check office.conf", "every finding with its line; status 1 when refused"],
        ["config check --json - < files.zip", "the same for programs"],
      ]),
    )
    .action((file: string, _: object, command: Command) =>
      run(command, async (session) => (await import("./commands/config-check.ts")).checkFile(session, file)),
    );
}
