/**
 * Links and files opened with the app where no package says so: from a checkout, or an AppImage. Everything lies in
 * the user's own folders and goes when it is not wanted any more.
 */
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { execValue, type Start } from "../desktop-command.ts";
import { CONFIG_TYPE, desktopEntry, MIME_TYPES } from "./entry.ts";

const ENTRY = join("applications", "nanami.desktop");

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's own data folder, and those of the system (XDG Base Directory Specification 0.8). */
function dataFolders(env: Environment): { readonly own: string; readonly system: readonly string[] } {
  const own = env["XDG_DATA_HOME"] ?? "";
  const system = (env["XDG_DATA_DIRS"] ?? "").split(":").filter((folder) => isAbsolute(folder));
  return {
    own: isAbsolute(own) ? own : join(homedir(), ".local", "share"),
    system: system.length === 0 ? ["/usr/local/share", "/usr/share"] : system,
  };
}

/** Whether it is for the app to do: on Linux, where no package did it. */
export function canAssociate(platform: NodeJS.Platform, env: Environment): boolean {
  return platform === "linux" && !dataFolders(env).system.some((folder) => existsSync(join(folder, ENTRY)));
}

/** What is written, and which programs are told afterwards, each where it is installed. */
export interface AssociationPlan {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly programs: readonly (readonly [program: string, ...words: string[]])[];
}

/** `icon`: text of the app's SVG. */
export function associationPlan(start: Start, icon: string, env: Environment): AssociationPlan {
  const { own } = dataFolders(env);
  return {
    files: [
      { path: join(own, ENTRY), text: desktopEntry(execValue(start, "%U")) },
      { path: join(own, "mime", "packages", "nanami.xml"), text: MIME_TYPES },
      { path: join(own, "icons", "hicolor", "scalable", "apps", "nanami.svg"), text: icon },
    ],
    programs: [
      ["/usr/bin/update-mime-database", join(own, "mime")],
      ["/usr/bin/update-desktop-database", join(own, "applications")],
    ],
  };
}

/** The one type that is nobody else's; archives stay with whoever opens them now. */
const AS_DEFAULT = ["/usr/bin/xdg-mime", "default", "nanami.desktop", CONFIG_TYPE] as const;

/** Makes it so, or undoes it. Throws what the file system says; a program that is missing or fails is passed over. */
export async function associate(
  wanted: boolean,
  { files, programs }: AssociationPlan,
  env: Environment,
): Promise<void> {
  for (const { path, text } of files) {
    if (wanted) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text, { mode: 0o644 });
    } else await rm(path, { force: true });
  }
  for (const [program, ...words] of wanted ? [...programs, AS_DEFAULT] : programs) {
    if (!existsSync(program)) continue;
    // Loaded here: it is needed once, and would be read at every start.
    const { execa } = await import("execa");
    await execa(program, words, {
      ...{ reject: false, extendEnv: false, stdio: "ignore", timeout: 20_000 },
      env: surroundings(env),
    });
  }
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
