/** What a Linux desktop starts at login. Pure. */
import { execValue, type Start } from "./desktop-command.ts";

/** Text of the desktop entry. */
export function autostartEntry(start: Start): string {
  return [
    "[Desktop Entry]",
    "Type=Application",
    "Name=Nanami",
    `Exec=${execValue(start)}`,
    "Icon=nanami",
    "Terminal=false",
    "X-GNOME-Autostart-enabled=true",
    "",
  ].join("\n");
}
