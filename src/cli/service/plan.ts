/**
 * What `nanami service install` and `uninstall` do to a machine, as steps. Pure: what was found goes in. Steps that are
 * not needed are left out, so doing it again changes nothing.
 */

/** Members may steer all traffic of the machine. */
export const GROUP = "nanami";
export const AGENT_UNIT = "nanamid.service";
const LOCKDOWN_UNIT = "nanami-lockdown.service";
export const UNITS = [AGENT_UNIT, LOCKDOWN_UNIT] as const;
const UNIT_FOLDER = "/etc/systemd/system";

const SYSTEMCTL = "/usr/bin/systemctl";
const GROUPADD = "/usr/sbin/groupadd";
const USERMOD = "/usr/sbin/usermod";

export type UnitName = (typeof UNITS)[number];

/** One step. `why` is for a person. */
export type Step = { readonly why: string } & (
  | { readonly do: "write"; readonly path: string; readonly text: string }
  | { readonly do: "remove"; readonly path: string }
  | { readonly do: "run"; readonly program: string; readonly args: readonly string[] }
  /** Asks the agent to let go of everything. */
  | { readonly do: "disconnect" }
);

/** The machine as it is. */
export interface Found {
  /** The unit files that are installed. */
  readonly units: Readonly<Partial<Record<UnitName, string>>>;
  readonly enabled: readonly UnitName[];
  readonly agentRuns: boolean;
  /** Names of the group's members; null = there is no such group. */
  readonly group: readonly string[] | null;
}

export const unitPath = (unit: UnitName): string => `${UNIT_FOLDER}/${unit}`;

/** Whether a path can stand in a unit as it is; systemd refuses to start programs with most other characters. */
export function fitsUnit(path: string): boolean {
  return /^\/[A-Za-z0-9_./+@:,-]+$/.test(path);
}

/** The units of the package, for programs at these places. Throws when the template is not as expected, or a place does not fit. */
export function unitsFor(
  templates: Readonly<Record<UnitName, string>>,
  programs: { readonly node: string; readonly agent: string },
): Readonly<Record<UnitName, string>> {
  const start = /^ExecStart=\S+ \S+\/main\.ts/m;
  if (!start.test(templates[AGENT_UNIT]))
    throw new Error(`${AGENT_UNIT}: no line starts the agent, so its place cannot be written there`);
  for (const path of [programs.node, programs.agent])
    if (!fitsUnit(path)) throw new Error(`${path}: its characters mean something else in a unit`);
  const words = `ExecStart=${programs.node} ${programs.agent}`;
  return { ...templates, [AGENT_UNIT]: templates[AGENT_UNIT].replace(start, () => words) };
}

/** Installs the units, makes the group with this user in it, enables and starts. `user` null = nobody is added. */
export function planInstall(
  found: Found,
  wanted: Readonly<Record<UnitName, string>>,
  user: string | null,
): readonly Step[] {
  const changed = UNITS.filter((unit) => found.units[unit] !== wanted[unit]);
  const asleep = UNITS.filter((unit) => !found.enabled.includes(unit));
  const run = (why: string, program: string, ...args: string[]): Step => ({ do: "run", why, program, args });
  return [
    ...(found.group === null
      ? [run("members of this group may steer all traffic of this machine", GROUPADD, "--system", GROUP)]
      : []),
    ...(user === null || found.group?.includes(user) === true
      ? []
      : [run(`${user} may use the agent`, USERMOD, "-a", "-G", GROUP, user)]),
    ...changed.map((unit): Step => ({
      do: "write",
      why: unit === AGENT_UNIT ? "the agent" : "lockdown before there is a network, where it is on",
      path: unitPath(unit),
      text: wanted[unit],
    })),
    ...(changed.length === 0 ? [] : [run("systemd reads the units", SYSTEMCTL, "daemon-reload")]),
    ...(asleep.length === 0 ? [] : [run("they start with the machine", SYSTEMCTL, "enable", ...asleep)]),
    // It looks for its group when it starts.
    ...(found.agentRuns && found.group !== null && !changed.includes(AGENT_UNIT)
      ? []
      : // What is connected stays so: a restart goes on with it.
        [run("the agent starts", SYSTEMCTL, "restart", AGENT_UNIT)]),
  ];
}

/** Opens what is closed, ends the agent and removes the units. What the agent stored, and the group, stay. */
export function planUninstall(found: Found): readonly Step[] {
  const present = UNITS.filter((unit) => found.units[unit] !== undefined);
  const awake = UNITS.filter((unit) => found.enabled.includes(unit));
  const run = (why: string, ...args: string[]): Step => ({ do: "run", why, program: SYSTEMCTL, args });
  return [
    // First: an agent that is only stopped leaves its protection in place, and nobody would be left to lift it. One
    // that does not run is started for that.
    ...(found.units[AGENT_UNIT] === undefined && !found.agentRuns
      ? []
      : [
          ...(found.agentRuns ? [] : [run("only it can lift what it left closed", "start", AGENT_UNIT)]),
          { do: "disconnect", why: "nothing stays closed" } as const,
          run("the agent ends", "stop", AGENT_UNIT),
        ]),
    ...(awake.length === 0 ? [] : [run("nothing starts with the machine", "disable", ...awake)]),
    ...present.map((unit): Step => ({ do: "remove", why: "the unit", path: unitPath(unit) })),
    ...(present.length === 0 ? [] : [run("systemd forgets the units", "daemon-reload")]),
  ];
}

/** The steps as a person would type them. */
export function asShell(steps: readonly Step[]): string {
  return steps
    .map((step) => {
      switch (step.do) {
        case "run":
          return `${[step.program, ...step.args].join(" ")}  # ${step.why}\n`;
        case "remove":
          return `rm ${step.path}  # ${step.why}\n`;
        case "disconnect":
          return `nanami settings set lockdown off && nanami down  # ${step.why}\n`;
        case "write":
          return `cat > ${step.path} <<'END'  # ${step.why}\n${step.text}END\n`;
      }
    })
    .join("");
}
