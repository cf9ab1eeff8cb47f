/** Where a Linux desktop looks for what it knows (XDG Base Directory Specification 0.8). Pure. */
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The user's own data folder, and those of the system; the own one is none of the system's, however it is listed. */
export function dataFolders(env: Environment): { readonly own: string; readonly system: readonly string[] } {
  const own = absolute(env["XDG_DATA_HOME"]) ?? join(homedir(), ".local", "share");
  const listed = (env["XDG_DATA_DIRS"] ?? "").split(":").filter((folder) => isAbsolute(folder));
  const system = listed.length === 0 ? ["/usr/local/share", "/usr/share"] : listed;
  return { own, system: system.filter((folder) => resolve(folder) !== resolve(own)) };
}

/** The user's own folder of settings. */
export function configFolder(env: Environment): string {
  return absolute(env["XDG_CONFIG_HOME"]) ?? join(homedir(), ".config");
}

const absolute = (folder: string | undefined): string | undefined =>
  folder !== undefined && isAbsolute(folder) ? folder : undefined;
