import { useEffect, useState } from "react";

/** How long a busy window may take to have a moment, milliseconds. */
const AT_MOST_MS = 500;

/** Whether the window was drawn and has had a moment since: what nobody waits for is fetched then, not before. */
export function useDrawn(): boolean {
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    const wait = requestIdleCallback(() => setDrawn(true), { timeout: AT_MOST_MS });
    return () => cancelIdleCallback(wait);
  }, []);
  return drawn;
}
