/**
 * Follows who disconnected to sign in to the network around (a captive portal), so that the way back is offered
 * whatever becomes of the window. Pure.
 */
import type { AgentState, SigningIn } from "../bridge/state.ts";

/** What is remembered between two words of the agent. */
export interface SignInSeen {
  /** A page to sign in at is in the way of what is connected: the network's path (null) or a manual configuration. */
  readonly asked: { readonly profile: string | null } | null;
  readonly signingIn: SigningIn | null;
}

export const NO_SIGN_IN: SignInSeen = { asked: null, signingIn: null };

/** What is to be remembered after the agent's newest word. An agent that is away has not said anything else. */
export function signInAfter(before: SignInSeen, agent: AgentState): SignInSeen {
  if (agent.state !== "ready") return before;
  const { tunnel, controlPlane, profile, enrollment } = agent.snapshot;
  if (controlPlane.revoked) return NO_SIGN_IN;
  if ("reason" in tunnel && tunnel.reason?.code === "captive_portal")
    return { asked: { profile: profile?.id ?? null }, signingIn: null };
  switch (tunnel.state) {
    case "disconnecting":
      return before;
    case "disconnected": {
      const { asked, signingIn } = before;
      const back = asked ?? signingIn;
      if (back === null) return before;
      // Logged out: the network's path would be refused.
      if (back.profile === null && enrollment === null) return NO_SIGN_IN;
      return {
        asked: null,
        signingIn: {
          profile: back.profile,
          // Nothing answered while the page was in the way.
          done: signingIn?.done === true || controlPlane.connected,
        },
      };
    }
    case "connecting":
    case "connected":
    case "reconnecting":
    case "blocked":
      return NO_SIGN_IN;
  }
}
