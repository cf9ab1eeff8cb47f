/** Whether a new path protects less than the one before, and against whose choice. */
import { excludeCidr } from "cidr-tools";
import { layerName } from "./explain.ts";
import type { Layer, ResolvedPath } from "./types.ts";

/** What a loosening takes away. */
export interface Loosening {
  /** From everything to the private network only. */
  readonly mode: boolean;
  /** Addresses that were kept in the tunnel and now would leave directly, as prefixes. */
  readonly prefixes: readonly string[];
  /** The layer whose choice is loosened. */
  readonly chosenBy: Layer;
  /** The layer that decides now. */
  readonly decidedBy: Layer;
  /**
   * True when the person chose what is loosened, in the device or the user layer: then it waits for consent, still
   * closed. False: an operator's choice, it applies and is announced.
   */
  readonly needsConsent: boolean;
  readonly message: string;
}

/** The part of a path that says how much is kept in the tunnel. */
type Protection = Pick<ResolvedPath, "trafficMode"> & {
  readonly tunnel: Pick<ResolvedPath["tunnel"], "privatePrefixes">;
};

/**
 * Compares two paths of one device; undefined when `after` keeps at least as much in the tunnel. Prefixes are
 * compared as sets of addresses: cutting one in two loosens nothing. A path without gateways loosens nothing
 * either: its mode is still enforced.
 */
export function loosens(before: Protection, after: Protection): Loosening | undefined {
  if (after.trafficMode.value === "full_tunnel") return undefined;
  const mode = before.trafficMode.value === "full_tunnel";
  const prefixes = lost(before.tunnel.privatePrefixes, after.tunnel.privatePrefixes);
  if (!mode && prefixes.length === 0) return undefined;

  const chosenBy = before.trafficMode.decidedBy;
  const decidedBy = after.trafficMode.decidedBy;
  const told = mode
    ? `Only the private network stays in the tunnel, all other traffic would leave directly: ${layerName(decidedBy)} decides now, before it was ${layerName(chosenBy)}.`
    : "The private network became smaller.";
  const named = prefixes.slice(0, 4).join(", ");
  const more = prefixes.length > 4 ? ` and ${prefixes.length - 4} more` : "";
  const gone = prefixes.length === 0 ? "" : ` No longer in the tunnel: ${named}${more}.`;
  const needsConsent = chosenBy === "device" || chosenBy === "user";
  return { mode, prefixes, chosenBy, decidedBy, needsConsent, message: told + gone };
}

/** The addresses that `before` covers and `after` does not. */
function lost(before: readonly string[], after: readonly string[]): readonly string[] {
  if (before.every((prefix) => after.includes(prefix))) return [];
  return excludeCidr([...before], [...after]);
}
