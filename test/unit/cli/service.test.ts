/** Installing the agent as a service: the steps, what is refused, and that doing it again does nothing. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { installService, uninstallService } from "../../../src/cli/commands/service.ts";
import { EXIT } from "../../../src/cli/environment.ts";
import {
  asShell,
  planInstall,
  planUninstall,
  unitsFor,
  type Found,
  type Step,
} from "../../../src/cli/service/plan.ts";
import {
  objectionBelow,
  objectionTo,
  objectionToPart,
  type ServiceSystem,
} from "../../../src/cli/service/system.ts";
import type { Session } from "../../../src/cli/session.ts";

const text = (name: string) =>
  readFileSync(new URL(`../../../packaging/systemd/${name}`, import.meta.url), "utf8");
const TEMPLATES = {
  "nanamid.service": text("nanamid.service"),
  "nanami-lockdown.service": text("nanami-lockdown.service"),
};
const PROGRAMS = { node: "/opt/nanami/node", agent: "/opt/nanami/src/agent/main.ts" };
const WANTED = unitsFor(TEMPLATES, PROGRAMS);
const NOTHING: Found = { units: {}, enabled: [], agentRuns: false, group: null };
const INSTALLED: Found = {
  units: WANTED,
  enabled: ["nanamid.service", "nanami-lockdown.service"],
  agentRuns: true,
  group: ["ren"],
};

const short = (steps: readonly Step[]) =>
  steps.map((step) => {
    if (step.do === "run") return [step.program.split("/").at(-1), ...step.args].join(" ");
    return "path" in step ? `${step.do} ${step.path}` : step.do;
  });

test("a fresh machine gets the group with its user, the units, and a running agent, in this order", () => {
  expect(short(planInstall(NOTHING, WANTED, "ren"))).toEqual([
    "groupadd --system nanami",
    "usermod -a -G nanami ren",
    "write /etc/systemd/system/nanamid.service",
    "write /etc/systemd/system/nanami-lockdown.service",
    "systemctl daemon-reload",
    "systemctl enable nanamid.service nanami-lockdown.service",
    "systemctl restart nanamid.service",
  ]);
});

test("where all is there already nothing is done", () => {
  expect(planInstall(INSTALLED, WANTED, "ren")).toEqual([]);
  expect(planInstall(INSTALLED, WANTED, null)).toEqual([]);
});

test.each<[what: string, found: Partial<Found>, steps: string[]]>([
  ["a second user", { group: ["mio"] }, ["usermod -a -G nanami ren"]],
  ["an agent that ended", { agentRuns: false }, ["systemctl restart nanamid.service"]],
  [
    "an older unit",
    { units: { ...WANTED, "nanamid.service": "[Unit]\n" } },
    [
      "write /etc/systemd/system/nanamid.service",
      "systemctl daemon-reload",
      "systemctl restart nanamid.service",
    ],
  ],
  [
    "a unit that somebody disabled",
    { enabled: ["nanamid.service"] },
    ["systemctl enable nanami-lockdown.service"],
  ],
  [
    "a group that is gone: the agent looks for it when it starts",
    { group: null },
    ["groupadd --system nanami", "usermod -a -G nanami ren", "systemctl restart nanamid.service"],
  ],
])("%s: only what is missing", (_, found, steps) => {
  expect(short(planInstall({ ...INSTALLED, ...found }, WANTED, "ren"))).toEqual(steps);
});

test("uninstalling opens the machine while there is an agent that can, and leaves no unit", () => {
  expect(short(planUninstall(INSTALLED))).toEqual([
    "disconnect",
    "systemctl stop nanamid.service",
    "systemctl disable nanamid.service nanami-lockdown.service",
    "remove /etc/systemd/system/nanamid.service",
    "remove /etc/systemd/system/nanami-lockdown.service",
    "systemctl daemon-reload",
  ]);
  expect(planUninstall(NOTHING)).toEqual([]);
});

test("uninstalling starts an agent that does not run: it may have left the machine closed, and only it can open it", () => {
  expect(short(planUninstall({ ...INSTALLED, agentRuns: false })).slice(0, 3)).toEqual([
    "systemctl start nanamid.service",
    "disconnect",
    "systemctl stop nanamid.service",
  ]);
});

test("the agent's unit starts these programs and keeps every other line; an odd place is refused", () => {
  const lines = WANTED["nanamid.service"].split("\n");
  expect(lines).toContain(
    "ExecStart=/opt/nanami/node /opt/nanami/src/agent/main.ts --state /var/lib/nanami --socket /run/nanami/agent.sock",
  );
  expect(lines.filter((line) => !line.startsWith("ExecStart="))).toEqual(
    TEMPLATES["nanamid.service"].split("\n").filter((line) => !line.startsWith("ExecStart=")),
  );
  for (const node of ["/opt/my node/node", "/opt/100%/node", "/opt/$HOME/node", '/opt/"/node', "node"])
    expect(() => unitsFor(TEMPLATES, { ...PROGRAMS, node })).toThrow(/characters/);
  expect(() => unitsFor({ ...TEMPLATES, "nanamid.service": "[Unit]" }, PROGRAMS)).toThrow(/starts the agent/);
});

test("a stop of the agent leaves wireguard-go and with it the tunnel", () => {
  expect(WANTED["nanamid.service"].split("\n")).toContain("KillMode=process");
});

test("the steps can be read and typed", () => {
  expect(asShell(planInstall({ ...INSTALLED, group: ["mio"] }, WANTED, "ren"))).toBe(
    "/usr/sbin/usermod -a -G nanami ren  # ren may use the agent\n",
  );
  expect(asShell(planUninstall(INSTALLED))).toMatch(/^nanami settings set lockdown off && nanami down /);
  expect(asShell(planInstall(NOTHING, WANTED, null))).toContain("<<'END'");
});

/** A machine that only notes what is done to it. */
function machine(change: Partial<ServiceSystem> = {}, found: Found = NOTHING) {
  const done: string[] = [];
  const system: ServiceSystem = {
    isRoot: true,
    hasSystemd: true,
    userName: (uid) => Promise.resolve(uid === 1000 ? "ren" : uid === 0 ? "root" : null),
    find: () => Promise.resolve(found),
    templates: () => TEMPLATES,
    programs: PROGRAMS,
    objection: () => null,
    carryOut: (step) => Promise.resolve(void done.push(...short([step]))),
    ...change,
  };
  const answers: unknown[] = [];
  const session = {
    answer: (value: unknown, view: () => string) => void answers.push(value, view()),
    call: (method: string, params: unknown) =>
      Promise.resolve(void done.push(`${method} ${JSON.stringify(params)}`)),
  } as unknown as Session;
  return { system, session, done, answers };
}
const FOR_REN = { for: 1000, print: false };

