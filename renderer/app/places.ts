/** Which screens stand where, by the window's width. Pure. */
import type { ScreenName } from "../screen-names.ts";

/** Pixels from which the navigation stands at the side. */
export const SIDE_FROM = 720;
/** Pixels from which two screens stand beside each other. */
export const BESIDE_FROM = 1000;

/** The place of the narrow window's bar that a screen belongs to. */
export function placeInBar(screen: ScreenName): "home" | "path" | "manual" | "more" {
  switch (screen) {
    case "home":
    case "manual":
    case "more":
      return screen;
    case "path":
    case "preferences":
      return "path";
    case "health":
    case "settings":
      return "more";
  }
}

/** The screen that is shown beside another where there is room; undefined = that one has all of it. */
export function screenBeside(screen: ScreenName): ScreenName | undefined {
  switch (screen) {
    case "home":
      return "path";
    case "path":
      return "preferences";
    // Its own two layers stand side by side there.
    case "preferences":
    case "manual":
    case "health":
    case "settings":
    case "more":
      return undefined;
  }
}
