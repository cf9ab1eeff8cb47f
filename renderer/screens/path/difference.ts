/** What a change would make, in sentences of the window's language; the most important first. Pure. */
import type { TFunction } from "../../texts/translate.ts";
import type { ResolvedPath, Selection } from "../../../src/routing/types.ts";
import { formatList } from "../../texts/format.ts";
import { placeName } from "../../texts/place-name.ts";
import { reasonClause } from "../../texts/reason-words.ts";
import type { Language } from "../../../src/bridge/language.ts";
import type { NameOf } from "./names.ts";

/** Where traffic goes by a path, in one sentence. */
export function pathSentence(path: ResolvedPath, t: TFunction): string {
  const { ingress, egress } = path;
  if (path.status === "unavailable" || ingress === undefined)
    return t("path.says.none", { reason: noPathReason(path, t) });
  if (path.trafficMode.value === "vpn_only") return t("path.says.private", { ingress: placeName(ingress) });
  if (egress === undefined || egress.deviceId === ingress.deviceId)
    return t("path.says.fullOne", { gateway: placeName(ingress) });
  return t("path.says.full", { ingress: placeName(ingress), egress: placeName(egress) });
}

/** Why a path is unavailable, as a clause. */
export function noPathReason({ reason }: Pick<ResolvedPath, "reason">, t: TFunction): string {
  if (reason === undefined) return t("path.none");
  return reasonClause(reason.code, [], t) ?? reason.message;
}

/** How the gateways are chosen, in a few words. */
export function selectionWords(selection: Selection, nameOf: NameOf, t: TFunction): string {
  if (selection.routingMode === "auto") return t("path.selection.auto");
  const end = (id: string | null): string => (id === null ? t("path.automatic") : nameOf(id));
  return t("path.selection.manual", {
    ingress: end(selection.ingressDeviceId),
    egress: end(selection.egressDeviceId),
  });
}

/** Whether traffic that travels in the tunnel would travel outside of it. */
export function loosensTunnel(before: ResolvedPath, after: ResolvedPath): boolean {
  return before.trafficMode.value === "full_tunnel" && after.trafficMode.value === "vpn_only";
}

/** Everything that a person would notice or asked for; empty = nothing would be different. */
export function differences(
  before: ResolvedPath,
  after: ResolvedPath,
  nameOf: NameOf,
  language: Language,
  t: TFunction,
): readonly string[] {
  const nothing = t("path.change.nothing");
  const mode = (path: ResolvedPath): string => t(`home.modes.${path.trafficMode.value}`);
  const by = (layer: ResolvedPath["selection"]["decidedBy"]): string => t(`path.layerOf.${layer}`);
  const selection = (path: ResolvedPath): string => selectionWords(path.selection.value, nameOf, t);
  const changed = (
    a: string | undefined,
    b: string | undefined,
  ): { before: string; after: string } | undefined =>
    a === b ? undefined : { before: a ?? nothing, after: b ?? nothing };
  const status = changed(before.status, after.status);
  const modes = changed(mode(before), mode(after));
  const ingress = changed(named(before.ingress), named(after.ingress));
  const egress = changed(named(before.egress), named(after.egress));
  const chosen = changed(selection(before), selection(after));
  const modeBy = changed(by(before.trafficMode.decidedBy), by(after.trafficMode.decidedBy));
  const gatewaysBy = changed(by(before.selection.decidedBy), by(after.selection.decidedBy));
  const dns = changed(before.tunnel.dns.servers.join(", "), after.tunnel.dns.servers.join(", "));
  const gained = missing(after.tunnel.privatePrefixes, before.tunnel.privatePrefixes);
  const lost = missing(before.tunnel.privatePrefixes, after.tunnel.privatePrefixes);
  const unused = after.trafficMode.value === "vpn_only";
  return [
    status === undefined
      ? undefined
      : after.status === "unavailable"
        ? t("path.change.noPath", { reason: noPathReason(after, t) })
        : t("path.change.pathAgain"),
    modes && t("path.change.mode", modes),
    seenSentence(before, after, t),
    ingress && after.status === "ready" ? t("path.change.ingress", ingress) : undefined,
    egress && after.status === "ready"
      ? t(unused ? "path.change.egressUnused" : "path.change.egress", egress)
      : undefined,
    chosen && t("path.change.selection", chosen),
    modeBy && t("path.change.modeBy", modeBy),
    gatewaysBy && t("path.change.gatewaysBy", gatewaysBy),
    gained.length > 0 ? t("path.change.gains", { list: formatList(gained, language) }) : undefined,
    lost.length > 0 ? t("path.change.loses", { list: formatList(lost, language) }) : undefined,
    dns && t("path.change.dns", { before: dns.before || nothing, after: dns.after || nothing }),
  ].filter((sentence) => sentence !== undefined);
}

/** How the Internet sees this device: its own address, or that of the exit. */
function seenSentence(before: ResolvedPath, after: ResolvedPath, t: TFunction): string | undefined {
  if (after.status !== "ready") return undefined;
  const seen = (path: ResolvedPath): string | undefined =>
    path.status === "ready" && path.trafficMode.value === "full_tunnel"
      ? path.egress?.publicAddresses?.join(", ")
      : undefined;
  const [then, now] = [seen(before), seen(after)];
  if (then === now) return undefined;
  if (now === undefined) return t("path.change.seenDirect");
  return then === undefined
    ? t("path.change.seenNow", { after: now })
    : t("path.change.seen", { before: then, after: now });
}

function named(hop: ResolvedPath["ingress"]): string | undefined {
  return hop === undefined ? undefined : placeName(hop);
}

function missing(from: readonly string[], among: readonly string[]): readonly string[] {
  return from.filter((one) => !among.includes(one));
}
