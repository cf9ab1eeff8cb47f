/**
 * What a person is told when they look elsewhere: only that the protection changed, or that something needs them.
 * Providers are asked in order and the first that has something to say is heard. Pure.
 */
import type { BridgeState, SigningIn } from "../../src/bridge/state.ts";
import type { Snapshot } from "../../src/rpc/contract.ts";
import { headline, protectionOf, type Protection } from "../protection.ts";
import { reconnecting, type MenuAction } from "../tray/menu.ts";
import type { HostTexts } from "../texts/index.ts";

export interface Notice {
  /** Names the subject: a newer notice of the same takes its place. */
  readonly about: "protection" | "access" | "service" | "operator" | "change" | "profile";
  readonly title: string;
  readonly body: string;
  /** Something needs the person. */
  readonly urgent: boolean;
  /** What it offers to do, on desktops whose notices have buttons. */
  readonly offer?: { readonly label: string; readonly action: MenuAction };
}

/** One side of a change. */
interface Side {
  readonly protection: Protection;
  /** The last snapshot that the agent gave; null = it never did. */
  readonly snapshot: Snapshot | null;
  /** What that one said: an agent that went away took no protection with it. */
  readonly known: Protection | null;
}

interface Change {
  readonly before: Side;
  readonly after: Side;
}

interface Provider {
  readonly about: Notice["about"];
  readonly urgent: boolean;
  mayShow(change: Change): boolean;
  toSystem(change: Change, texts: HostTexts): Pick<Notice, "title" | "body" | "offer">;
}

/** Ends a sentence that has no mark of its own. */
const sentence = (text: string): string => (/[.。…!?]$/.test(text) ? text : `${text}.`);

const revoked: Provider = {
  about: "access",
  urgent: true,
  mayShow: ({ before, after }) =>
    after.snapshot?.controlPlane.revoked === true && before.snapshot?.controlPlane.revoked !== true,
  toSystem: (_, { notice }) => ({ title: notice.revokedTitle, body: notice.revokedBody }),
};

const blocked: Provider = {
  about: "protection",
  urgent: true,
  mayShow: ({ before, after }) =>
    after.protection.kind === "blocked" &&
    (before.protection.kind !== "blocked" || before.protection.reason.code !== after.protection.reason.code),
  toSystem: ({ after: { protection } }, texts) => ({
    title: headline(protection, texts),
    body: protection.kind === "blocked" ? reasonText(protection.reason, texts) : "",
  }),
};

/** What should be closed is open: told when it came to be so, and when something else is open than was. */
const notProtected: Provider = {
  about: "protection",
  urgent: true,
  mayShow: ({ before, after }) =>
    after.protection.kind === "open" &&
    !(
      before.protection.kind === "open" &&
      before.protection.open === after.protection.open &&
      before.protection.wish === after.protection.wish
    ),
  toSystem: ({ after: { protection } }, texts) => ({
    title: headline(protection, texts),
    body:
      protection.kind === "open" && protection.wish === "lockdown"
        ? texts.notice.lockdownOpenBody
        : texts.notice.notProtectedBody,
  }),
};

/** A service that left a tunnel behind: nobody repairs it. One that only restarts is not told (see `settlesIn`). */
const serviceGone: Provider = {
  about: "service",
  urgent: true,
  mayShow: ({ before, after }) =>
    after.protection.kind === "unknown" &&
    after.protection.why === "not_running" &&
    before.protection.kind !== "unknown" &&
    before.protection.kind !== "disconnected",
  toSystem: (_, { notice }) => ({ title: notice.serviceGoneTitle, body: notice.serviceGoneBody }),
};

/** What an operator loosened. Already there when the app started, it is in the window. */
const announcement: Provider = {
  about: "operator",
  urgent: true,
  mayShow: ({ before, after }) =>
    before.snapshot !== null &&
    after.snapshot !== null &&
    after.snapshot.announcement !== null &&
    after.snapshot.announcement !== before.snapshot.announcement,
  toSystem: ({ after: { snapshot } }, { notice }) => ({
    title: notice.announcementTitle,
    body:
      snapshot?.loosened == null
        ? (snapshot?.announcement ?? "")
        : snapshot.loosened.mode
          ? notice.loosenedMode
          : notice.loosenedPrivate,
  }),
};

