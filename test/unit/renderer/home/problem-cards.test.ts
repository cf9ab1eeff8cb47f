import { describe, expect, test } from "vitest";
import {
  problemCards,
  type CardSnapshot,
  type Remembered,
} from "../../../../renderer/screens/home/problem-cards.ts";
import {
  frankfurt,
  fullTunnel,
  heldUp,
  lockdownOpen,
  notProtected,
  osaka,
  path,
  snapshot,
} from "../snapshots.ts";
import { english, japanese } from "../words.ts";

const NOTHING: Remembered = { signingIn: null, closedAnnouncement: null };
const LOOSENED = {
  mode: true,
  prefixes: [],
  prefixCount: 0,
  chosenBy: "user",
  decidedBy: "network",
} satisfies NonNullable<CardSnapshot["consent"]>;
const first = (state: CardSnapshot, remembered = NOTHING) => problemCards(state, remembered, english)[0];
const actions = (state: CardSnapshot, remembered = NOTHING): readonly string[] =>
  first(state, remembered)?.actions.map(({ id }) => id) ?? [];

const pinnedExit = path({
  trafficMode: { value: "full_tunnel", decidedBy: "device", overridden: [] },
  selection: {
    value: { routingMode: "manual", ingressDeviceId: null, egressDeviceId: frankfurt.deviceId },
    decidedBy: "user",
    overridden: [],
  },
});

test("where all is well there is no card", () => {
  expect(problemCards(snapshot(), NOTHING, english)).toEqual([]);
  expect(problemCards(fullTunnel(), NOTHING, english)).toEqual([]);
});

describe("what is blocked", () => {
  test("a silent exit that was chosen by hand can be let go", () => {
    const state = fullTunnel({ tunnel: heldUp("blocked", "pinned_gateway_silent"), path: pinnedExit });
    const card = first(state);
    expect(card?.tone).toBe("stop");
    expect(card?.actions[0]).toEqual({ id: "automatic", label: "Use automatic exit" });
    expect(card?.actions[1]?.id).toBe("chooseGateway");
    expect(card?.lines).toContain("Your local network stays reachable.");
  });

  test("the automatic choice is not offered where it is the choice already", () => {
    expect(actions(fullTunnel({ tunnel: heldUp("reconnecting", "gateway_silent") }))).toEqual([
      "chooseGateway",
    ]);
  });

  test("a captive portal has one button, and afterwards the way back", () => {
    const state = snapshot({ tunnel: heldUp("reconnecting", "captive_portal", "vpn_only") });
    expect(first(state)?.title).toBe("This Wi-Fi asks you to sign in");
    expect(actions(state)).toEqual(["signIn"]);
    const after = snapshot({ tunnel: { state: "disconnected" }, inForce: null });
    const signingIn = { profile: null, done: false };
    expect(actions(after, { ...NOTHING, signingIn })).toEqual(["reconnect"]);
    const done = { ...NOTHING, signingIn: { ...signingIn, done: true } };
    expect(actions(after, done)).toEqual(["reconnect"]);
    expect(first(after, done)).toMatchObject({ tone: "warn", title: "The Internet answers again" });
    expect(actions(after)).toEqual([]);
  });

  test("revoked says so before everything else, and lets one out", () => {
    const state = fullTunnel({
      tunnel: heldUp("blocked", "revoked"),
      controlPlane: { connected: false, problem: "x", revoked: true },
    });
    expect(problemCards(state, NOTHING, english).map(({ id }) => id)).toEqual(["revoked"]);
    expect(actions(state)).toEqual(["disconnect", "logout"]);
  });

  test("what the window does not know is told in the agent's words", () => {
    const card = first(fullTunnel({ tunnel: heldUp("blocked", "of_a_later_version") }));
    expect(card).toMatchObject({
      title: "The tunnel could not be made",
      lines: ["the agent says of_a_later_version", "Your local network stays reachable."],
    });
  });

  test("what the system itself said is quoted after the window's words", () => {
    const card = first(fullTunnel({ tunnel: heldUp("blocked", "program_failed") }));
    expect(card?.title).toBe("A program of the system failed");
    expect(card?.lines[0]).toMatch(/It is tried again by itself.*the agent says program_failed$/);
  });
});

describe("what could not be closed", () => {
  const lines = (open: string, mode?: "vpn_only") =>
    first(fullTunnel({ tunnel: notProtected(open, mode) }))?.lines;
  const WHY = "The program nft is not installed. Install the package nftables; it is tried again by itself.";

  test("is named, and no more than it", () => {
    expect(lines("everything")).toEqual([
      `Until it can, traffic leaves as if this device was not connected. ${WHY}`,
    ]);
    expect(lines("private_network", "vpn_only")).toEqual([
      `Until it can, what is for the private network may leave outside the tunnel. ${WHY}`,
    ]);
    expect(lines("local_network")).toEqual([
      `Until it can, the local network is open, which you closed. Everything else is closed. ${WHY}`,
    ]);
  });

  test("is told in Japanese without a word of the service's", () => {
    const [card] = problemCards(fullTunnel({ tunnel: notProtected("everything") }), NOTHING, japanese);
    expect(card?.lines[0]?.replaceAll(/nft(ables)?/g, "")).not.toMatch(/[a-z]/i);
  });
});

