/** Which language is spoken: the one that was chosen, or the first of the system's that there is a catalogue for. */
import type { Presentation } from "./state.ts";

export type Language = "en" | "ja";

/** `system`: language tags (BCP 47), the preferred one first. English where none is known. */
export function languageFor(choice: Presentation["language"], system: readonly string[]): Language {
  if (choice !== "system") return choice;
  const known = system
    .map((tag) => tag.slice(0, 2).toLowerCase())
    .find((tag) => tag === "en" || tag === "ja");
  return known ?? "en";
}
