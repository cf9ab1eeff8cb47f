/**
 * Links and files opened with the app where no package says so: from a checkout, or an AppImage. Everything lies in
 * the user's own folders and goes when it is not wanted any more, with the lines that the desktop's programs wrote.
 */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { serviceSocket } from "../../src/rpc/service-socket.ts";
import { execValue, type Start } from "../desktop-command.ts";
import { CONFIG_TYPE, desktopEntry, MIME_TYPES, SCHEME, WRITTEN_BY_APP } from "./entry.ts";
import { configFolder, dataFolders, type Environment } from "./folders.ts";
import { withoutEntry } from "./mimeapps.ts";

const NAME = "nanami.desktop";
const ENTRY = join("applications", NAME);

/** What is nobody else's; archives stay with whoever opens them now. */
const AS_DEFAULT = [CONFIG_TYPE, `x-scheme-handler/${SCHEME}`] as const;

/** Whether a package of the system brought an entry. */
export function hasPackage(platform: NodeJS.Platform, env: Environment): boolean {
  return platform === "linux" && dataFolders(env).system.some((folder) => existsSync(join(folder, ENTRY)));
}

/**
 * Whether it is for the app to do: on Linux, where no package did it, and for the service of this machine. An entry
 * could not tell the app of another agent, whose socket stands in the environment alone.
 */
export function canAssociate(platform: NodeJS.Platform, env: Environment): boolean {
  const own = serviceSocket(platform);
  return platform === "linux" && (env["NANAMI_SOCKET"] ?? own) === own && !hasPackage(platform, env);
}

/** A file of ours and what stands in it. */
export interface PlannedFile {
  readonly path: string;
  readonly text: string;
}

/** Where the files lie. */
function places(env: Environment) {
  const { own } = dataFolders(env);
  return {
    entry: join(own, ENTRY),
    types: join(own, "mime", "packages", "nanami.xml"),
    icon: join(own, "icons", "hicolor", "scalable", "apps", "nanami.svg"),
  };
}

/** What is written. `icon`: text of the app's SVG. */
export function plannedFiles(start: Start, icon: string, env: Environment): readonly PlannedFile[] {
  const { entry, types, icon: image } = places(env);
  return [
    { path: entry, text: desktopEntry(execValue(start, "%U"), WRITTEN_BY_APP) },
    { path: types, text: MIME_TYPES },
    { path: image, text: icon },
  ];
}

/** Whether an entry that the app wrote lies in the user's own folder. */
export function hasOwnEntry(env: Environment): boolean {
  try {
    return readFileSync(places(env).entry, "utf8").includes(`\n${WRITTEN_BY_APP}\n`);
  } catch {
    return false;
  }
}

/**
 * Writes what differs, tells the desktop if something did, and stops where it is not wanted any more. Throws what the
 * file system says; a program that is missing or fails is passed over.
 */
export async function writeFiles(
  files: readonly PlannedFile[],
  env: Environment,
  isWanted: () => boolean,
): Promise<void> {
  let differed = false;
  for (const { path, text } of files) {
    if ((await readFile(path, "utf8").catch(() => null)) === text) continue;
    differed = true;
    await mkdir(dirname(path), { recursive: true });
    if (!isWanted()) return;
    await writeFile(path, text, { mode: 0o644 });
  }
  if (differed) await tellDesktop(env, isWanted);
}

/** Makes ours what opens our links and WireGuard files. Only at a person's word: another choice of theirs stays. */
export async function takeDefault(env: Environment): Promise<void> {
  await run(["/usr/bin/xdg-mime", "default", NAME, ...AS_DEFAULT], env);
}

/** Removes the files, and leaves what the desktop opens with `nanami.desktop`: a package's entry has that name too. */
export async function removeFiles(env: Environment): Promise<void> {
  for (const path of Object.values(places(env))) await rm(path, { force: true });
  await tellDesktop(env, () => true);
}

/** Takes everything back: the files, and the desktop's lines that name them. */
export async function undo(env: Environment): Promise<void> {
  await removeFiles(env);
  // The second is where older programs kept it.
  const folders = [configFolder(env), join(dataFolders(env).own, "applications")];
  for (const folder of folders) await forget(join(folder, "mimeapps.list"));
}

/** Takes our lines out of a list: beside it first, then in its place, as a desktop reads it at any time. */
async function forget(list: string): Promise<void> {
  // It may be a link into somebody's kept settings.
  const path = await realpath(list).catch(() => null);
  if (path === null) return;
  const before = await readFile(path, "latin1");
  const after = withoutEntry(before, NAME, AS_DEFAULT);
  if (after === before) return;
  const { mode } = await stat(path);
  const beside = `${path}.nanami-${process.pid}`;
  try {
    await writeFile(beside, after, { encoding: "latin1", mode: mode & 0o777, flag: "wx" });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Has the desktop read again what lies in the user's folders. */
async function tellDesktop(env: Environment, isWanted: () => boolean): Promise<void> {
  const { own } = dataFolders(env);
  for (const [program, folder] of [
    ["/usr/bin/update-mime-database", join(own, "mime")],
    ["/usr/bin/update-desktop-database", join(own, "applications")],
  ] as const)
    if (isWanted()) await run([program, folder], env);
}

async function run([program, ...words]: readonly [string, ...string[]], env: Environment): Promise<void> {
  if (!existsSync(program)) return;
  // Loaded here: it is needed once, and would be read at every start.
  const { execa } = await import("execa");
  await execa(program, words, {
    ...{ reject: false, extendEnv: false, stdio: "ignore", timeout: 20_000 },
    env: surroundings(env),
  });
}

/** What these programs need to know of the desktop and of whose it is; nothing else of ours. */
function surroundings(env: Environment): Record<string, string> {
  const names = [
    "HOME",
    "LANG",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_DATA_DIRS",
    "XDG_CURRENT_DESKTOP",
    "DESKTOP_SESSION",
    "DBUS_SESSION_BUS_ADDRESS",
  ];
  const known = names.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { PATH: "/usr/bin:/bin", ...Object.fromEntries(known) };
}
