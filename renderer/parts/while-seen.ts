/** Does something while the window is seen: begins it now or when it is shown, ends it when it is hidden. Returns what ends it for good. */
export function whileSeen(begin: () => () => void): () => void {
  let end: (() => void) | undefined;
  const change = (): void => {
    end?.();
    end = document.hidden ? undefined : begin();
  };
  change();
  document.addEventListener("visibilitychange", change);
  return () => {
    document.removeEventListener("visibilitychange", change);
    end?.();
  };
}
