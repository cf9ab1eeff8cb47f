import { expect, test } from "vitest";
import { reasonText } from "../../../renderer/texts/reason-words.ts";
import { refusalFor, standingOf, visibleTo } from "../../../src/agent/authorization.ts";
import { methods, PROTOCOL, type MethodName, type Snapshot } from "../../../src/rpc/contract.ts";
import { DEFAULT_SETTINGS } from "../../../src/rpc/settings.ts";
import { openBy } from "../../../src/bridge/not-protected.ts";
import { headline } from "../../../src/cli/view/headline.ts";
import { notProtected } from "../../../src/tunnel/protects.ts";
import { english } from "../renderer/words.ts";
import { pathFor } from "./fixtures.ts";

const GROUP = 900;
const OWNER = 1000;
const peers = {
  root: { uid: 0, gids: [0] },
  owner: { uid: OWNER, gids: [OWNER] },
  group: { uid: 1001, gids: [1001, GROUP] },
  other: { uid: 1002, gids: [1002] },
};
const acts = ["connect", "disconnect", "getPreferences", "setPreference", "previewPath", "gateways"] as const;

/** Who may, in this order: root, owner, group, other. Written out, so that a change of the code has to be said here. */
const enrolled: Record<MethodName, string> = {
  status: "yes yes yes yes",
  subscribe: "yes yes yes yes",
  connect: "yes yes yes no",
  disconnect: "yes yes yes no",
  getPreferences: "yes yes yes no",
  setPreference: "yes yes yes no",
  previewPath: "yes yes yes no",
  gateways: "yes yes yes no",
  getSettings: "yes yes yes no",
  setSettings: "yes yes yes no",
  explainRoute: "yes yes yes no",
  checkHealth: "yes yes yes no",
  testLeaks: "yes yes yes no",
  readLog: "yes yes yes no",
  diagnostics: "yes yes yes no",
  noteEvent: "yes yes yes no",
  enroll: "yes no no no",
  logout: "yes yes no no",
  importBytes: "yes yes yes no",
  confirmImport: "yes yes yes no",
  listProfiles: "yes yes yes no",
  showProfile: "yes yes yes no",
  renameProfile: "yes yes yes no",
  checkEdit: "yes yes yes no",
  confirmEdit: "yes yes yes no",
  duplicateProfile: "yes yes yes no",
  narrowProfile: "yes yes yes no",
  exportProfiles: "yes yes yes no",
  removeProfile: "yes yes yes no",
  restoreProfile: "yes yes yes no",
  removedProfiles: "yes yes yes no",
  shareProfile: "yes no no no",
};

test.each(Object.keys(methods) as MethodName[])("who may ask for %s on an enrolled device", (method) => {
  const ownership = { owner: OWNER, group: GROUP };
  const verdicts = Object.values(peers).map((peer) =>
    refusalFor(peer, method, ownership) === undefined ? "yes" : "no",
  );
  expect(verdicts.join(" ")).toBe(enrolled[method]);
});

