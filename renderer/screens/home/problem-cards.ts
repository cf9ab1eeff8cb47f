/** What a person should know or decide now: what, why, what to do. The most important first. Pure. */
import type { TFunction } from "../../texts/translate.ts";
import type { Snapshot } from "../../../src/rpc/contract.ts";
import { isAtRest } from "../../../src/bridge/at-rest.ts";
import type { SigningIn } from "../../../src/bridge/state.ts";
import type { Tone } from "../../parts/tone.ts";
import { placeName } from "../../texts/place-name.ts";
import { reasonClause, reasonText } from "../../texts/reason-words.ts";
import { loosenedDetails, loosenedWords, pathFaultWords, profileWords } from "../../texts/said-words.ts";
import { holdUp, modeOf, openNow } from "./facts.ts";
import { silentNames } from "./headline.ts";

/** What a button of a card does; done by `act.ts`. */
export type CardAction =
  | "connect"
  | "reconnect"
  | "disconnect"
  | "signIn"
  | "automatic"
  | "chooseGateway"
  | "openSettings"
  | "logout"
  | "closeAnnouncement"
  | "fullTunnel"
  | "consent"
  | "keepMode"
  | "applyAgain"
  | "keepStored";

export interface Card {
  readonly id: string;
  readonly tone: Tone;
  readonly title: string;
  readonly lines: readonly string[];
  readonly actions: readonly { readonly id: CardAction; readonly label: string }[];
}

/** What is remembered of the last minutes, by the window and by what holds it. */
export interface Remembered {
  /** The person disconnected to sign in to a Wi-Fi; null = they did not. */
  readonly signingIn: SigningIn | null;
  /** The announcement that was read and closed. */
  readonly closedAnnouncement: string | null;
}

export type CardSnapshot = Omit<Snapshot, "traffic" | "agentVersion" | "protocol">;

export function problemCards(snapshot: CardSnapshot, remembered: Remembered, t: TFunction): readonly Card[] {
  return [
    revokedCard(snapshot, t),
    damagedCard(snapshot, t),
    heldUpCard(snapshot, t),
    noPathCard(snapshot, t),
    signingInCard(snapshot, remembered, t),
    consentCard(snapshot, t),
    conflictCard(snapshot, t),
    announcementCard(snapshot, remembered, t),
    unusablePathCard(snapshot, t),
    profileCard(snapshot, t),
    failedOverCard(snapshot, t),
    unsavedCard(snapshot, t),
    awayCard(snapshot, t),
  ].filter((card) => card !== undefined);
}

function revokedCard(snapshot: CardSnapshot, t: TFunction): Card | undefined {
  if (!snapshot.controlPlane.revoked) return undefined;
  const open = isAtRest(snapshot) || snapshot.profile !== null;
  return {
    id: "revoked",
    tone: "stop",
    title: t("home.cards.revokedTitle"),
    lines: [t("reasons.revoked.text")],
    actions: [
      ...(open ? [] : [{ id: "disconnect", label: t("home.cards.disconnect") } as const]),
      { id: "logout", label: t("home.cards.logout") },
    ],
  };
}

function heldUpCard(snapshot: CardSnapshot, t: TFunction): Card | undefined {
  const reason = holdUp(snapshot);
  if (reason === undefined || snapshot.controlPlane.revoked) return undefined;
  const names = silentNames(snapshot);
  const full = modeOf(snapshot) === "full_tunnel";
  const clause = reasonClause(reason.code, names, t);
  const local =
    full &&
    snapshot.settings.localNetwork === "allow" &&
    reason.code !== "offline" &&
    openNow(snapshot) === null;
  return {
    id: "held-up",
    tone: snapshot.tunnel.state === "reconnecting" ? "warn" : "stop",
    title:
      reason.code === "captive_portal"
        ? t("home.cards.captiveTitle")
        : capital(clause ?? t("home.cards.otherTitle")),
    lines: [
      reason.code === "lockdown" ? t("home.cards.lockdownText") : reasonText(reason, t),
      ...(local ? [t("home.cards.localStays")] : []),
    ],
    actions: heldUpActions(snapshot, reason.code, t),
  };
}

