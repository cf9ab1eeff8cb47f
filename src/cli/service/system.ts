/** The machine that a service is installed on: systemd, users, groups, and who may write the programs. */
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { Refused } from "../problem.ts";
import {
  AGENT_UNIT,
  fitsUnit,
  GROUP,
  UNITS,
  unitPath,
  type Found,
  type Step,
  type UnitName,
} from "./plan.ts";

const TIME_LIMIT_MS = 60_000;

const AGENT = fileURLToPath(new URL("../../agent/main.ts", import.meta.url));
const ROOMS = fileURLToPath(new URL("../..", import.meta.url));
const PACKAGES = fileURLToPath(new URL("../../../node_modules", import.meta.url));

/** What the commands need of a machine; tests hand in their own. */
export interface ServiceSystem {
  /** Whether this process may change it. */
  readonly isRoot: boolean;
  /** Whether systemd runs it (sd_booted(3)). */
  readonly hasSystemd: boolean;
  /** The name of a user; null = there is none with this id. */
  readonly userName: (uid: number) => Promise<string | null>;
  readonly find: () => Promise<Found>;
  readonly templates: () => Readonly<Record<UnitName, string>>;
  readonly programs: { readonly node: string; readonly agent: string };
  /** Why root should not run a program there; null = it may. */
  readonly objection: (path: string) => string | null;
  /** Carries out a step that is not `disconnect`. Throws `Refused` with the program's own words. */
  readonly carryOut: (step: Exclude<Step, { do: "disconnect" }>) => Promise<void>;
}

/** Runs a program with a fixed argument vector and an empty environment. */
async function ask(program: string, args: readonly string[]) {
  const { exitCode, stdout, stderr } = await execa(program, args, {
    env: {},
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    timeout: TIME_LIMIT_MS,
  });
  return { ok: exitCode === 0, stdout, stderr };
}

async function find(): Promise<Found> {
  const installed = UNITS.flatMap((unit) =>
    existsSync(unitPath(unit)) ? [[unit, readFileSync(unitPath(unit), "utf8")] as const] : [],
  );
  const is = async (verb: string, unit: UnitName): Promise<boolean> =>
    (await ask("/usr/bin/systemctl", [verb, "--quiet", unit])).ok;
  const enabled: UnitName[] = [];
  for (const unit of UNITS) if (await is("is-enabled", unit)) enabled.push(unit);
  const group = await ask("/usr/bin/getent", ["group", GROUP]);
  return {
    units: Object.fromEntries(installed),
    enabled,
    agentRuns: await is("is-active", AGENT_UNIT),
    group: group.ok
      ? (group.stdout.trim().split(":")[3] ?? "").split(",").filter((name) => name !== "")
      : null,
  };
}

/** A part of the file system: what lstat(2) says of it. */
export interface Part {
  readonly path: string;
  readonly uid: number;
  readonly mode: number;
}

/**
 * Whoever may write a program that root runs is root, so each of its parts has to belong to root and to be writable
 * by root alone. A sticky folder is none either: what is cleaned away there, anybody may make anew.
 */
export function objectionToPart({ path, uid, mode }: Part): string | null {
  if (uid !== 0) return `${path} does not belong to root, so its owner could become root`;
  return (mode & 0o022) === 0 ? null : `${path} can be written by others than root, who could become root`;
}

/**
 * Why root should not run what is at this place; null = it may. What is in a home folder the service cannot even see
 * (`ProtectHome`).
 */
export function objectionTo(path: string): string | null {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return `${path} does not exist`;
  }
  if (!fitsUnit(path)) return `${path} has characters that a unit cannot carry`;
  if (/^\/(home|root|run\/user)\//.test(real))
    return `${real} is in a home folder, which the service cannot see`;
  for (let part = real; ; part = dirname(part)) {
    const { uid, mode } = lstatSync(part);
    const objection = objectionToPart({ path: part, uid, mode });
    if (objection !== null || part === "/") return objection;
  }
}

/** The same for everything below a folder that a program may load. A link counts by its end where that is elsewhere. */
export function objectionBelow(folder: string): string | null {
  const inside = `${realpathSync(folder)}/`;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { uid, mode } = lstatSync(path);
    const isLink = entry.isSymbolicLink();
    const objection =
      objectionToPart({ path, uid, mode: isLink ? 0 : mode }) ??
      (isLink && !leadsInto(inside, path) ? objectionTo(path) : null);
    if (objection !== null) return objection;
  }
  return null;
}

function leadsInto(folder: string, link: string): boolean {
  try {
    return realpathSync(link).startsWith(folder);
  } catch {
    return false;
  }
}

async function carryOut(step: Exclude<Step, { do: "disconnect" }>): Promise<void> {
  switch (step.do) {
    case "write":
      writeFileSync(step.path, step.text, { mode: 0o644 });
      return;
    case "remove":
      rmSync(step.path, { force: true });
      return;
    case "run": {
      const { ok, stderr } = await ask(step.program, step.args);
      if (ok) return;
      const words = stderr.trim();
      throw new Refused(
        "failed",
        `${[step.program, ...step.args].join(" ")}: ${words === "" ? "it did not succeed, and says no reason" : words}`,
        "What was done until here stays. Mend it and run the same command again.",
      );
    }
  }
}

export const realSystem: ServiceSystem = {
  isRoot: process.getuid?.() === 0,
  hasSystemd: existsSync("/run/systemd/system"),
  userName: async (uid) => {
    const { ok, stdout } = await ask("/usr/bin/getent", ["passwd", String(uid)]);
    return ok ? (stdout.split(":")[0] ?? null) : null;
  },
  find,
  templates: () => ({
    "nanamid.service": template("nanamid.service"),
    "nanami-lockdown.service": template("nanami-lockdown.service"),
  }),
  programs: { node: process.execPath, agent: AGENT },
  // The agent loads the rooms beside its own, and packages.
  objection: (path) =>
    objectionTo(path) ?? (path === AGENT ? (objectionBelow(ROOMS) ?? objectionBelow(PACKAGES)) : null),
  carryOut,
};

function template(unit: UnitName): string {
  return readFileSync(new URL(`../../../packaging/systemd/${unit}`, import.meta.url), "utf8");
}
