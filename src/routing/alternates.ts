/** The pairs of gateways a device may move to by itself, best first, when the chosen pair fails. */
import { compareText, secondHop } from "./score.ts";
import type { Hop, HopPair } from "./types.ts";

/** A gateway that may be used for an end, with its cost by itself. */
export interface Option {
  readonly hop: Hop;
  readonly cost: number;
}

/** Longest list of alternates. */
const MAX_ALTERNATES = 8;
const WIDTH = MAX_ALTERNATES + 2;

interface ScoredPair {
  readonly pair: HopPair;
  readonly score: number;
}

function scored(ingress: Option, egress: Option | undefined): ScoredPair {
  const alone = { pair: { ingress: ingress.hop }, score: ingress.cost };
  if (egress === undefined) return alone;
  return {
    pair: { ingress: ingress.hop, egress: egress.hop },
    score: ingress.cost + egress.cost + secondHop(ingress.hop.deviceId, egress.hop.deviceId),
  };
}

function compare(a: ScoredPair, b: ScoredPair): number {
  return (
    a.score - b.score ||
    compareText(a.pair.egress?.deviceId ?? "", b.pair.egress?.deviceId ?? "") ||
    compareText(a.pair.ingress.deviceId, b.pair.ingress.deviceId)
  );
}

/**
 * Every pair worth considering. A thousand gateways make a million pairs; but a pair of two gateways of which one is
 * outside the best `WIDTH` of its end is beaten by more pairs than the list holds, so that only the pairs within and
 * the gateways that serve both ends have to be looked at.
 */
function pairs(ingresses: readonly Option[], egresses: readonly Option[]): ScoredPair[] {
  const nearest = egresses.slice(0, WIDTH);
  const found = ingresses
    .slice(0, WIDTH)
    .flatMap((ingress) => nearest.map((egress) => scored(ingress, egress)));
  if (ingresses.length <= WIDTH && egresses.length <= WIDTH) return found;

  const rankAsEgress = new Map(egresses.map(({ hop }, rank) => [hop.deviceId, rank]));
  for (const [rank, one] of ingresses.entries()) {
    const other = rankAsEgress.get(one.hop.deviceId);
    if (other !== undefined && (rank >= WIDTH || other >= WIDTH)) found.push(scored(one, egresses[other]));
  }
  return found;
}

/**
 * Alternates for the pair `chosen`, best first, at most `MAX_ALTERNATES`, without `chosen` itself. Where such pairs
 * exist, the list holds one that avoids the chosen ingress, one that avoids the chosen egress and one that avoids
 * both: whatever fails, there is somewhere to go.
 *
 * @param ingresses what the ingress may be, by rising cost; a pinned end has exactly one option
 * @param egresses the same for the egress; not used where `chosen` has no egress
 */
export function alternatesFor(
  chosen: HopPair,
  ingresses: readonly Option[],
  egresses: readonly Option[],
): readonly HopPair[] {
  if (ingresses.length < 2 && egresses.length < 2) return [];
  const differs = (pair: HopPair, end: "ingress" | "egress"): boolean =>
    pair[end]?.deviceId !== chosen[end]?.deviceId;
  const all =
    chosen.egress === undefined ? ingresses.map((one) => scored(one, undefined)) : pairs(ingresses, egresses);
  const others = all.filter(({ pair }) => differs(pair, "ingress") || differs(pair, "egress")).sort(compare);
  if (others.length <= MAX_ALTERNATES) return others.map(({ pair }) => pair);

  const needed = new Set([
    others.find(({ pair }) => differs(pair, "ingress")),
    others.find(({ pair }) => differs(pair, "egress")),
    others.find(({ pair }) => differs(pair, "ingress") && differs(pair, "egress")),
  ]);
  needed.delete(undefined);
  let free = MAX_ALTERNATES - needed.size;
  return others.filter((one) => needed.has(one) || free-- > 0).map(({ pair }) => pair);
}