test("install carries out the steps and says that the group counts from the next login", async () => {
  const { system, session, done, answers } = machine();
  expect(await installService(session, FOR_REN, system)).toBe(EXIT.ok);
  expect(done).toEqual(short(planInstall(NOTHING, WANTED, "ren")));
  expect(answers[0]).toMatchObject({ done: true });
  expect(answers[1]).toMatch(/installed and runs.\nren has to log out and in again/);
});

test("root is not added to the group", async () => {
  const { system, session, done } = machine();
  await installService(session, { ...FOR_REN, for: 0 }, system);
  expect(done.join()).not.toContain("usermod");
});

test("--print needs no root and does nothing", async () => {
  const { system, session, done, answers } = machine({ isRoot: false });
  expect(await installService(session, { ...FOR_REN, print: true }, system)).toBe(EXIT.ok);
  expect(done).toEqual([]);
  expect(answers[0]).toMatchObject({ done: false });
  expect(answers[1]).toContain("groupadd");
});

test.each<[what: string, change: Partial<ServiceSystem>, uid: number, code: string]>([
  ["without systemd, with what to run instead", { hasSystemd: false }, 1000, "no_systemd"],
  ["for nobody", {}, 4242, "not_found"],
  ["without root", { isRoot: false }, 1000, "not_permitted"],
  ["for programs that others may write", { objection: () => "/srv belongs to ren" }, 1000, "unsafe_place"],
])("install %s is refused and changes nothing", async (_, change, uid, code) => {
  const { system, session, done } = machine(change);
  await expect(installService(session, { ...FOR_REN, for: uid }, system)).rejects.toMatchObject({ code });
  expect(done).toEqual([]);
});

test("uninstall lets go of everything before it ends the agent", async () => {
  const { system, session, done } = machine({}, INSTALLED);
  expect(await uninstallService(session, { print: false }, system)).toBe(EXIT.ok);
  expect(done.slice(0, 3)).toEqual([
    'setSettings {"lockdown":"off"}',
    "disconnect {}",
    "systemctl stop nanamid.service",
  ]);
});

test.each<[string, number, number, string | null]>([
  ["root's own", 0, 0o100755, null],
  ["another's", 1000, 0o100755, "does not belong to root"],
  ["of a group that may write", 0, 0o100775, "can be written by others"],
  ["open to all", 0, 0o100757, "can be written by others"],
  [
    "a sticky folder, where anybody may make anew what is cleaned away",
    0,
    0o041777,
    "can be written by others",
  ],
])("a part of a program's path that is %s", (_, uid, mode, words) => {
  const objection = objectionToPart({ path: "/srv/nanami", uid, mode });
  if (words === null) expect(objection).toBeNull();
  else expect(objection).toContain(words);
});

test("a program that others may replace is found, by its folders and by what it loads", () => {
  const folder = mkdtempSync(join(tmpdir(), "nanami-"));
  const isRoot = process.getuid?.() === 0;
  try {
    expect(objectionTo("/bin/sh")).toBeNull();
    const file = join(folder, "node");
    writeFileSync(file, "");
    expect(objectionTo(file)).toContain(
      isRoot ? `${realpathSync(tmpdir())} can be written` : "does not belong",
    );
    const odd = join(folder, "my node");
    writeFileSync(odd, "");
    expect(objectionTo(odd)).toContain("characters");
    expect(objectionTo(join(folder, "nothing"))).toContain("does not exist");
    mkdirSync(join(folder, "packages"));
    const loaded = join(folder, "packages", "index.js");
    writeFileSync(loaded, "", { mode: 0o644 });
    symlinkSync("index.js", join(folder, "packages", "inside.js"));
    symlinkSync("/bin/sh", join(folder, "packages", "outside.js"));
    expect(objectionBelow(folder)).toEqual(isRoot ? null : expect.stringContaining("does not belong"));
    chmodSync(loaded, 0o664);
    expect(objectionBelow(folder)).toContain(isRoot ? `${loaded} can be written` : "does not belong");
    chmodSync(loaded, 0o644);
    // Nobody's yet: whoever makes its end is loaded.
    symlinkSync("/nowhere/at/all", join(folder, "packages", "broken.js"));
    expect(objectionBelow(folder)).toContain(isRoot ? "does not exist" : "does not belong");
    rmSync(join(folder, "packages", "broken.js"));
    symlinkSync(file, join(folder, "packages", "elsewhere.js"));
    expect(objectionBelow(join(folder, "packages"))).toContain(
      isRoot ? `${realpathSync(tmpdir())} can be written` : "does not belong",
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
