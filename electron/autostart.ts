/** What a Linux desktop starts at login. Pure. */

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
