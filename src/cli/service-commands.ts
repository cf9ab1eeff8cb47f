/** The grammar of `nanami service …`. */
import { InvalidArgumentError, Option, type Command } from "commander";
import type { Run } from "./config-commands.ts";
import { examples } from "./examples.ts";

const service = () => import("./commands/service.ts");
const system = async () => (await import("./service/system.ts")).realSystem;

/** The largest is reserved for "none" (chown(2)). */
const LARGEST_UID = 0xffff_fffe;

function uid(text: string): number {
  if (!/^(0|[1-9][0-9]{0,9})$/.test(text) || Number(text) > LARGEST_UID)
    throw new InvalidArgumentError("Give the number of a user: id -u");
  return Number(text);
}

/** Adds `service` to the program. What its commands do is loaded when one of them runs. */
export function addServiceCommands(program: Command, nanami: string, run: Run): void {
  const group = program
    .command("service")
    .description("run the agent as a service of this machine (systemd)");
  group
    .command("install")
    .description("install, enable and start it; does nothing where all is there already")
    .addOption(
      new Option("--for <uid>", "the user who may use it, by number").argParser(uid).makeOptionMandatory(),
    )
    .option("--print", "show the steps and do nothing", false)
    .addHelpText(
      "after",
      examples(nanami, [
        ['service install --for "$(id -u)" --print', "see what it would do"],
        ['service install --for "$(id -u)"', "as root: do it"],
      ]),
    )
    .action((options: { for: number; print: boolean }, command: Command) =>
      run(command, async (session) => (await service()).installService(session, options, await system())),
    );
  group
    .command("uninstall")
    .description("disconnect, end the agent and remove the service; what it stored stays")
    .option("--print", "show the steps and do nothing", false)
    .action((options: { print: boolean }, command: Command) =>
      run(command, async (session) => (await service()).uninstallService(session, options, await system())),
    );
}
