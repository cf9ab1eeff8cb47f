/** What the window's title says of the state, for a task bar. Pure. */
import type { TFunction } from "../texts/translate.ts";
import type { AgentState } from "../../src/bridge/state.ts";
import { isAtRest } from "../../src/bridge/at-rest.ts";
import { openNow } from "../screens/home/facts.ts";

export function documentTitle(agent: AgentState | undefined, t: TFunction): string {
  if (agent === undefined || agent.state === "looking") return "Nanami";
  if (agent.state !== "ready") return `${t("home.document.away")} – Nanami`;
  const { tunnel } = agent.snapshot;
  const state =
    openNow(agent.snapshot) !== null
      ? "open"
      : tunnel.state === "disconnected" || isAtRest(agent.snapshot)
        ? "notConnected"
        : tunnel.state;
  return `${t(`home.document.${state}`)} – Nanami`;
}
