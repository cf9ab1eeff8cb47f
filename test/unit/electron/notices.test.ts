import { describe, expect, test } from "vitest";
import { DEFAULT_PRESENTATION, type AgentState, type BridgeState } from "../../../src/bridge/state.ts";
import type { Snapshot } from "../../../src/rpc/contract.ts";
import { notificationFor, RESTART_MS, settlesIn, SILENCE_MS } from "../../../electron/notices/providers.ts";
import { hostTexts } from "../../../electron/texts/index.ts";
import {
  BLOCKED,
  CONNECTING,
  DISCONNECTED,
  FRANKFURT,
  LOCKED,
  lockdownOpen,
  open,
  PRIVATE_PATH,
  SNAPSHOT,
  TOKYO,
} from "../cli/values.ts";
import { FACTS } from "../face/fixtures.ts";

const en = hostTexts("en");
const SINCE = "2026-11-23T16:00:00.000Z";
const PRIVATE: Snapshot = {
  ...SNAPSHOT,
  tunnel: { state: "connected", mode: "vpn_only", since: SINCE, verified: "traffic" },
  path: PRIVATE_PATH,
};
const IN_TOKYO: Snapshot = {
  ...SNAPSHOT,
  inForce: { ingress: name(TOKYO), egress: name(TOKYO), failedOver: false },
};

const LOOSENED = {
  ...{ mode: true, prefixes: [], prefixCount: 0 },
  ...({ chosenBy: "user", decidedBy: "network" } as const),
};

function name({ deviceId, name, region }: typeof TOKYO) {
  return { deviceId, name, region };
}

function stateOf(
  agent: AgentState | Snapshot,
  notifications = true,
  signingIn: BridgeState["signingIn"] = null,
): BridgeState {
  return {
    agent: "state" in agent ? agent : { state: "ready", snapshot: agent },
    presentation: { ...DEFAULT_PRESENTATION, notifications },
    host: FACTS,
    offers: [],
    signingIn,
  };
}

function told(before: AgentState | Snapshot, after: AgentState | Snapshot): string | null {
  const notice = notificationFor(stateOf(before), stateOf(after), en);
  return notice === null ? null : `${notice.urgent ? "! " : ""}${notice.title}: ${notice.body}`;
}

const away = (last: Snapshot | null): AgentState => ({
  state: "away",
  why: "not_running",
  since: SINCE,
  last,
});

