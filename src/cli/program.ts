/** The grammar of `nanami`: commands, options, help. What a command does is in `commands/`. */
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import product from "../../package.json" with { type: "json" };
import type { TrafficMode } from "../routing/types.ts";
import { enroll, logout } from "./commands/enrollment.ts";
import { showGateways } from "./commands/gateways.ts";
import { previewPath, showPath } from "./commands/path.ts";
import { getPreferences, setPreferences } from "./commands/preferences.ts";
import { status, watchStatus } from "./commands/status.ts";
import { down, up } from "./commands/up.ts";
import { addConfigCommands } from "./config-commands.ts";
import { complete, completionScript, SHELLS, type Names, type Shell } from "./completion.ts";
import { EXIT, type Environment, type ExitStatus } from "./environment.ts";
import { examples } from "./examples.ts";
import type { PreferenceOptions } from "./preference.ts";
import { addHealthCommands } from "./health-commands.ts";
import { problemOf, UsageError } from "./problem.ts";
import { profileWord } from "./profile-named.ts";
import { addServiceCommands } from "./service-commands.ts";
import { Session } from "./session.ts";
import { paragraph } from "./view/width.ts";

const MODES = ["vpn_only", "full_tunnel"] as const satisfies readonly TrafficMode[];

function seconds(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError("Give a whole number of seconds.");
  return Number(text);
}

/** The options that change a preference, for `prefs set` and for `path preview`. */
function withPreferenceOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--mode <mode>", "steer the private network only, or all traffic").choices([
        ...MODES,
        "inherit",
      ]),
    )
    .option("--ingress <gateway>", "name or id of the gateway to enter by, or auto")
    .option("--egress <gateway>", "name or id of the gateway to leave by, or auto")
    .option("--auto", "let the platform choose both gateways")
    .option("--inherit", "leave the choice of gateways to the layers below");
}

const layerOption = (choices: readonly string[]) =>
  new Option("--layer <layer>", "the layer").choices(choices);