/** What would loosen what the person chose: nothing goes on before they say so. */
const consent: Provider = {
  about: "operator",
  urgent: true,
  mayShow: ({ before, after }) =>
    before.snapshot !== null && after.snapshot?.consent != null && before.snapshot.consent == null,
  toSystem: (_, { notice }) => ({ title: notice.consentTitle, body: notice.consentBody }),
};

/** A change made while the control plane was away, which somebody else's overtook. */
const conflict: Provider = {
  about: "change",
  urgent: true,
  mayShow: ({ before, after }) =>
    before.snapshot !== null &&
    (after.snapshot?.unsaved?.conflict ?? null) !== null &&
    after.snapshot?.unsaved?.conflict !== before.snapshot.unsaved?.conflict,
  toSystem: (_, { notice }) => ({ title: notice.conflictTitle, body: notice.conflictBody }),
};

const profileProblem: Provider = {
  about: "profile",
  urgent: true,
  mayShow: ({ before, after }) =>
    before.snapshot !== null &&
    (after.snapshot?.profile?.problem ?? null) !== null &&
    after.snapshot?.profile?.problem !== before.snapshot.profile?.problem,
  toSystem: ({ after }, { notice }) => ({
    title: notice.profileProblemTitle(after.snapshot?.profile?.name ?? ""),
    body: notice.profileProblemBody,
  }),
};

const failedOver: Provider = {
  about: "protection",
  urgent: false,
  mayShow: ({ before, after }) =>
    after.protection.kind === "connected" &&
    before.snapshot !== null &&
    after.snapshot?.inForce?.failedOver === true &&
    before.snapshot.inForce?.failedOver !== true,
  toSystem: ({ after }, { notice }) => {
    const { ingress, egress } = after.snapshot?.inForce ?? {};
    const body = egress ? notice.failedOver(egress.region) : notice.failedOverPrivate(ingress?.region ?? "");
    return { title: notice.failedOverTitle, body };
  },
};

const connected: Provider = {
  about: "protection",
  urgent: false,
  mayShow: ({ before, after }) =>
    after.protection.kind === "connected" &&
    before.known !== null &&
    !(before.known.kind === "connected" && isSame(before.known, after.protection)),
  toSystem: ({ after }, texts) => ({
    title: texts.notice.connectedTitle,
    body: sentence(headline(after.protection, texts)),
  }),
};

/** The way to the Internet is there again for who disconnected to sign in, and forgot to connect. */
const signedIn: Provider = {
  about: "protection",
  urgent: true,
  mayShow: ({ before, after }) =>
    signInOf(after.protection)?.done === true && signInOf(before.known)?.done !== true,
  toSystem: ({ after }, { notice, menu }) => {
    const signingIn = signInOf(after.protection);
    return {
      title: notice.signedInTitle,
      body: notice.signedInBody,
      ...(signingIn === null ? {} : { offer: { label: menu.reconnect, action: reconnecting(signingIn) } }),
    };
  },
};

/** Of what came before it is asked by what was known: an agent that is away for a while makes nothing news. */
function signInOf(protection: Protection | null): SigningIn | null {
  return protection?.kind === "disconnected" ? protection.signingIn : null;
}

/** Open on purpose. */
const signingIn: Provider = {
  about: "protection",
  urgent: false,
  mayShow: ({ before, after }) => signInOf(after.protection) !== null && signInOf(before.known) === null,
  toSystem: ({ after }, { notice }) => ({
    title: notice.disconnectedTitle,
    // Without a control plane nobody would see that the Internet answers.
    body: after.snapshot?.enrollment == null ? notice.signingInAlone : notice.signingIn,
  }),
};

