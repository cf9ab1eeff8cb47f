/** A window that is told something else than its host said: a list that is stale or forged. */
import type { Page } from "playwright";
import { z } from "zod";
import type { RequestName, RequestResult } from "../../../src/bridge/contract.ts";

const Asked = z.object({ id: z.number(), name: z.string() });
const Answered = z.object({ id: z.number(), outcome: z.object({ ok: z.literal(true), value: z.unknown() }) });

/** Changes every good answer to the request `name` on its way to the window; the agent is asked as ever. */
export function forgeAnswers<N extends RequestName>(
  name: N,
  forge: (answer: RequestResult<N>) => RequestResult<N>,
): (page: Page) => Promise<void> {
  return (page) =>
    page.routeWebSocket(/\/bridge$/, (window) => {
      const host = window.connectToServer();
      const waiting = new Set<number>();
      window.onMessage((text) => {
        const asked = Asked.safeParse(JSON.parse(String(text)));
        if (asked.data?.name === name) waiting.add(asked.data.id);
        host.send(text);
      });
      host.onMessage((text) => {
        const { data } = Answered.safeParse(JSON.parse(String(text)));
        if (data === undefined || !waiting.delete(data.id)) {
          window.send(text);
          return;
        }
        // The answer of this very request, from a host that is honest.
        const value = forge(data.outcome.value as RequestResult<N>);
        window.send(JSON.stringify({ id: data.id, outcome: { ok: true, value } }));
      });
    });
}
