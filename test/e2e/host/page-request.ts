/** What a page can do with the one thing that it was given. */
import type { Page } from "playwright";
import { z } from "zod";
import type { Carrier } from "../../../src/bridge/contract.ts";
import { BridgeState, type Offer } from "../../../src/bridge/state.ts";

declare global {
  /** Inside the page. */
  var nanami: Carrier | undefined;
}

/** Asks the host for something, as the page's own code does. */
export function ask(page: Page, name: string, params: unknown): Promise<unknown> {
  return page.evaluate(([asked, given]) => globalThis.nanami?.request(asked, given), [name, params] as const);
}

/** The whole state as the page is told it. */
export async function stateSeen(page: Page): Promise<BridgeState> {
  const update: unknown = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const stop = globalThis.nanami?.subscribe((told) => {
          // The state comes first, and after the function that ends it was given.
          stop?.();
          resolve(told);
        });
      }),
  );
  return z.object({ kind: z.literal("state"), state: BridgeState }).parse(update).state;
}

/** What waits for the person. */
export async function offers(page: Page): Promise<readonly Offer[]> {
  return (await stateSeen(page)).offers;
}
