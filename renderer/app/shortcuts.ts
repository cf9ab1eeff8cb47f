/** The window's own keys; Settings lists them. Everything else is reached by Tab, arrows, Enter and Escape. */
import type { ScreenName } from "../state.ts";

export interface Shortcut {
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

/** The screen that a key press leads to; undefined = it is no shortcut of ours. */
export function screenFor(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">,
): ScreenName | undefined {
  if (event.altKey || event.shiftKey || event.ctrlKey === event.metaKey) return undefined;
  return SHORTCUTS.find(({ key }) => key === event.key)?.screen;
}
