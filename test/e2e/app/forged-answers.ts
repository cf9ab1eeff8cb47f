/** A window that is told something else than its host said: a list that is stale or forged. */
import type { Page } from "playwright";
import { z } from "zod";
import type { RequestName, RequestResult } from "../../../src/bridge/contract.ts";
import { Update, type AgentState } from "../../../src/bridge/state.ts";

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

/** Says this of the agent to the window, whatever the host says of it. */
export function forgeAgentState(agent: AgentState): (page: Page) => Promise<void> {
  return (page) =>
    page.routeWebSocket(/\/bridge$/, (window) => {
      const host = window.connectToServer();
      host.onMessage((text) => {
        const { data } = z.object({ update: Update }).safeParse(JSON.parse(String(text)));
        if (data?.update.kind === "state")
          window.send(JSON.stringify({ update: { ...data.update, state: { ...data.update.state, agent } } }));
        else if (data?.update.kind === "changed")
          window.send(JSON.stringify({ update: { ...data.update, patch: { ...data.update.patch, agent } } }));
        else window.send(text);
      });
    });
}
