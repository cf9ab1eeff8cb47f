/** The grammar of `nanami config …`: WireGuard files from anywhere, used without trusting them (Limited Mode). */
import { Option, type Command } from "commander";
import type { ExitStatus } from "./environment.ts";
import { examples } from "./examples.ts";
import type { Session } from "./session.ts";

/** Runs the work of a command and tells its outcome. */
export type Run = (command: Command, work: (session: Session) => Promise<ExitStatus>) => Promise<void>;

const FILE = "a .conf, a zip of several, an image of a QR code, or - for standard input";
const PROFILE = "a profile's name or id";

const importing = () => import("./commands/config-import.ts");
const profiles = () => import("./commands/config-profiles.ts");

/** Adds `config` to the program. What its commands do is loaded when one of them runs. */
export function addConfigCommands(program: Command, nanami: string, run: Run): void {
  const config = program.command("config").description("check and keep WireGuard files as profiles");
  addFileCommands(config, nanami, run);
  addProfileCommands(config, nanami, run);
}

function addFileCommands(config: Command, nanami: string, run: Run): void {
  config
    .command("check")
    .description("say what a file asks for and what is wrong with it; changes nothing, needs no agent")
    .argument("<file>", FILE)
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
  config
    .command("import")
    .description("keep a file as a profile, after showing what it asks for")
    .argument("<file>", FILE)
    .option("--name <name>", "what to call it; default: the file's name")
    .option("--yes", "do not ask")
    .addHelpText("after", examples(nanami, [["config import office.conf", "show the report, ask, and save"]]))
    .action((file: string, options: { name?: string; yes?: boolean }, command: Command) =>
      run(command, async (session) => (await importing()).importFile(session, file, options)),
    );
  config
    .command("edit")
    .description("change a profile in $EDITOR; its keys stand there as (kept)")
    .argument("<profile>", PROFILE)
    .option("--file <file>", "take the new text from a file, or - for standard input")
    .option("--yes", "do not ask")
    .action((name: string, options: { file?: string; yes?: boolean }, command: Command) =>
      run(command, async (session) => (await importing()).edit(session, name, options)),
    );
  config
    .command("export")
    .description("write profiles with their keys to a new file that only you may read")
    .argument("<profile...>", PROFILE)
    .requiredOption("--out <file>", "the file; .zip and .png (a QR code) say the format")
    .addOption(new Option("--format <format>", "the format").choices(["conf", "zip", "qr"]))
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      examples(nanami, [
        ["config export office --out office.conf", "one file"],
        ["config export office home --out all.zip", "an archive of several"],
        ["config export office --out office.png", "a QR code for a phone"],
      ]),
    )
    .action(
      (
        names: readonly string[],
        options: { out: string; format?: "conf" | "zip" | "qr"; yes?: boolean },
        command: Command,
      ) =>
        run(command, async (session) =>
          (await import("./commands/config-export.ts")).exportProfiles(session, names, options),
        ),
    );
}

function addProfileCommands(config: Command, nanami: string, run: Run): void {
  config
    .command("list")
    .description("show the profiles that you may see; * is connected")
    .option("--removed", "those that can be restored")
    .action((options: { removed?: boolean }, command: Command) =>
      run(command, async (session) => (await profiles()).listProfiles(session, options)),
    );
  config
    .command("show")
    .description("show what a profile asks for, without its keys")
    .argument("<profile>", PROFILE)
    .option("--text", "as the text of a file, keys as (kept)")
    .action((name: string, options: { text?: boolean }, command: Command) =>
      run(command, async (session) => (await profiles()).showProfile(session, name, options)),
    );
  config
    .command("rename")
    .argument("<profile>", PROFILE)
    .argument("<name>", "the new name")
    .description("call a profile something else")
    .action((name: string, to: string, _: object, command: Command) =>
      run(command, async (session) => (await profiles()).renameProfile(session, name, to)),
    );
  config
    .command("duplicate")
    .description("make a copy of a profile")
    .argument("<profile>", PROFILE)
    .option("--name <name>", "what to call the copy")
    .action((name: string, options: { name?: string }, command: Command) =>
      run(command, async (session) => (await profiles()).duplicateProfile(session, name, options)),
    );
  config
    .command("narrow")
    .description("steer only some prefixes of what a profile asks for")
    .argument("<profile>", PROFILE)
    .argument("[prefix...]", "inside the profile's AllowedIPs")
    .option("--all", "steer all that the profile asks for again")
    .addHelpText(
      "after",
      examples(nanami, [
        ["config narrow office 10.20.0.0/16", "the private network alone, not all traffic"],
        ["config narrow office --all", "as the file says"],
      ]),
    )
    .action((name: string, prefixes: readonly string[], options: { all?: boolean }, command: Command) =>
      run(command, async (session) => (await profiles()).narrowProfile(session, name, prefixes, options)),
    );
  config
    .command("share")
    .description("let all users of the agent connect a profile (as root); its keys stay hidden")
    .argument("<profile>", PROFILE)
    .option("--stop", "make it its owner's alone again")
    .action((name: string, options: { stop?: boolean }, command: Command) =>
      run(command, async (session) => (await profiles()).shareProfile(session, name, options)),
    );
  config
    .command("remove")
    .description("remove a profile; it can be restored for a while")
    .argument("<profile>", PROFILE)
    .action((name: string, _: object, command: Command) =>
      run(command, async (session) => (await profiles()).removeProfile(session, name)),
    );
  config
    .command("restore")
    .description("bring back a removed profile")
    .argument("[profile]", "its name or id; default: the one removed last")
    .action((name: string | undefined, _: object, command: Command) =>
      run(command, async (session) => (await profiles()).restoreProfile(session, name)),
    );
}