test("before there is an enrolment, root and the group may enrol, and nobody is its owner", () => {
  const ownership = { owner: null, group: GROUP };
  const may = (peer: { uid: number; gids: number[] }) => refusalFor(peer, "enroll", ownership) === undefined;
  expect([may(peers.root), may(peers.group), may(peers.owner), may(peers.other)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("without a group of that name nobody is a member of it", () => {
  expect(standingOf({ uid: 1001, gids: [0, GROUP] }, { owner: OWNER, group: undefined })).toBe("other");
});

test("under lockdown only root may log this device out", () => {
  const ownership = { owner: OWNER, group: GROUP, lockdown: true };
  expect(refusalFor(peers.root, "logout", ownership)).toBeUndefined();
  expect(refusalFor(peers.owner, "logout", ownership)?.message).toContain("Lockdown");
});

test("a refusal says what to do about it", () => {
  const ownership = { owner: OWNER, group: GROUP };
  for (const method of acts)
    expect(refusalFor(peers.other, method, ownership)?.remedy).toContain("group nanami");
  expect(refusalFor(peers.group, "enroll", ownership)?.code).toBe("already_enrolled");
  expect(refusalFor(peers.group, "logout", ownership)?.code).toBe("not_permitted");
});

const snapshot: Snapshot = {
  agentVersion: "1",
  protocol: PROTOCOL,
  enrollment: {
    controlPlane: "cp.example",
    deviceId: "dev_aaaaaaaaaaaa",
    networkId: "net_aaaaaaaaaaaa",
    workspaceName: "acme",
    networkName: "corp",
    publicKey: "k",
  },
  tunnel: {
    state: "blocked",
    mode: "full_tunnel",
    since: "2026-01-01T00:00:00Z",
    reason: { code: "gateway_silent", message: "203.0.113.1 is silent", remedy: "wait for 203.0.113.1" },
  },
  path: pathFor({}, 1),
  inForce: {
    ingress: { deviceId: "dev_tokyo00000", name: "tokyo", region: "tokyo" },
    egress: null,
    failedOver: false,
  },
  controlPlane: { connected: false, problem: "cp.example is away", revoked: false },
  announcement: "An operator changed the mode.",
  unsaved: { layer: "device", value: {}, conflict: null },
  profile: { id: "prf_aaaaaaaaaaaa", name: "office", problem: null },
  settings: DEFAULT_SETTINGS,
  traffic: { rxBytes: 1, txBytes: 1, rxRate: 0, txRate: 0, handshakeAge: null, roundTripMs: null },
};

test("others see the state and no address, name or number; whole or in part", () => {
  const ownership = { owner: OWNER, group: GROUP };
  const seen = visibleTo(snapshot, peers.other, ownership);
  expect(seen.tunnel).toMatchObject({
    state: "blocked",
    mode: "full_tunnel",
    reason: { code: "gateway_silent" },
  });
  expect(JSON.stringify(seen)).not.toMatch(/203\.0\.113|example|acme|tokyo|10\.20|office/);
  expect(visibleTo({ path: snapshot.path }, peers.other, ownership)).toEqual({ path: null });
  expect(visibleTo({ tunnel: { state: "disconnected" } }, peers.other, ownership)).toEqual({
    tunnel: { state: "disconnected" },
  });
});

test.each([
  ["everything", "traffic leaves this device as if it was not connected"],
  ["private_network", "the private network is not closed"],
  ["local_network", "the local network is not closed"],
] as const)("others are told that %s is open, and not for want of what", (open, said) => {
  const why = {
    code: "internal",
    message: "203.0.113.1 answers no more.",
    remedy: "Wait for 203.0.113.1.",
    facts: { gateway: "tokyo" },
  } as const;
  const kept = open === "local_network" ? ({ mode: "full_tunnel", guarded: [], local: true } as const) : null;
  const mode = open === "private_network" ? "vpn_only" : "full_tunnel";
  const wishes = open === "private_network" ? ([mode] as const) : ([mode, "lockdown"] as const);
  for (const wish of wishes) {
    const reason = notProtected(wish, kept, why);
    const tunnel =
      wish === "lockdown"
        ? ({ state: "disconnected", reason } as const)
        : ({ state: "connecting", mode, since: "2026-01-01T00:00:00Z", reason } as const);
    const seen = visibleTo({ ...snapshot, tunnel }, peers.other, { owner: OWNER, group: GROUP });
    const told = "reason" in seen.tunnel ? seen.tunnel.reason : undefined;
    expect(openBy(told)).toBe(open);
    const begins =
      wish === "lockdown" ? "Lockdown is not in force:" : "The protection could not be put in place, so";
    const ends = "Only users in the group nanami are told why.";
    expect(headline(seen).text).toBe(`${begins} ${said}. ${ends}`);
    // A window has its own words for what is open.
    const words = told === undefined ? "" : reasonText(told, english);
    expect(words).toMatch(new RegExp(`^Until it .*\\. ${ends}$`));
    expect(words).not.toContain(said);
    expect(JSON.stringify(seen)).not.toMatch(/203\.0\.113|example|tokyo|internal/);
  }
});

test("everybody else sees everything", () => {
  for (const peer of [peers.root, peers.owner, peers.group])
    expect(visibleTo(snapshot, peer, { owner: OWNER, group: GROUP })).toBe(snapshot);
});
