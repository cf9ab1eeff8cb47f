/** What the window shows first, and what follows a frame later. */
import { useLayoutEffect, useState } from "react";

let wasDrawn = false;

/**
 * Whether the window has been drawn once. Until then a screen leaves out what is only looked at, so that what is
 * pressed is there sooner; afterwards always true, and nothing comes in two steps.
 */
export function useFirstFrameDrawn(): boolean {
  const [drawn, setDrawn] = useState(wasDrawn);
  useLayoutEffect(() => {
    if (wasDrawn) return;
    let task: ReturnType<typeof setTimeout> | undefined;
    // This runs just before the frame is drawn, and a task of its own only after it.
    const frame = requestAnimationFrame(() => {
      task = setTimeout(() => {
        wasDrawn = true;
        setDrawn(true);
      });
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(task);
    };
  }, []);
  return drawn;
}
