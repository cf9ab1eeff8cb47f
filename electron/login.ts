/** Start at login: the system's own list where there is one, on Linux an entry of the XDG autostart folder. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { app } from "electron";

/** The program and its words as the session will start it. */
export interface Start {
  readonly program: string;
  readonly words: readonly string[];
}

/** Text of the desktop entry (Desktop Entry Specification 1.5; strings are escaped, and words quoted, by its rules). */
export function autostartEntry({ program, words }: Start): string {
  const quoted = [program, ...words].map((word) => `"${word.replaceAll(/[\\"`$]/g, "\\$&")}"`);
  const command = quoted.join(" ").replaceAll("%", "%%").replaceAll("\\", "\\\\");
  return [
    "[Desktop Entry]",
    "Type=Application",
    "Name=Nanami",
    `Exec=${command}`,
    "Icon=nanami",
    "Terminal=false",
    "X-GNOME-Autostart-enabled=true",
    "",
  ].join("\n");
}

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
