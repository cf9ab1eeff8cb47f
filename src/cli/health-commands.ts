/** The grammar of `nanami settings`, `route`, `doctor`, `log` and `diagnostics`. */
import { Argument, type Command } from "commander";
import { doctor, explainRoute } from "./commands/health.ts";
import { diagnostics, showLog } from "./commands/log.ts";
import { getSettings, setSettings, SETTINGS, type SettingName } from "./commands/settings.ts";
import type { ExitStatus } from "./environment.ts";
import { examples } from "./examples.ts";
import type { Session } from "./session.ts";

type Run = (command: Command, work: (session: Session) => Promise<ExitStatus>) => Promise<void>;

/** Adds them to the program. */
export function addHealthCommands(program: Command, nanami: string, run: Run): void {
  program
    .command("route")
    .description(
      "show where traffic to an address or a name goes, and why; status 1 when the kernel disagrees",
    )
    .argument("<target>", "an IP address or a host name")
    .addHelpText("after", examples(nanami, [["route intranet.example", "which gateway, and who decided it"]]))
    .action((target: string, _: object, command: Command) =>
      run(command, (session) => explainRoute(session, target)),
    );
  program
    .command("doctor")
    .description("look for leaks and for what is not well; status 1 when something is wrong")
    .action((_: object, command: Command) => run(command, doctor));
  program
    .command("log")
    .description("show the agent's log")
    .option("--follow", "go on with what comes until Ctrl-C (with --json: one object a line)", false)
    .action((options: { follow: boolean }, command: Command) =>
      run(command, (session) => showLog(session, options)),
    );
  program
    .command("diagnostics")
    .description("show everything that helps to find a fault, without keys and tokens")
    .option("--hide-names", "replace addresses and names, each by the same placeholder throughout", false)
    .option("--out <file>", "write it to a new file that only you may read")
    .addHelpText(
      "after",
      examples(nanami, [["diagnostics --hide-names --out nanami.txt", "to send it to somebody"]]),
    )
    .action((options: { hideNames: boolean; out?: string }, command: Command) =>
      run(command, (session) => diagnostics(session, options)),
    );
  const settings = program.command("settings").description("show or change the agent's settings");
  settings
    .command("get")
    .description("show all, or one")
    .addArgument(new Argument("[name]", "the setting").choices(Object.keys(SETTINGS)))
    .action((name: SettingName | undefined, _: object, command: Command) =>
      run(command, (session) => getSettings(session, name)),
    );
  settings
    .command("set")
    .description("change some; what is not named stays as it is")
    .argument("<words...>", "names and values in turn")
    .addHelpText(
      "after",
      examples(nanami, [
        ["settings set lockdown on", "stay closed while not connected"],
        ["settings set local-network block dns off", "two at once"],
      ]),
    )
    .action((words: readonly string[], _: object, command: Command) =>
      run(command, (session) => setSettings(session, words)),
    );
}
