/**
 * Programs that manage a system's resolver, for tests that hold against the real ones: systemd-resolved, openresolv and
 * Debian's resolvconf. Installed they would take over the machine's own `/etc/resolv.conf`, and two of them exclude
 * each other. So their packages are only fetched and unpacked, into a folder of ours; hosts of the lab lay them over
 * their own `/usr` and `/etc`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { familyOf } from "./system-packages.ts";

/** Each manager, and the packages whose files it needs. */
export const RESOLVER_PACKAGES = {
  "systemd-resolved": ["systemd-resolved", "libsystemd-shared"],
  openresolv: ["openresolv"],
  "debian-resolvconf": ["resolvconf"],
} as const satisfies Record<string, readonly string[]>;
export type ResolverManager = keyof typeof RESOLVER_PACKAGES;

const FOLDER = join(".nanami", "resolvers");
const TIME_LIMIT_MS = 120_000;

/** The folder with the unpacked files of a manager; undefined where they could not be had (`npm test` said why). */
export function resolverFiles(manager: ResolverManager): string | undefined {
  const folder = resolve(FOLDER, manager);
  return existsSync(folder) ? folder : undefined;
}

/**
 * Fetches what is not there yet. Never fails: where it is not possible the reason is said, and the tests that need
 * the program are skipped with it. Nothing is installed, and nothing outside our folder is written.
 */
export function ensureResolverPrograms(say: (text: string) => void): void {
  const managers = Object.keys(RESOLVER_PACKAGES) as ResolverManager[];
  const missing = managers.filter((manager) => resolverFiles(manager) === undefined);
  if (missing.length === 0) return;
  if (familyOf(readFileSync("/etc/os-release", "utf8")) !== "debian") {
    say("tests with real resolver managers are skipped: their packages are Debian's");
    return;
  }
  for (const manager of missing) {
    const problem = fetchManager(manager);
    if (problem !== undefined) say(`tests with ${manager} are skipped: ${problem}`);
  }
}

/** Fetches and unpacks the packages of one manager. Says what was in the way. */
function fetchManager(manager: ResolverManager): string | undefined {
  const fresh = resolve(FOLDER, `${manager}.new`);
  rmSync(fresh, { recursive: true, force: true });
  const tree = join(fresh, "tree");
  mkdirSync(tree, { recursive: true });
  const apt = ["-q", "-o", "APT::Sandbox::User=root", "download", ...RESOLVER_PACKAGES[manager]];
  const problem =
    failure("apt-get", apt, fresh) ??
    readdirSync(fresh)
      .filter((name) => name.endsWith(".deb"))
      .map((name) => failure("dpkg-deb", ["--extract", name, tree], fresh))
      .find((said) => said !== undefined);
  if (problem === undefined) renameSync(tree, resolve(FOLDER, manager));
  rmSync(fresh, { recursive: true, force: true });
  return problem;
}

function failure(program: string, args: readonly string[], cwd: string): string | undefined {
  const { status, error, stderr } = spawnSync(program, args, {
    cwd,
    stdio: ["ignore", "ignore", "pipe"],
    timeout: TIME_LIMIT_MS,
    encoding: "utf8",
  });
  if (status === 0) return undefined;
  return `${program} ${args.join(" ")}: ${error?.message ?? stderr.trim().split("\n").at(-1) ?? "failed"}`;
}
