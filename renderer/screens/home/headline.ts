/** The state in one sentence that never says more than is known. Pure. */
import type { TFunction } from "../../texts/translate.ts";
import type { Snapshot } from "../../../src/rpc/contract.ts";
import { isAtRest } from "../../../src/bridge/at-rest.ts";
import { placeName } from "../../texts/place-name.ts";
import { reasonClause } from "../../texts/reason-words.ts";
import { gatewaysOf, holdUp, openNow, pinnedGateways } from "./facts.ts";

type HeadlineSnapshot = Pick<Snapshot, "tunnel" | "path" | "inForce" | "profile" | "enrollment">;

/** `live`: the agent can be asked now. While it cannot, nothing is known of the present. */
export function headline(snapshot: HeadlineSnapshot, live: boolean, t: TFunction): string {
  if (!live) return t("home.headline.away");
  const { tunnel } = snapshot;
  const open = openNow(snapshot);
  switch (tunnel.state) {
    case "disconnected":
      if (open !== null) return t(`home.headline.lockdownOpen.${open}`);
      return t(snapshot.enrollment === null ? "home.headline.notEnrolled" : "home.headline.notConnected");
    case "connecting":
      return t(open === null ? "home.headline.connecting" : `home.headline.open.${open}`);
    case "disconnecting":
      return t("home.headline.disconnecting");
    case "connected":
      return tunnel.mode === "full_tunnel" ? exit(snapshot, t) : privateOnly(snapshot, t);
    case "reconnecting":
    case "blocked": {
      if (isAtRest(snapshot)) return t("home.headline.lockdown");
      const { code } = tunnel.reason;
      const names = silentNames(snapshot);
      const reason = reasonClause(code, names, t);
      const full = tunnel.mode === "full_tunnel";
      if (reason === undefined) return t(full ? "home.headline.nothing" : "home.headline.privateClosed");
      return t(full ? "home.headline.nothingBecause" : "home.headline.privateClosedBecause", { reason });
    }
  }
}

/**
 * Names of what does not answer: the profile, or the gateways on the way. A pinned one is behind every entry that is
 * tried, which would be the way of the moment.
 */
export function silentNames(snapshot: HeadlineSnapshot): readonly string[] {
  if (snapshot.profile !== null) return [snapshot.profile.name];
  const pinned = holdUp(snapshot)?.code === "pinned_gateway_silent" ? pinnedGateways(snapshot) : [];
  return (pinned.length > 0 ? pinned : gatewaysOf(snapshot)).map(placeName);
}

function exit(snapshot: HeadlineSnapshot, t: TFunction): string {
  const { profile, tunnel } = snapshot;
  if (profile !== null) {
    const proven = tunnel.state === "connected" && tunnel.verified === "traffic";
    return t(proven ? "home.headline.fullProfile" : "home.headline.sentProfile", { profile: profile.name });
  }
  const hop = snapshot.inForce?.egress ?? undefined;
  return hop === undefined ? t("home.headline.fullTunnel") : t("home.headline.full", { place: hop.region });
}

function privateOnly({ profile }: HeadlineSnapshot, t: TFunction): string {
  return profile === null
    ? t("home.headline.private")
    : t("home.headline.privateProfile", { profile: profile.name });
}