describe("a lockdown that is not in force", () => {
  const card = (open: string, t = english, state = {}) =>
    problemCards(snapshot({ tunnel: lockdownOpen(open), inForce: null, ...state }), NOTHING, t)[0];

  test("says what is open, why, and that it is tried again; to connect and to turn it off are offered", () => {
    expect(card("everything")).toEqual({
      ...{ id: "held-up", tone: "stop", title: "Lockdown is not in force" },
      lines: [
        "Until it is, all traffic leaves this device as if lockdown was off. The service keeps trying. The program nft is not installed. Install the package nftables; it is tried again by itself.",
      ],
      actions: [
        { id: "connect", label: "Connect" },
        { id: "openSettings", label: "Lockdown in Settings" },
      ],
    });
    expect(card("local_network")?.lines[0]).toMatch(
      /^Until it is, the local network is open, which you closed/,
    );
    // Where there is nothing to connect to.
    expect(
      card("everything", english, { path: null, enrollment: null })?.actions.map(({ id }) => id),
    ).toEqual(["openSettings"]);
  });

  test("is told in Japanese without a word of the service's", () => {
    const { title = "", lines = [], actions = [] } = card("everything", japanese) ?? {};
    for (const text of [title, ...lines, ...actions.map(({ label }) => label)])
      expect(text.replaceAll(/nft(ables)?/g, "")).not.toMatch(/[a-z]/i);
  });
});

describe("what wants a decision", () => {
  test("a loosening that waits says what would happen, and can be refused", () => {
    const state = fullTunnel({
      path: path(),
      consent: LOOSENED,
    });
    expect(first(state)?.lines.slice(1)).toEqual([
      expect.stringMatching(/Everything else goes directly/),
      "Decided by your operator; before, by you.",
    ]);
    expect(actions(state)).toEqual(["keepMode", "consent"]);
  });

  test("a smaller private network names what would leave directly", () => {
    const consent = { ...LOOSENED, mode: false, prefixes: ["10.40.0.0/16"], prefixCount: 3 };
    expect(first(snapshot({ consent }))?.lines).toContain(
      "No longer in the tunnel: 10.40.0.0/16 and 2 more.",
    );
    expect(actions(snapshot({ consent }))).toEqual(["consent"]);
  });

  test("a path that cannot be used is told, with what the service says of it", () => {
    const controlPlane = {
      connected: true,
      problem: "x",
      revoked: false,
      troubles: [{ code: "path_unusable", facts: { detail: "the key of the ingress is too short" } }],
    };
    expect(first(snapshot({ controlPlane }))?.lines[1]).toContain("the key of the ingress is too short");
  });

  test("a path that cannot be used is told by its fault and place, in the window's language", () => {
    const facts = { fault: "key_malformed", place: "/ingress/publicKey", detail: "the key is too short" };
    const controlPlane = {
      ...{ connected: true, problem: "x", revoked: false },
      troubles: [{ code: "path_unusable", facts }],
    };
    expect(first(snapshot({ controlPlane }))?.lines[1]).toBe(
      "A key is malformed. Where in the path: /ingress/publicKey.",
    );
    const [card] = problemCards(snapshot({ controlPlane }), NOTHING, japanese);
    expect(card?.lines[1]).toBe("鍵の形式が正しくありません。経路内の場所：/ingress/publicKey");
  });

  test("a device whose record was damaged does not look as if it had never been enrolled", () => {
    const controlPlane = {
      connected: false,
      problem: "x",
      revoked: false,
      troubles: [{ code: "memory_damaged", facts: { detail: "The identity was damaged" } }],
    };
    const state = snapshot({ enrollment: null, tunnel: { state: "disconnected" }, controlPlane });
    expect(first(state)?.id).toBe("damaged");
  });

  test("a change that lost against another one can be made again", () => {
    const unsaved = { layer: "device", value: { trafficMode: "full_tunnel" }, conflict: "lost" } as const;
    expect(actions(snapshot({ unsaved }))).toEqual(["applyAgain", "keepStored"]);
    expect(first(snapshot({ unsaved: { ...unsaved, conflict: null } }))?.title).toBe("Not saved yet");
  });

  test("an announcement stays until it was read", () => {
    const state = snapshot({ announcement: "The private network loses 10.0.0.0/8." });
    expect(first(state)?.lines).toEqual(["The private network loses 10.0.0.0/8."]);
    expect(first(state, { ...NOTHING, closedAnnouncement: state.announcement })).toBeUndefined();
    const loosened = { ...state, loosened: LOOSENED };
    expect(problemCards(loosened, NOTHING, japanese)[0]?.lines).toContain(
      "決めたもの：管理者の設定（以前はあなたの設定）。",
    );
  });
});

test("a gateway that stands in is named with the one it stands in for", () => {
  const inForce = { ingress: osaka, egress: frankfurt, failedOver: true };
  expect(first(fullTunnel({ inForce }))).toMatchObject({ tone: "info", title: "Osaka stands in" });
});

test("a control plane that is away is no news while nothing reaches anything", () => {
  const controlPlane = { connected: false, problem: "timed out", revoked: false };
  expect(first(snapshot({ controlPlane }))?.id).toBe("control-plane-away");
  const offline = fullTunnel({ controlPlane, tunnel: heldUp("reconnecting", "offline") });
  expect(problemCards(offline, NOTHING, english).map(({ id }) => id)).toEqual(["held-up"]);
});
