import { useEffect, useState } from "react";
import { whileSeen } from "./while-seen.ts";

/** The time, in milliseconds, anew every second while the window is seen. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const tick = (): void => setNow(Date.now());
    return whileSeen(() => {
      tick();
      const timer = setInterval(tick, 1000);
      return () => clearInterval(timer);
    });
  }, []);
  return now;
}