const disconnected: Provider = {
  about: "protection",
  urgent: false,
  mayShow: ({ before, after }) =>
    after.protection.kind === "disconnected" && before.known !== null && before.known.kind !== "disconnected",
  toSystem: ({ after: { protection } }, { notice }) => ({
    title: notice.disconnectedTitle,
    body:
      protection.kind === "disconnected" && protection.lockdown
        ? notice.lockdownBody
        : notice.disconnectedBody,
  }),
};

const PROVIDERS: readonly Provider[] = [
  notProtected,
  revoked,
  blocked,
  serviceGone,
  consent,
  conflict,
  announcement,
  profileProblem,
  failedOver,
  connected,
  signedIn,
  signingIn,
  disconnected,
];

/**
 * What to say of a change; null = nothing. `before` is the last settled state that was judged, so that a passage
 * through "connecting" is judged by its two ends.
 */
export function notificationFor(before: BridgeState, after: BridgeState, texts: HostTexts): Notice | null {
  if (!after.presentation.notifications) return null;
  const change: Change = { before: shown(before), after: shown(after) };
  const provider = PROVIDERS.find((one) => one.mayShow(change));
  return provider === undefined
    ? null
    : { about: provider.about, urgent: provider.urgent, ...provider.toSystem(change, texts) };
}

/** How long an agent that went away may need for a restart, milliseconds. */
export const RESTART_MS = 4000;

/** How long a gateway may be silent until that is news, milliseconds: another one stands in sooner, where there is one. */
export const SILENCE_MS = 15_000;

/**
 * In how many milliseconds a state is one to judge by: 0 = now; null = not by itself, since it will be another one.
 * `now`: milliseconds since the epoch.
 */
export function settlesIn({ agent }: BridgeState, now: number): number | null {
  if (agent.state === "looking") return null;
  if (agent.state === "away") return left(agent.since, RESTART_MS, now);
  if (agent.state === "ready" && agent.snapshot.tunnel.state === "reconnecting") {
    const { reason, since } = agent.snapshot.tunnel;
    if (reason.code !== "offline" && reason.code !== "captive_portal") return left(since, SILENCE_MS, now);
  }
  const protection = protectionOf(agent);
  // Without a network nothing could leave anyway, and it comes back by itself.
  if (protection.kind === "blocked" && protection.reason.code === "offline") return null;
  return protection.kind === "changing" ? null : 0;
}

/** What is left of a time that began then. A clock that was set back begins it anew. */
function left(since: string, time: number, now: number): number {
  return Math.min(time, Math.max(0, Date.parse(since) + time - now));
}

function shown({ agent, signingIn }: BridgeState): Side {
  const snapshot = agent.state === "ready" ? agent.snapshot : agent.state === "away" ? agent.last : null;
  const known = snapshot === null ? null : protectionOf({ state: "ready", snapshot }, signingIn);
  return { protection: protectionOf(agent, signingIn), snapshot, known };
}

/** Whether two connected states protect the same and, where all traffic leaves, leave at the same place. */
function isSame(
  a: Extract<Protection, { kind: "connected" }>,
  b: Extract<Protection, { kind: "connected" }>,
): boolean {
  if (a.mode !== b.mode || a.way.by !== b.way.by) return false;
  if (a.way.by === "profile") return b.way.by === "profile" && a.way.name === b.way.name;
  return a.mode === "vpn_only" || (b.way.by === "network" && a.way.place === b.way.place);
}

/** The reason in the person's language where its code is known, else in the agent's own words. */
function reasonText(
  { code, message, remedy }: { readonly code: string; readonly message: string; readonly remedy: string },
  { reason, reasonElse }: HostTexts,
): string {
  const known: Readonly<Record<string, string>> = reason;
  if (Object.hasOwn(known, code)) return known[code] ?? "";
  // The service's own words are English; elsewhere the window says why.
  return reasonElse === "" ? `${sentence(message)} ${sentence(remedy)}` : reasonElse;
}
