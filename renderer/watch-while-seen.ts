import type { BridgeState } from "../src/bridge/state.ts";
import type { BridgeClient } from "./bridge/client.ts";

/** What is asked of a `document`. */
interface Page {
  readonly hidden: boolean;
  addEventListener(name: "visibilitychange", listener: () => void): void;
}

/**
 * Listens to the host for as long as the window lives. While it is hidden the host tells nothing, so that nothing is
 * done for nobody; when it is seen again everything comes anew. One that begins hidden hears the first state, to have
 * something to draw.
 */
export function watchWhileSeen(
  bridge: Pick<BridgeClient, "watch">,
  page: Page,
  listener: (state: BridgeState) => void,
): void {
  let stop = (): void => undefined;
  const watch = (): (() => void) =>
    bridge.watch((state) => {
      listener(state);
      if (page.hidden) stop();
    });
  stop = watch();
  page.addEventListener("visibilitychange", () => {
    stop();
    stop = page.hidden ? () => undefined : watch();
  });
}