test.each<[string, AgentState | Snapshot, AgentState | Snapshot, string | null]>([
  ["connecting in full", DISCONNECTED, SNAPSHOT, "Connected: All traffic leaves in Frankfurt."],
  [
    "connecting the private network",
    DISCONNECTED,
    PRIVATE,
    "Connected: Private network connected. Other traffic goes directly.",
  ],
  ["another mode", PRIVATE, SNAPSHOT, "Connected: All traffic leaves in Frankfurt."],
  ["another exit", SNAPSHOT, IN_TOKYO, "Connected: All traffic leaves in Tokyo."],
  ["disconnecting", SNAPSHOT, DISCONNECTED, "Not connected: All traffic goes directly, unprotected."],
  [
    "disconnecting under lockdown",
    SNAPSHOT,
    LOCKED,
    "Not connected: Nothing leaves this device until you connect.",
  ],
  [
    "being blocked",
    SNAPSHOT,
    BLOCKED,
    "! Nothing leaves this device: The gateway does not answer. It is tried again by itself.",
  ],
  [
    "being blocked for a reason that has no words of ours",
    SNAPSHOT,
    blockedBy("program_failed", "nft failed"),
    "! Nothing leaves this device: nft failed. Do something.",
  ],
  [
    "being blocked for a reason that has the name of a text",
    SNAPSHOT,
    blockedBy("other", "the resolver is gone"),
    "! Nothing leaves this device: the resolver is gone. Do something.",
  ],
  [
    "a protection that is lost",
    SNAPSHOT,
    open("everything"),
    "! Not protected: all traffic goes directly: The protection could not be put in place. It is tried again by itself. Open Nanami to see why.",
  ],
  [
    "one that never was",
    DISCONNECTED,
    open("private_network"),
    "! The private network is not protected: The protection could not be put in place. It is tried again by itself. Open Nanami to see why.",
  ],
  ["the same that is open", open("everything"), { ...open("everything"), traffic: null }, null],
  [
    "less that is open",
    open("everything"),
    open("local_network"),
    "! The local network is not closed: The protection could not be put in place. It is tried again by itself. Open Nanami to see why.",
  ],
  ["a protection that is back", open("everything"), SNAPSHOT, "Connected: All traffic leaves in Frankfurt."],
  [
    "a lockdown that cannot be put in force",
    SNAPSHOT,
    lockdownOpen("everything"),
    "! Lockdown is not in force: all traffic goes directly: Lockdown could not be put in force. It is tried again by itself. Open Nanami to see why.",
  ],
  ["the same lockdown", lockdownOpen("everything"), { ...lockdownOpen("everything"), traffic: null }, null],
  [
    "a connection that could not be closed either",
    open("everything"),
    lockdownOpen("everything"),
    "! Lockdown is not in force: all traffic goes directly: Lockdown could not be put in force. It is tried again by itself. Open Nanami to see why.",
  ],
  [
    "a lockdown that is in force at last",
    lockdownOpen("everything"),
    LOCKED,
    "Not connected: Nothing leaves this device until you connect.",
  ],
  [
    "a lockdown that was turned off before it was in force",
    lockdownOpen("everything"),
    DISCONNECTED,
    "Not connected: All traffic goes directly, unprotected.",
  ],
  [
    "a gateway that stays silent",
    SNAPSHOT,
    reconnecting("gateway_silent"),
    "! Nothing leaves this device: The gateway does not answer. It is tried again by itself.",
  ],
  [
    "a change that waits for consent",
    SNAPSHOT,
    { ...SNAPSHOT, consent: LOOSENED },
    "! A change waits for your consent: It would loosen what you chose, so everything stays as it is. Open Nanami to decide.",
  ],
  ["one that waits still", { ...SNAPSHOT, consent: LOOSENED }, { ...SNAPSHOT, consent: LOOSENED }, null],
  ["the same blockage", BLOCKED, { ...BLOCKED, traffic: null }, null],
  [
    "another reason for it",
    BLOCKED,
    blockedBy("captive_portal", "a portal"),
    "! Nothing leaves this device: This Wi-Fi asks you to sign in. Open Nanami and choose “Disconnect to sign in”.",
  ],
  [
    "another gateway that stands in",
    SNAPSHOT,
    { ...SNAPSHOT, inForce: { ingress: name(TOKYO), egress: name(TOKYO), failedOver: true } },
    "Another gateway stands in: The gateway did not answer. All traffic now leaves in Tokyo.",
  ],
  [
    "one that stands in for the private network",
    PRIVATE,
    { ...PRIVATE, inForce: { ingress: name(FRANKFURT), egress: null, failedOver: true } },
    "Another gateway stands in: The gateway did not answer. Another in Frankfurt stands in.",
  ],
  [
    "revocation",
    SNAPSHOT,
    { ...BLOCKED, controlPlane: { connected: false, problem: null, revoked: true } },
    "! This device was revoked: Your operator ended its access. What was closed stays closed until you disconnect.",
  ],
  [
    "what an operator loosened",
    SNAPSHOT,
    { ...SNAPSHOT, announcement: "Only the private network is steered now." },
    "! Your operator changed what is protected: Only the private network is steered now.",
  ],
  [
    "a change that was overtaken",
    SNAPSHOT,
    { ...SNAPSHOT, unsaved: { layer: "device", value: {}, conflict: "Somebody else chose Tokyo." } },
    "! Your change was not kept: Somebody changed it meanwhile, and the stored value is in force. Open Nanami to decide.",
  ],
  [
    "a change that waits to be saved",
    SNAPSHOT,
    { ...SNAPSHOT, unsaved: { layer: "device", value: {}, conflict: null } },
    null,
  ],
  ["traffic", SNAPSHOT, { ...SNAPSHOT, traffic: null }, null],
  [
    "a service that left a tunnel behind",
    SNAPSHOT,
    away(SNAPSHOT),
    "! The Nanami service stopped: What was protected stays protected, but nobody repairs it. Open Nanami.",
  ],
  ["a service that left nothing", DISCONNECTED, away(DISCONNECTED), null],
  ["a service that came back as it was", away(SNAPSHOT), SNAPSHOT, null],
  [
    "one that came back with less",
    away(SNAPSHOT),
    DISCONNECTED,
    "Not connected: All traffic goes directly, unprotected.",
  ],
  ["the first look at a connected device", { state: "looking" }, SNAPSHOT, null],
  ["the first look at a disconnected one", { state: "looking" }, DISCONNECTED, null],
  [
    "the first look at a blocked one",
    { state: "looking" },
    BLOCKED,
    "! Nothing leaves this device: The gateway does not answer. It is tried again by itself.",
  ],
])("what is said of %s", (_what, before, after, expected) => {
  expect(told(before, after)).toBe(expected);
});

function blockedBy(code: string, message: string): Snapshot {
  const reason = { code, message, remedy: "Do something." };
  return { ...BLOCKED, tunnel: { state: "blocked", mode: "full_tunnel", since: SINCE, reason } };
}

function reconnecting(code: string, since = SINCE): Snapshot {
  const reason = { code, message: "It does not answer", remedy: "Wait." };
  return { ...BLOCKED, tunnel: { state: "reconnecting", mode: "full_tunnel", since, reason } };
}

test("nothing is said to somebody who wants no notices", () => {
  expect(notificationFor(stateOf(SNAPSHOT), stateOf(BLOCKED, false), en)).toBeNull();
});

