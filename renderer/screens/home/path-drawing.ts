/**
 * The path as it is drawn and read out: the stops on the way through the tunnel, what lies between them, and what
 * travels outside of it. Pure.
 */
import type { TFunction } from "../../texts/translate.ts";
import type { Snapshot } from "../../../src/rpc/contract.ts";
import { isAtRest } from "../../../src/bridge/at-rest.ts";
import type { Profile } from "../../../src/rpc/profiles.ts";
import { formatMilliseconds } from "../../texts/format.ts";
import { placeName } from "../../texts/place-name.ts";
import type { Language } from "../../../src/bridge/language.ts";
import { gatewaysOf, holdUp, modeOf, openNow } from "./facts.ts";

/** `flows`: seen to pass. `waits`: being tried. `broken`: nothing passes. `idle`: would be used when connected. */
export type Passage = "flows" | "waits" | "broken" | "idle";

export interface Stop {
  readonly kind: "device" | "gateway" | "profile" | "private" | "internet" | "local";
  readonly title: string;
  readonly details: readonly string[];
  /** What can be reached from this stop on a branch of its own. */
  readonly branch: string | null;
  /** A word beside the title: that it stands in for another. */
  readonly badge: string | null;
  readonly state: Passage;
}

export interface Drawing {
  /** Through the tunnel, in order; the first is this device. */
  readonly stops: readonly Stop[];
  /** What lies between a stop and the next one: one fewer than stops. */
  readonly legs: readonly Passage[];
  /** Where other traffic goes, outside the tunnel; null = nowhere. */
  readonly outside: (Stop & { readonly state: "flows" | "broken" }) | null;
  readonly note: string | null;
}

export type DrawnSnapshot = Pick<
  Snapshot,
  "tunnel" | "path" | "inForce" | "profile" | "enrollment" | "settings"
>;

export interface Known {
  /** Round trips from this device, milliseconds by gateway id. */
  readonly roundTrips: ReadonlyMap<string, number>;
  /** The profile that is connected, where it may be read. */
  readonly profile: Profile | undefined;
}

/** Most prefixes that are named. */
const NAMED = 2;

export function pathDrawing(
  snapshot: DrawnSnapshot,
  known: Known,
  language: Language,
  t: TFunction,
): Drawing {
  const passage = passageOf(snapshot);
  const mode = modeOf(snapshot);
  const middle =
    snapshot.profile === null
      ? managedStops(snapshot, known, passage, language, t)
      : [profileStop(snapshot, snapshot.profile.name, known.profile, passage, t)];
  const end = endStop(snapshot, known, passage, t);
  // Without any gateway there is no way to draw, only that it is closed.
  const stops = [deviceStop(snapshot, passage, t), ...middle, ...(end === null ? [] : [end])];
  const { tunnel } = snapshot;
  return {
    stops,
    legs: legsOf(stops.length - 1, passage, holdUp(snapshot)?.code),
    outside: outsideStop(snapshot, mode, t),
    note: tunnel.state === "connected" && tunnel.verified === "handshake" ? t("home.path.handshake") : null,
  };
}

function passageOf(snapshot: DrawnSnapshot): Passage {
  if (isAtRest(snapshot)) return isLocked(snapshot) ? "broken" : "idle";
  switch (snapshot.tunnel.state) {
    case "connected":
      return "flows";
    case "connecting":
      return openNow(snapshot) === null ? "waits" : "broken";
    case "disconnecting":
      return "waits";
    case "reconnecting":
    case "blocked":
      return "broken";
    case "disconnected":
      return "idle";
  }
}

/** Whether lockdown closes the way to the Internet: in force, or open towards the local network alone. */
function isLocked(snapshot: DrawnSnapshot): boolean {
  if (!isAtRest(snapshot)) return false;
  return snapshot.tunnel.state === "blocked" || openNow(snapshot) === "local_network";
}

/** A tunnel that is held up is broken at its first leg; what lies beyond only waits. */
function legsOf(count: number, passage: Passage, code: string | undefined): readonly Passage[] {
  const silent = isSilence(code);
  return Array.from({ length: Math.max(0, count) }, (_, at) => {
    if (passage !== "broken") return passage;
    if (at === 0) return silent ? "waits" : "broken";
    return silent && at === 1 ? "broken" : "idle";
  });
}

function deviceStop(snapshot: DrawnSnapshot, passage: Passage, t: TFunction): Stop {
  const address = snapshot.profile === null ? snapshot.path?.tunnel.addresses[0] : undefined;
  const inside = passage !== "idle" && address !== undefined;
  return {
    kind: "device",
    title: t("home.path.device"),
    details: inside ? [t("home.path.deviceAs", { address: withoutLength(address) })] : [],
    branch: null,
    badge: null,
    state: passage === "waits" ? "waits" : "flows",
  };
}