function heldUpActions(snapshot: CardSnapshot, code: string, t: TFunction): Card["actions"] {
  switch (code) {
    case "captive_portal":
      return [{ id: "signIn", label: t("home.cards.disconnectToSignIn") }];
    case "lockdown":
      return [{ id: "openSettings", label: t("home.cards.openSettings") }];
    case "lockdown_not_in_force":
      return [
        ...(snapshot.path === null ? [] : [{ id: "connect", label: t("home.cards.connect") } as const]),
        { id: "openSettings", label: t("home.cards.lockdownSettings") },
      ];
    case "offline":
    case "not_protected":
      return [];
    case "record_lost":
    case "profile_lost":
      return [
        { id: "connect", label: t("home.cards.connectAgain") },
        { id: "disconnect", label: t("home.cards.disconnect") },
      ];
    default:
      return snapshot.profile === null && snapshot.path !== null ? gatewayActions(snapshot.path, t) : [];
  }
}

function gatewayActions(path: NonNullable<Snapshot["path"]>, t: TFunction): Card["actions"] {
  const another = { id: "chooseGateway", label: t("home.cards.chooseAnother") } as const;
  const selection = path.selection.value;
  if (selection.routingMode === "auto") return [another];
  const label =
    selection.ingressDeviceId === null
      ? t("home.cards.useAutomaticExit")
      : selection.egressDeviceId === null
        ? t("home.cards.useAutomaticEntry")
        : t("home.cards.useAutomatic");
  return [{ id: "automatic", label }, another];
}

/** Not connected, and connecting would be refused. */
function noPathCard(snapshot: CardSnapshot, t: TFunction): Card | undefined {
  const { path } = snapshot;
  if (!isAtRest(snapshot) || path?.status !== "unavailable" || snapshot.controlPlane.revoked)
    return undefined;
  const reason = path.reason ?? { code: "no_eligible_gateway", message: "" };
  return {
    id: "no-path",
    tone: "warn",
    title: t("home.cards.unavailableTitle", {
      reason: reasonClause(reason.code, [], t) ?? reason.message,
    }),
    lines: [reasonText(reason, t)],
    actions: gatewayActions(path, t),
  };
}

function signingInCard(snapshot: CardSnapshot, { signingIn }: Remembered, t: TFunction): Card | undefined {
  if (signingIn === null || !isAtRest(snapshot)) return undefined;
  const actions = [{ id: "reconnect", label: t("home.cards.connectAgain") }] as const;
  return signingIn.done
    ? {
        ...{ id: "signed-in", tone: "warn", title: t("home.cards.signedInTitle") },
        ...{ lines: [t("home.cards.signedIn")], actions },
      }
    : {
        ...{ id: "signing-in", tone: "info", title: t("home.cards.signingInTitle") },
        ...{ lines: [t("home.cards.signingIn")], actions },
      };
}

function consentCard(snapshot: CardSnapshot, t: TFunction): Card | undefined {
  const { consent } = snapshot;
  if (consent == null || isAtRest(snapshot)) return undefined;
  const opens = consent.mode;
  return {
    id: "consent",
    tone: "warn",
    title: t("home.cards.consentTitle"),
    lines: [
      t("home.cards.consentText"),
      t(opens ? "home.cards.consentToPrivate" : "home.cards.consentToOther"),
      ...loosenedDetails(consent, t),
    ],
    actions: [
      ...(opens ? [{ id: "keepMode", label: t("home.cards.consentKeep") } as const] : []),
      { id: "consent", label: t("home.cards.consentAgree") },
    ],
  };
}

function conflictCard({ unsaved }: CardSnapshot, t: TFunction): Card | undefined {
  if (unsaved === null || unsaved.conflict === null) return undefined;
  return {
    id: "conflict",
    tone: "warn",
    title: t("home.cards.conflictTitle"),
    lines: [t("home.cards.conflictText"), ...changeWords(unsaved.value, t)],
    actions: [
      { id: "applyAgain", label: t("home.cards.applyAgain") },
      { id: "keepStored", label: t("home.cards.keepStored") },
    ],
  };
}

