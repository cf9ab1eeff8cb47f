/** What faces are told of the agent, put together from what its parts know. Traffic is told beside it, as it is read. */
import type { Snapshot } from "../rpc/contract.ts";
import type { TunnelEngine } from "../tunnel/types.ts";
import type { ControlPlaneLink } from "./control-plane-link.ts";
import type { Failover } from "./failover.ts";
import type { Memory } from "./memory.ts";
import type { PortalSearch } from "./portal/portal-search.ts";
import type { ManualTunnel } from "./profiles/manual-tunnel.ts";
import type { Protection } from "./protection.ts";
import { effectivePath } from "./routing-state.ts";
import { controlPlaneProblems, shownLoosening } from "./shown-problems.ts";
import { inForceOf, shownTunnel } from "./shown-tunnel.ts";
import type { ToldTunnel } from "./told-tunnel.ts";

/** Those who know. */
export interface Parts {
  readonly memory: Pick<Memory, "identity" | "routing" | "revoked" | "damage" | "settings">;
  readonly engine: Pick<TunnelEngine, "status" | "intent" | "pathMtu">;
  readonly protection: Pick<Protection, "connected" | "problem" | "announcement">;
  readonly failover: Pick<Failover, "silence" | "active">;
  readonly manual: Pick<ManualTunnel, "active">;
  readonly link: Pick<ControlPlaneLink, "isOpen" | "isIntercepted" | "problem">;
  readonly portal: Pick<PortalSearch, "found">;
  readonly told: Pick<ToldTunnel, "of">;
}

/** Everything but traffic and what never changes. */
export function shownSnapshot(parts: Parts): Partial<Snapshot> {
  const { memory, engine, protection, failover, manual, link, portal, told } = parts;
  const { identity, routing, revoked, damage } = memory;
  const { problem: held, announcement } = protection;
  const problems = controlPlaneProblems({
    damage: identity === null ? damage[0] : undefined,
    held,
    revoked,
    session: link.problem,
  });
  const path = effectivePath(routing);
  const beside = {
    path: protection.connected ? path : null,
    intent: engine.intent,
    silence: failover.silence,
    failedOver: failover.active,
    intercepted: link.isIntercepted,
    // Whoever reaches the control plane needs not sign in.
    portal: link.isOpen ? null : portal.found,
  };
  return {
    ...told.of({ tunnel: shownTunnel(engine.status, beside), inForce: inForceOf(beside) }),
    enrollment: identity?.enrollment ?? null,
    settings: memory.settings,
    path,
    pathMtu: engine.pathMtu,
    profile: manual.active,
    announcement: announcement?.message ?? null,
    loosened: shownLoosening(announcement),
    consent: shownLoosening(held?.consent ?? null),
    unsaved:
      routing.unsaved === null
        ? null
        : {
            layer: routing.unsaved.layer,
            value: routing.unsaved.value,
            conflict: routing.unsaved.conflict,
          },
    controlPlane: {
      connected: link.isOpen && link.problem === null,
      ...problems,
      revoked: revoked !== null,
    },
  };
}
