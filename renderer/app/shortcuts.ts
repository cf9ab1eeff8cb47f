/** The window's own keys; Settings lists them. Everything else is reached by Tab, arrows, Enter and Escape. */
import type { ScreenName } from "../screen-names.ts";

interface Shortcut {
  /** With Ctrl, on a Mac with Command. */
  readonly key: string;
  readonly screen: Exclude<ScreenName, "more">;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { key: "1", screen: "home" },
  { key: "2", screen: "path" },
  { key: "3", screen: "preferences" },
  { key: "4", screen: "manual" },
  { key: "5", screen: "health" },
  { key: "6", screen: "settings" },
];

/** What of a `KeyboardEvent` counts. */
interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** The screen that a key press leads to; undefined = it is no shortcut of ours. */
export function screenFor(event: KeyPress): ScreenName | undefined {
  if (event.altKey || event.shiftKey || event.ctrlKey === event.metaKey) return undefined;
  return SHORTCUTS.find(({ key }) => key === event.key)?.screen;
}
