/** Start at login: the system's own list where there is one, on Linux an entry of the XDG autostart folder. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { app } from "electron";
import { autostartEntry } from "./autostart.ts";
import type { Start } from "./desktop-command.ts";

/** Makes it so. Throws what the file system says. */
export async function setStartAtLogin(wanted: boolean, start: Start): Promise<void> {
  if (process.platform !== "linux") {
    app.setLoginItemSettings({ openAtLogin: wanted, args: [...start.words] });
    return;
  }
  const config = process.env["XDG_CONFIG_HOME"] ?? "";
  const folder = join(isAbsolute(config) ? config : join(homedir(), ".config"), "autostart");
  const path = join(folder, "nanami.desktop");
  if (!wanted) return rm(path, { force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(path, autostartEntry(start), { mode: 0o644 });
}
