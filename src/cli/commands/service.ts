/** `nanami service install` and `nanami service uninstall`. */
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT, type ExitStatus } from "../environment.ts";
import { Refused } from "../problem.ts";
import { asShell, planInstall, planUninstall, unitsFor, type Step } from "../service/plan.ts";
import type { ServiceSystem } from "../service/system.ts";
import type { Session } from "../session.ts";
import { AgentUnreachable } from "../../rpc/client.ts";

export interface InstallOptions {
  /** User that may use the agent. */
  readonly for: number;
  /** Show the steps and do nothing. */
  readonly print: boolean;
}

/** Installs, enables and starts the agent as a service. Does nothing where all of it is there already. */
export async function installService(
  session: Session,
  options: InstallOptions,
  system: ServiceSystem,
): Promise<ExitStatus> {
  requireSystemd(system, "install");
  const name = await system.userName(options.for);
  if (name === null)
    throw new Refused("not_found", `There is no user with the id ${options.for}.`, "See yours: id -u");
  const { programs } = system;
  for (const path of [programs.node, programs.agent]) {
    const objection = system.objection(path);
    if (objection !== null)
      throw new Refused(
        "unsafe_place",
        `The service would run programs as root from where that is not safe: ${objection}.`,
        "Install Nanami below /usr/lib/nanami or /opt, owned by root, and run this command of that installation.",
      );
  }
  // Root needs no group.
  const user = options.for === 0 ? null : name;
  const steps = planInstall(await system.find(), unitsFor(system.templates(), programs), user);
  const joined = steps.some((step) => step.do === "run" && step.args.includes("-G"));
  return await finish(session, options.print, steps, system, [
    steps.length === 0 ? "The service is installed and runs already." : "The service is installed and runs.",
    ...(joined ? [`${name} has to log out and in again before the group counts.`] : []),
  ]);
}

/** Ends the agent and removes the service. What it stored and the group stay. */
export async function uninstallService(
  session: Session,
  options: { readonly print: boolean },
  system: ServiceSystem,
): Promise<ExitStatus> {
  requireSystemd(system, "uninstall");
  const steps = planUninstall(await system.find());
  return await finish(session, options.print, steps, system, [
    steps.length === 0 ? "The service is not installed." : "The service is removed.",
    "This machine's identity and profiles are still in /var/lib/nanami.",
  ]);
}

function requireSystemd(system: ServiceSystem, verb: string): void {
  if (system.hasSystemd) return;
  const instead =
    verb === "install"
      ? `Let this machine's own service manager run, as root: ${system.programs.node} ${system.programs.agent} --state /var/lib/nanami --socket /run/nanami/agent.sock`
      : "Remove it from this machine's own service manager, after: nanami down";
  throw new Refused(
    "no_systemd",
    "This machine is not run by systemd, and services are made for that.",
    instead,
  );
}

async function finish(
  session: Session,
  print: boolean,
  steps: readonly Step[],
  system: ServiceSystem,
  sentences: readonly string[],
): Promise<ExitStatus> {
  if (print) {
    session.answer({ done: false, steps }, () => asShell(steps));
    return EXIT.ok;
  }
  if (!system.isRoot && steps.length > 0)
    throw new Refused(
      "not_permitted",
      "Only root may change this machine's services.",
      "Run it with sudo, or see first what it would do: add --print",
    );
  for (const step of steps) {
    if (step.do === "disconnect") await letGo(session);
    else await system.carryOut(step);
  }
  session.answer({ done: true, steps }, () => `${sentences.join("\n")}\n`);
  return EXIT.ok;
}

/** How often an agent that was just started is looked for, and milliseconds between. */
const START_ATTEMPTS = 50;
const START_PAUSE_MS = 200;

/** Nobody is left to open this machine after the agent is gone, so it opens first. */
async function letGo(session: Session): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await session.call("setSettings", { lockdown: "off" });
      break;
    } catch (error) {
      // It may have been started a moment ago.
      if (!(error instanceof AgentUnreachable) || attempt >= START_ATTEMPTS) throw error;
      await sleep(START_PAUSE_MS);
    }
  }
  await session.call("disconnect", {}, true);
}