describe("who disconnected to sign in", () => {
  const before = stateOf(reconnecting("captive_portal"));
  const away = { ...DISCONNECTED, controlPlane: { connected: false, problem: null, revoked: false } };
  const begun = stateOf(away, true, { profile: null, done: false });
  const done = stateOf(DISCONNECTED, true, { profile: null, done: true });

  test("is told that they are open on purpose, and that they will be told", () => {
    expect(notificationFor(before, begun, en)).toEqual({
      ...{ about: "protection", urgent: false, title: "Not connected" },
      body: "Nothing is protected while you sign in to this Wi-Fi. You are told when you can connect again.",
    });
    // Without a control plane nobody could tell them.
    const alone = stateOf({ ...away, enrollment: null, path: null }, true, {
      profile: "prf_12345678",
      done: false,
    });
    expect(notificationFor(before, alone, en)?.body).toMatch(/Connect again afterwards\.$/);
  });

  test("is offered the way back as soon as the Internet answers, once", () => {
    expect(notificationFor(begun, done, en)).toEqual({
      ...{ about: "protection", urgent: true, title: "You can connect again" },
      body: "The Internet answers, and nothing is protected since you disconnected to sign in.",
      offer: { label: "Connect again", action: { do: "connect" } },
    });
    expect(
      notificationFor(done, stateOf({ ...DISCONNECTED, traffic: null }, true, done.signingIn), en),
    ).toBeNull();
    // Where that was at once.
    expect(notificationFor(before, done, en)?.title).toBe("You can connect again");
    const profile = stateOf(DISCONNECTED, true, { profile: "prf_12345678", done: true });
    expect(notificationFor(begun, profile, en)?.offer?.action).toEqual({ do: "profile", id: "prf_12345678" });
  });

  test("is not told it again after the service was away, only what is new since", () => {
    const gone = (state: BridgeState): BridgeState => ({
      ...state,
      agent: {
        ...{ state: "away", why: "not_running", since: SINCE },
        last: state.agent.state === "ready" ? state.agent.snapshot : null,
      },
    });
    for (const state of [begun, done]) {
      expect(notificationFor(state, gone(state), en)).toBeNull();
      expect(notificationFor(gone(state), state, en)).toBeNull();
    }
    expect(notificationFor(gone(begun), done, en)?.title).toBe("You can connect again");
    expect(notificationFor(gone(before), begun, en)?.title).toBe("Not connected");
  });

  test("is told in Japanese too", () => {
    for (const [one, other] of [
      [before, begun],
      [begun, done],
    ] as const) {
      const notice = notificationFor(one, other, hostTexts("ja"));
      for (const text of [notice?.title, notice?.body])
        expect(text?.replaceAll("Wi-Fi", "")).toMatch(/^[^a-zA-Z]*[ぁ-んァ-ヶ一-龠][^a-zA-Z]*$/);
    }
  });
});

test("every notice is said in every language", () => {
  const ja = hostTexts("ja");
  for (const after of [
    ...[SNAPSHOT, BLOCKED, DISCONNECTED, open("everything"), open("private_network")],
    ...[LOCKED, lockdownOpen("everything"), lockdownOpen("local_network")],
    ...[open("local_network"), { ...DISCONNECTED, consent: LOOSENED }],
  ]) {
    const before = after === SNAPSHOT ? DISCONNECTED : SNAPSHOT;
    expect(notificationFor(stateOf(before), stateOf(after), ja)?.title).toMatch(/[ぁ-んァ-ヶ一-龠]/);
  }
});

test("passages are not judged: connecting, restarting, offline", () => {
  const now = Date.parse(SINCE);
  expect(settlesIn(stateOf(SNAPSHOT), now)).toBe(0);
  expect(settlesIn(stateOf(BLOCKED), now)).toBe(0);
  expect(settlesIn(stateOf(open("everything")), now)).toBe(0);
  expect(settlesIn(stateOf(CONNECTING), now)).toBeNull();
  // Lockdown that is neither in force nor failed.
  expect(settlesIn(stateOf({ ...LOCKED, tunnel: DISCONNECTED.tunnel }), now)).toBeNull();
  expect(settlesIn(stateOf(lockdownOpen("everything")), now)).toBe(0);
  expect(settlesIn(stateOf({ state: "looking" }), now)).toBeNull();
  expect(settlesIn(stateOf(blockedBy("offline", "no network")), now)).toBeNull();
  expect(settlesIn(stateOf(reconnecting("offline")), now + SILENCE_MS)).toBeNull();
  expect(settlesIn(stateOf(away(SNAPSHOT)), now + RESTART_MS - 1)).toBe(1);
  expect(settlesIn(stateOf(away(SNAPSHOT)), now + RESTART_MS)).toBe(0);
});

test("a gateway that is silent is news when no other one stood in; a page to sign in at is news at once", () => {
  const now = Date.parse(SINCE);
  expect(settlesIn(stateOf(reconnecting("gateway_silent")), now)).toBe(SILENCE_MS);
  expect(settlesIn(stateOf(reconnecting("gateway_silent")), now + SILENCE_MS)).toBe(0);
  expect(settlesIn(stateOf(reconnecting("captive_portal")), now)).toBe(0);
  // A clock that was set back an hour.
  expect(settlesIn(stateOf(reconnecting("gateway_silent")), now - 3_600_000)).toBe(SILENCE_MS);
});
