import { useSyncExternalStore } from "react";

/** Whether the window is at least so wide, in CSS pixels; zoom counts. */
export function useWiderThan(pixels: number): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = window.matchMedia(`(min-width: ${pixels}px)`);
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => window.matchMedia(`(min-width: ${pixels}px)`).matches,
  );
}