/** A program whose commands run in `environment`; `ended` is told the status that a command returned. */
export function buildProgram(environment: Environment, ended: (status: ExitStatus) => void): Command {
  const nanami = environment.command;
  const program = new Command();
  const run = async (command: Command, work: (session: Session) => Promise<ExitStatus>) => {
    const { socket, json = false } = program.opts<{ socket: string; json?: boolean }>();
    const session = new Session(environment, { socket, json });
    try {
      ended(await work(session));
    } catch (error) {
      ended(report(environment, error, json, command));
    } finally {
      await session.close();
    }
  };

  program
    .name(nanami)
    .description("Decides where this device's traffic enters and leaves the overlay, and shows that it does.")
    .option("--json", "answer in JSON on standard output")
    .option("--socket <path>", "the agent's socket (also NANAMI_SOCKET)", environment.defaultSocket)
    .version(product.version, "--version", "print the version")
    .exitOverride()
    .configureOutput({
      writeOut: environment.out,
      writeErr: environment.err,
      outputError: (text, write) => write(text.replace(/^error:/, environment.errPaint.bad("nanami:"))),
    })
    .configureHelp({ showGlobalOptions: true, helpWidth: environment.columns })
    .addHelpText(
      "after",
      examples(nanami, [
        ["up --mode full_tunnel", "send all traffic through the egress"],
        ["status --watch", "follow the state"],
        ["path", "where traffic goes, and who decided it"],
        ["prefs set --layer device --egress frankfurt", "leave at frankfurt"],
      ]) + "\n\nExit status: 0 success, 1 the answer is no, 2 bad usage,\n3 the agent is not reachable.",
    );

  program
    .command("up")
    .description("connect, and wait until traffic was seen to pass")
    .addOption(new Option("--mode <mode>", "first write this mode to the device layer").choices([...MODES]))
    .option("--profile <name>", "connect this manual profile in place of the managed path")
    .addOption(new Option("--timeout <seconds>", "stop waiting after so long").argParser(seconds))
    .addHelpText(
      "after",
      examples(nanami, [
        ["up", "connect as the preferences say"],
        ["up --mode vpn_only", "steer the private network only"],
        ["up --profile office", "use a WireGuard file that was imported"],
        ["prefs set --layer device --mode inherit", "use the default mode again"],
      ]),
    )
    .action((options: { mode?: TrafficMode; profile?: string; timeout?: number }, command: Command) =>
      run(command, (session) => up(session, options)),
    );
  program
    .command("down")
    .description("disconnect; traffic goes directly again")
    .action((_: object, command: Command) => run(command, down));
  program
    .command("status")
    .description("show the state; status 1 when not connected")
    .option("--watch", "show every change until Ctrl-C (with --json: one object a line)", false)
    .action((options: { watch: boolean }, command: Command) =>
      run(command, options.watch ? watchStatus : status),
    );

  const path = program
    .command("path")
    .description("show the resolved path and the reasons for it")
    .action((_: object, command: Command) => run(command, showPath));
  withPreferenceOptions(path.command("preview").description("show what a change would make; changes nothing"))
    .addOption(layerOption(["device", "user"]).default("device"))
    .addHelpText(
      "after",
      examples(nanami, [
        ["path preview --mode full_tunnel", "what all traffic through the tunnel means"],
        ["path preview --ingress osaka --egress frankfurt", "pin both ends"],
        ["path preview --egress auto", "release one pin"],
      ]),
    )
    .action((options: PreferenceOptions & { layer: "device" | "user" }, command: Command) =>
      run(command, (session) => previewPath(session, options)),
    );

  const prefs = program.command("prefs").description("show or change the layers that decide the path");
  prefs
    .command("get")
    .description("show what each layer says")
    .addOption(layerOption(["device", "user", "network"]))
    .action((options: { layer?: "device" | "user" | "network" }, command: Command) =>
      run(command, (session) => getPreferences(session, options)),
    );
  withPreferenceOptions(
    prefs.command("set").description("change one layer; what is not named stays as it is"),
  )
    .addOption(layerOption(["device", "user"]).makeOptionMandatory())
    .option("--clear", "unset the whole layer")
    .addHelpText(
      "after",
      examples(nanami, [
        ["prefs set --layer device --mode full_tunnel", "this device: all traffic"],
        ["prefs set --layer user --egress frankfurt", "all my devices leave at frankfurt"],
        ["prefs set --layer device --clear", "this device says nothing any more"],
      ]),
    )
    .action((options: PreferenceOptions & { layer: "device" | "user"; clear?: boolean }, command: Command) =>
      run(command, (session) => setPreferences(session, options)),
    );

  program
    .command("gateways")
    .description("show the gateways, their health, and what each may be used for")
    .action((_: object, command: Command) => run(command, showGateways));
  program
    .command("enroll")
    .description("make this machine a device of a network")
    .argument("<link>", "nanami://enroll/…, or - to read it from standard input")
    .option("--name <name>", "the device's name; default: the host name")
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      examples(nanami, [
        ["enroll 'nanami://enroll/vpn.example.com?pin=…#…'", "quote it: # starts a comment"],
      ]),
    )
    .action((link: string, options: { name?: string; yes?: boolean }, command: Command) =>
      run(command, (session) => enroll(session, link, options)),
    );
  program
    .command("logout")
    .description("take this machine out of its network")
    .option("--yes", "do not ask")
    .action((options: { yes?: boolean }, command: Command) =>
      run(command, (session) => logout(session, options)),
    );

  addConfigCommands(program, nanami, run);
  addHealthCommands(program, nanami, run);
  addServiceCommands(program, nanami, run);

  program
    .command("completion")
    .description("print the completion script of a shell")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .addHelpText(
      "after",
      '\nInstall:\n  bash  eval "$(nanami completion bash)"             in ~/.bashrc' +
        '\n  zsh   eval "$(nanami completion zsh)"              in ~/.zshrc, after compinit' +
        "\n  fish  nanami completion fish | source            in ~/.config/fish/config.fish",
    )
    .action((shell: Shell) => {
      environment.out(completionScript(shell));
      ended(EXIT.ok);
    });
  program
    .command("__complete", { hidden: true })
    .argument("[words...]")
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: readonly string[], _: object, command: Command) => {
      await run(command, async (session) => {
        const names: Names = {
          gateways: async () => (await session.call("gateways", {})).map(({ name }) => name),
          profiles: async () => (await session.call("listProfiles", {})).map(profileWord),
          removedProfiles: async () => (await session.call("removedProfiles", {})).map(profileWord),
        };
        environment.out((await complete(program, words, names)).map((word) => `${word}\n`).join(""));
        return EXIT.ok;
      });
    });
  for (const command of [program, ...descendants(program)]) command.showHelpAfterError(helpHint(command));
  return program;
}

function descendants(command: Command): Command[] {
  return command.commands.flatMap((one) => [one, ...descendants(one)]);
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

const helpHint = (command: Command) => `Usage and examples: ${fullName(command)} --help`;

/** Tells a problem: the sentence, what to do, and with `--json` the same as JSON. Returns the exit status. */
function report(environment: Environment, error: unknown, json: boolean, command: Command): ExitStatus {
  const { errColumns, err, errPaint } = environment;
  const { status, code, message, details, hint } = problemOf(error, environment.command);
  err(paragraph(message, errColumns, `${errPaint.bad("nanami:")} `, "  "));
  for (const detail of details) {
    const said = message.includes(detail.message) ? "" : `${detail.message} `;
    err(paragraph(`${detail.pointer}: ${said}(${detail.code})`, errColumns, "  ", "    "));
  }
  if (hint !== undefined) err(paragraph(hint, errColumns));
  if (error instanceof UsageError) err(`${helpHint(command)}\n`);
  if (json) environment.out(`${JSON.stringify({ error: { code, message, details, hint } }, undefined, 2)}\n`);
  return status;
}

/** Runs one command line (without the program's name). Returns the exit status; throws only for defects. */
export async function runCommandLine(args: readonly string[], environment: Environment): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.ok;
  const program = buildProgram(environment, (ended) => (status = ended));
  try {
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}
