/** What faces are told of the way to the control plane, and of paths that loosen. Pure. */
import type { Loosening } from "../routing/loosens.ts";
import type { Loosened, Snapshot } from "../rpc/contract.ts";
import type { Trouble } from "../rpc/said.ts";
import type { Problem } from "./protection.ts";

/** Prefixes that are told one by one. */
const MOST_NAMED = 8;

/** What is wrong now; undefined or null = nothing of that kind. */
export interface ControlPlaneWrongs {
  readonly damage: string | undefined;
  /** Why the newest path is not in force. */
  readonly held: Problem | null;
  readonly revoked: string | null;
  readonly session: string | null;
}

/** All of it in sentences and by code, the weightiest first. */
export function controlPlaneProblems({
  damage,
  held,
  revoked,
  session,
}: ControlPlaneWrongs): Pick<Snapshot["controlPlane"], "problem" | "troubles"> {
  const all: (readonly [message: string, trouble: Trouble])[] = [];
  if (damage !== undefined) all.push([damage, { code: "memory_damaged", facts: { detail: damage } }]);
  if (held !== null) all.push([held.message, held.trouble]);
  if (revoked !== null)
    all.push([
      `This device was removed from its network: ${revoked}`,
      { code: "revoked", facts: { detail: revoked } },
    ]);
  if (session !== null) all.push([session, { code: "session_lost", facts: { detail: session } }]);
  return {
    problem: all.length === 0 ? null : all.map(([message]) => message).join(" "),
    troubles: all.map(([, { code, facts }]) => ({ code, facts: { ...facts } })),
  };
}

/** A loosening as faces are told: bounded. */
export function shownLoosening(loosening: Loosening | null): Loosened | null {
  if (loosening === null) return null;
  const { mode, prefixes, chosenBy, decidedBy } = loosening;
  return {
    ...{ mode, chosenBy, decidedBy },
    prefixes: prefixes.slice(0, MOST_NAMED),
    prefixCount: prefixes.length,
  };
}
