/** The stops of a way, as it is drawn and read out. Pure. */
import type { ActualRoute, ExpectedRoute } from "../../../src/rpc/health.ts";
import type { z } from "zod";

type Expected = z.infer<typeof ExpectedRoute>;
type Actual = z.infer<typeof ActualRoute>;
export type Way = Expected["way"];

export interface Stop {
  readonly kind: "device" | "gateway" | "target" | "nowhere";
  /** null: named by its kind. */
  readonly name: string | null;
}

/** The stops that are intended. `target` names where it shall arrive. */
export function intendedStops(
  { way, hops }: Pick<Expected, "way" | "hops">,
  target: string,
): readonly Stop[] {
  return stops(way, hops, target);
}

/** The stops that the kernel makes. It knows the interface and no gateways: inside the tunnel they are the intended. */
export function actualStops(
  { way }: Pick<Actual, "way">,
  expected: Pick<Expected, "way" | "hops">,
  target: string,
): readonly Stop[] {
  return stops(way, expected.way === "tunnel" ? expected.hops : [], target);
}

function stops(way: Way, hops: readonly string[], target: string): readonly Stop[] {
  const device: Stop = { kind: "device", name: null };
  const end: Stop = { kind: "target", name: target };
  switch (way) {
    case "tunnel":
      return [device, ...hops.map((name): Stop => ({ kind: "gateway", name })), end];
    case "direct":
    case "local":
      return [device, end];
    case "loopback":
      return [device];
    case "refused":
      return [device, { kind: "nowhere", name: null }];
  }
}
