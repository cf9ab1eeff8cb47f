import fc from "fast-check";
import { expect, test } from "vitest";
import { alternatesFor, type Option } from "../../../src/routing/alternates.ts";
import { secondHop } from "../../../src/routing/score.ts";
import type { HopPair } from "../../../src/routing/types.ts";
import { hop } from "./given.ts";

const byCost = (a: Option, b: Option): number => a.cost - b.cost;
const anyOptions = fc
  .array(fc.record({ ingress: fc.boolean(), egress: fc.boolean(), cost: fc.integer({ min: 0, max: 300 }) }), {
    minLength: 2,
    maxLength: 30,
  })
  .map((all) => {
    const option = ({ cost }: { cost: number }, index: number): Option => ({ hop: hop(`g${index}x`), cost });
    const only = (end: "ingress" | "egress"): Option[] =>
      all.map((one, index) => (one[end] ? option(one, index) : undefined)).filter((one) => one !== undefined);
    return { ingresses: only("ingress").sort(byCost), egresses: only("egress").sort(byCost) };
  });

test("of many gateways the list holds the best pairs of all, as counting out every pair gives them", () => {
  fc.assert(
    fc.property(anyOptions, ({ ingresses, egresses }) => {
      const [ingress] = ingresses;
      const [egress] = egresses;
      fc.pre(ingress !== undefined && egress !== undefined);
      const score = (i: Option, e: Option): number =>
        i.cost + e.cost + secondHop(i.hop.deviceId, e.hop.deviceId);
      const every = ingresses
        .flatMap((i) => egresses.map((e) => ({ i, e, score: score(i, e) })))
        .filter(({ i, e }) => i !== ingress || e !== egress)
        .sort((a, b) => a.score - b.score);
      const found = alternatesFor({ ingress: ingress.hop, egress: egress.hop }, ingresses, egresses);
      const costOf = (pair: HopPair): number => {
        const i = ingresses.find((one) => one.hop === pair.ingress);
        const e = egresses.find((one) => one.hop === pair.egress);
        return i === undefined || e === undefined ? Number.NaN : score(i, e);
      };
      const scores = found.map(costOf);
      expect(scores).toEqual([...scores].sort((a, b) => a - b));
      expect(found.length).toBe(Math.min(8, every.length));
      // Three places at most are taken by the pairs that the guarantees ask for.
      expect(scores.slice(0, 5)).toEqual(every.slice(0, 5).map((one) => one.score));

      const best = (matches: (one: (typeof every)[number]) => boolean): number | undefined =>
        every.find(matches)?.score;
      const listed = (matches: (pair: HopPair) => boolean): number | undefined =>
        found.filter(matches).map(costOf)[0];
      expect(listed((pair) => pair.ingress !== ingress.hop)).toBe(best(({ i }) => i !== ingress));
      expect(listed((pair) => pair.egress !== egress.hop)).toBe(best(({ e }) => e !== egress));
      expect(listed((pair) => pair.ingress !== ingress.hop && pair.egress !== egress.hop)).toBe(
        best(({ i, e }) => i !== ingress && e !== egress),
      );
    }),
    { numRuns: 500 },
  );
});