function announcementCard(snapshot: CardSnapshot, remembered: Remembered, t: TFunction): Card | undefined {
  const { announcement } = snapshot;
  if (announcement === null || announcement === remembered.closedAnnouncement) return undefined;
  const opened = modeOf(snapshot) === "vpn_only";
  return {
    id: "announcement",
    tone: "warn",
    title: t("home.cards.announcementTitle"),
    lines: snapshot.loosened == null ? [announcement] : loosenedWords(snapshot.loosened, t),
    actions: [
      ...(opened ? [{ id: "fullTunnel", label: t("home.cards.useFullTunnel") } as const] : []),
      { id: "closeAnnouncement", label: t("home.cards.understood") },
    ],
  };
}

/** The newest path is none that could be followed: nobody would know otherwise why it is not in force. */
function unusablePathCard({ controlPlane, enrollment }: CardSnapshot, t: TFunction): Card | undefined {
  const trouble = controlPlane.troubles?.find(({ code }) => code === "path_unusable");
  if (trouble === undefined || enrollment === null) return undefined;
  return {
    id: "path-unusable",
    tone: "warn",
    title: t("home.cards.pathUnusableTitle"),
    lines: [t("home.cards.pathUnusable"), pathFaultWords(trouble.facts, t)],
    actions: [],
  };
}

/** What this device knew of its network cannot be read: it looks as if it had never been enrolled. */
function damagedCard({ controlPlane, enrollment }: CardSnapshot, t: TFunction): Card | undefined {
  const trouble = controlPlane.troubles?.find(({ code }) => code === "memory_damaged");
  if (trouble === undefined || enrollment !== null) return undefined;
  return {
    id: "damaged",
    tone: "warn",
    title: t("home.cards.damagedTitle"),
    lines: [t("home.cards.damaged"), t("home.cards.serviceSays", { detail: trouble.facts["detail"] ?? "" })],
    actions: [],
  };
}

function profileCard({ profile }: CardSnapshot, t: TFunction): Card | undefined {
  const problem = profile === null ? null : profileWords(profile, t);
  if (profile === null || problem === null) return undefined;
  return {
    id: "profile",
    tone: "warn",
    title: t("home.cards.profileTitle", { profile: profile.name }),
    lines: [problem],
    actions: [],
  };
}

function failedOverCard({ inForce, path, tunnel }: CardSnapshot, t: TFunction): Card | undefined {
  if (inForce?.failedOver !== true || path === null || tunnel.state !== "connected") return undefined;
  const swapped = [
    { now: inForce.ingress, own: path.ingress },
    { now: inForce.egress ?? undefined, own: path.egress },
  ].filter(({ now, own }) => now !== undefined && own !== undefined && now.deviceId !== own.deviceId);
  const unique = (names: readonly (string | undefined)[]): string => [...new Set(names)].join(" → ");
  if (swapped.length === 0) return undefined;
  return {
    id: "failed-over",
    tone: "info",
    title: t("home.cards.failedOverTitle", {
      gateway: unique(swapped.map(({ now }) => now && placeName(now))),
    }),
    lines: [t("home.cards.failedOver", { own: unique(swapped.map(({ own }) => own && placeName(own))) })],
    actions: [],
  };
}

function unsavedCard({ unsaved }: CardSnapshot, t: TFunction): Card | undefined {
  if (unsaved === null || unsaved.conflict !== null) return undefined;
  return {
    id: "unsaved",
    tone: "info",
    title: t("home.cards.unsavedTitle"),
    lines: [t("home.cards.unsavedText"), ...changeWords(unsaved.value, t)],
    actions: [],
  };
}

function awayCard(snapshot: CardSnapshot, t: TFunction): Card | undefined {
  const { controlPlane, enrollment } = snapshot;
  if (enrollment === null || controlPlane.revoked || controlPlane.connected) return undefined;
  // While nothing reaches the Internet, that its server is not reached either says nothing new.
  if (holdUp(snapshot) !== undefined || snapshot.consent != null || controlPlane.problem === null)
    return undefined;
  return {
    id: "control-plane-away",
    tone: "info",
    title: t("home.cards.controlPlaneAwayTitle"),
    lines: [t("home.cards.controlPlaneAway")],
    actions: [],
  };
}

function changeWords(
  { trafficMode }: NonNullable<Snapshot["unsaved"]>["value"],
  t: TFunction,
): readonly string[] {
  return trafficMode === undefined
    ? []
    : [t("home.cards.yourChange", { value: t(`home.modes.${trafficMode}`) })];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