function managedStops(
  snapshot: DrawnSnapshot,
  { roundTrips }: Known,
  passage: Passage,
  language: Language,
  t: TFunction,
): readonly Stop[] {
  if (isAtRest(snapshot) && passage === "broken") return [];
  const { path, inForce } = snapshot;
  const full = modeOf(snapshot) === "full_tunnel";
  const gateways = gatewaysOf(snapshot);
  // Gateways that are not to blame are not marked: they would be used, as before connecting.
  const blamed = isSilence(holdUp(snapshot)?.code);
  const state = passage === "broken" && !blamed ? "idle" : passage;
  return gateways.map((gateway, at) => {
    const first = at === 0;
    const last = at === gateways.length - 1;
    const own = first ? path?.ingress : path?.egress;
    const milliseconds = roundTrips.get(gateway.deviceId);
    const publicAddress = publicAddresses(path, gateway.deviceId)[0];
    return {
      kind: "gateway",
      title: placeName(gateway),
      details: [
        role(first, full && last, state, t),
        ...(milliseconds === undefined || passage === "broken"
          ? []
          : [t("home.path.away", { time: formatMilliseconds(milliseconds, language) })]),
        ...(first && !last && passage === "flows" ? [t("home.path.unreadable")] : []),
        ...(full && last && passage === "flows" && publicAddress !== undefined
          ? [t("home.path.seenAs", { address: publicAddress })]
          : []),
        ...(state === "broken" ? [t("home.path.noAnswer")] : []),
      ],
      branch: full && first ? t("home.path.behind") : null,
      badge:
        inForce?.failedOver === true && own !== undefined && own.deviceId !== gateway.deviceId
          ? t("home.path.standsIn", { gateway: placeName(own) })
          : null,
      state,
    };
  });
}

function role(enters: boolean, leaves: boolean, passage: Passage, t: TFunction): string {
  const would = passage === "idle";
  if (enters && leaves) return t(would ? "home.path.wouldBoth" : "home.path.both");
  if (enters) return t(would ? "home.path.wouldEnter" : "home.path.enters");
  return t(would ? "home.path.wouldLeave" : "home.path.leaves");
}

function isSilence(code: string | undefined): boolean {
  return code === "gateway_silent" || code === "pinned_gateway_silent";
}

function profileStop(
  snapshot: DrawnSnapshot,
  name: string,
  profile: Profile | undefined,
  passage: Passage,
  t: TFunction,
): Stop {
  const endpoint = profile?.config.peers[0]?.endpoint ?? undefined;
  return {
    kind: "profile",
    title: name,
    details: [
      t("home.lead.profile"),
      ...(endpoint === undefined ? [] : [endpoint]),
      ...(passage === "broken" && isSilence(holdUp(snapshot)?.code) ? [t("home.path.noAnswer")] : []),
    ],
    branch: null,
    badge: null,
    state: passage,
  };
}

/** Where the tunnel leads: the Internet, or the private network alone. null where there is none to lead to. */
function endStop(snapshot: DrawnSnapshot, known: Known, passage: Passage, t: TFunction): Stop | null {
  const plain = { branch: null, badge: null, state: passage };
  const { path, profile } = snapshot;
  if (isLocked(snapshot))
    return {
      ...plain,
      kind: "internet",
      title: t("home.path.internet"),
      details: [t("home.path.closedLockdown")],
    };
  const open = openNow(snapshot);
  const privateOpen = open !== null && open !== "local_network";
  if (modeOf(snapshot) === "full_tunnel" && passage !== "idle" && !privateOpen) {
    const words = { flows: "throughTunnel", waits: "waiting", broken: "closed", idle: "waiting" } as const;
    return {
      ...plain,
      kind: "internet",
      title: t("home.path.internet"),
      details: [t(`home.path.${words[passage]}`)],
    };
  }
  const prefixes =
    profile === null ? (path?.tunnel.privatePrefixes ?? []) : (known.profile?.steers.prefixes ?? []);
  if (path === null && profile === null) return null;
  const words = { flows: undefined, waits: "waiting", broken: "closed", idle: "notReachable" } as const;
  const word = privateOpen ? "open" : words[passage];
  return {
    ...plain,
    kind: "private",
    title: t("home.path.private"),
    details: word === undefined ? prefixWords(prefixes, t) : [t(`home.path.${word}`)],
  };
}

function outsideStop(
  snapshot: DrawnSnapshot,
  mode: "vpn_only" | "full_tunnel",
  t: TFunction,
): Drawing["outside"] {
  const plain = { branch: null, badge: null };
  const rest = isAtRest(snapshot);
  const code = holdUp(snapshot)?.code;
  const open = openNow(snapshot);
  const everything =
    (snapshot.tunnel.state === "disconnected" && !isLocked(snapshot)) || open === "everything";
  if (everything || (mode === "vpn_only" && !rest)) {
    const internet = { ...plain, kind: "internet", title: t("home.path.internet") } as const;
    if (code === "offline") return { ...internet, state: "broken", details: [t("home.path.noNetwork")] };
    if (code === "captive_portal")
      return { ...internet, state: "flows", details: [t("home.path.directMaybe")] };
    return {
      ...internet,
      state: "flows",
      details: [t(everything ? "home.path.directAll" : "home.path.direct")],
    };
  }
  if (open === "local_network")
    return {
      ...plain,
      kind: "local",
      title: t("home.path.local"),
      state: "flows",
      details: [t("home.path.localOpen")],
    };
  if (snapshot.settings.localNetwork === "block") return null;
  const local = { ...plain, kind: "local", title: t("home.path.local") } as const;
  return code === "offline"
    ? { ...local, state: "broken", details: [t("home.path.noNetwork")] }
    : { ...local, state: "flows", details: [t("home.path.direct")] };
}

function prefixWords(prefixes: readonly string[], t: TFunction): readonly string[] {
  if (prefixes.length === 0) return [];
  const list = prefixes.slice(0, NAMED).join(", ");
  const count = prefixes.length - NAMED;
  return [count > 0 ? t("home.path.morePrefixes", { list, count }) : list];
}

function publicAddresses(path: Snapshot["path"], deviceId: string): readonly string[] {
  if (path === null) return [];
  const hops = [path, ...path.alternates].flatMap(({ ingress, egress }) => [egress, ingress]);
  return hops.find((hop) => hop?.deviceId === deviceId)?.publicAddresses ?? [];
}

function withoutLength(address: string): string {
  return address.split("/")[0] ?? address;
}
