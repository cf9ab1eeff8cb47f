/** `more` leads to what has no place of its own in a narrow window. */
export type ScreenName = "home" | "path" | "preferences" | "manual" | "health" | "settings" | "more";
