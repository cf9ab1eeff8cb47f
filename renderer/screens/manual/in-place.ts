/** What is connected now and would be left for another one. */
import { useTranslation } from "../../texts/speech.ts";
import type { Snapshot } from "../../../src/rpc/contract.ts";
import { useSnapshot } from "../../state.ts";

export interface InPlace {
  readonly kind: "profile" | "managed";
  /** Of the configuration, or of the gateways of the path. */
  readonly name: string;
}

/** Pure: what a snapshot says. `id`: the one that would be connected. */
export function inPlaceOf(
  { profile, inForce, tunnel }: Snapshot,
  id: string,
  managed: string,
): InPlace | undefined {
  if (profile !== null) return profile.id === id ? undefined : { kind: "profile", name: profile.name };
  if (tunnel.state === "disconnected" || inForce === null) return undefined;
  const { ingress, egress } = inForce;
  const names = [ingress.name, ...(egress === null || egress.name === ingress.name ? [] : [egress.name])];
  return { kind: "managed", name: names.join(" → ") || managed };
}

export function useInPlace(id: string): InPlace | undefined {
  const { t } = useTranslation();
  const kind = useSnapshot((snapshot) => inPlaceOf(snapshot, id, "")?.kind);
  const name = useSnapshot((snapshot) => inPlaceOf(snapshot, id, t("manual.replace.managed"))?.name);
  return kind === undefined || name === undefined ? undefined : { kind, name };
}
