import { describe, expect, test } from "vitest";
import type { AgentState } from "../../../src/bridge/state.ts";
import type { Snapshot } from "../../../src/rpc/contract.ts";
import { NO_SIGN_IN, signInAfter } from "../../../src/face/signing-in.ts";
import { CONNECTING, DISCONNECTED, LOCKED, SNAPSHOT } from "../cli/values.ts";

const SINCE = "2026-11-23T16:00:00.000Z";
const AWAY = { connected: false, problem: "no answer", revoked: false };
const CAPTIVE: Snapshot = {
  ...SNAPSHOT,
  controlPlane: AWAY,
  tunnel: {
    ...{ state: "reconnecting", mode: "full_tunnel", since: SINCE },
    reason: { code: "captive_portal", message: "A page is in the way.", remedy: "Sign in." },
  },
};
const OPEN: Snapshot = { ...DISCONNECTED, controlPlane: AWAY };
const ONLINE: Snapshot = { ...OPEN, controlPlane: { ...AWAY, connected: true } };
const LEAVING: Snapshot = { ...CAPTIVE, tunnel: { state: "disconnecting", since: SINCE }, profile: null };
const profile = { id: "prf_12345678", name: "office", problem: null };

/** What is told after the agent said all of this, one after the other. */
function told(...words: readonly (Snapshot | AgentState)[]) {
  const agents = words.map((word) =>
    "state" in word ? word : ({ state: "ready", snapshot: word } satisfies AgentState),
  );
  return agents.reduce(signInAfter, NO_SIGN_IN).signingIn;
}

describe("who disconnects while a page to sign in at is in the way", () => {
  test("is signing in, until the control plane answers, and from then on has signed in", () => {
    expect(told(CAPTIVE)).toBeNull();
    expect(told(CAPTIVE, OPEN)).toEqual({ profile: null, done: false });
    expect(told(CAPTIVE, LEAVING, OPEN, OPEN)).toEqual({ profile: null, done: false });
    expect(told(CAPTIVE, OPEN, ONLINE)).toEqual({ profile: null, done: true });
    // A connection that is lost again makes nobody sign in anew.
    expect(told(CAPTIVE, OPEN, ONLINE, OPEN)).toEqual({ profile: null, done: true });
  });

  test("is led back to the manual configuration that was connected", () => {
    expect(told({ ...CAPTIVE, profile }, LEAVING, OPEN)).toEqual({ profile: profile.id, done: false });
    expect(told({ ...CAPTIVE, profile }, OPEN, ONLINE)).toEqual({ profile: profile.id, done: true });
  });

  test("is not forgotten while the service restarts", () => {
    const away = { state: "away", why: "not_running", since: SINCE, last: OPEN } as const;
    expect(told(CAPTIVE, OPEN, away)).toEqual({ profile: null, done: false });
    expect(told(CAPTIVE, OPEN, away, ONLINE)).toEqual({ profile: null, done: true });
  });

  test("is done with it once this device is logged out, unless a manual configuration is there to go back to", () => {
    const out = { enrollment: null, path: null };
    expect(told(CAPTIVE, OPEN, { ...OPEN, ...out })).toBeNull();
    expect(told(CAPTIVE, OPEN, ONLINE, { ...OPEN, ...out })).toBeNull();
    // All at once.
    expect(told(CAPTIVE, { ...OPEN, ...out })).toBeNull();
    // Who enrols anew did not disconnect from that network to sign in.
    expect(told(CAPTIVE, OPEN, { ...OPEN, ...out }, ONLINE)).toBeNull();
    const back = { profile: profile.id, done: false };
    expect(told({ ...CAPTIVE, profile }, LEAVING, OPEN, { ...OPEN, ...out })).toEqual(back);
    expect(told({ ...CAPTIVE, ...out, profile }, { ...OPEN, ...out })).toEqual(back);
  });

  test("is done with it once they connect", () => {
    expect(told(CAPTIVE, OPEN, CONNECTING)).toBeNull();
    expect(told(CAPTIVE, OPEN, ONLINE, SNAPSHOT, DISCONNECTED)).toBeNull();
  });
});

test("nobody else signs in: who disconnects for another reason, under lockdown, or was revoked", () => {
  expect(told(SNAPSHOT, DISCONNECTED)).toBeNull();
  expect(told(CAPTIVE, SNAPSHOT, DISCONNECTED)).toBeNull();
  expect(told(CAPTIVE, LOCKED)).toBeNull();
  expect(told(CAPTIVE, OPEN, { ...OPEN, controlPlane: { ...AWAY, revoked: true } })).toBeNull();
});
