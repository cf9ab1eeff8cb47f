import { expect, test } from "vitest";
import { desiredState } from "../../../src/tunnel/desired-state.ts";
import { firewallText, partingText } from "../../../src/tunnel/linux/firewall.ts";
import { covers, keptBy, notProtected, promiseOf } from "../../../src/tunnel/protects.ts";
import { fullIntent, privateIntent } from "./intents.ts";

const since = "2026-01-01T00:00:00.000Z";
const reason = { code: "internal", message: "It failed.", remedy: "Wait." } as const;

test("who keeps everything closed keeps the private network closed too, and not the other way about", () => {
  expect(covers("full_tunnel", "vpn_only")).toBe(true);
  expect(covers("vpn_only", "full_tunnel")).toBe(false);
  expect(covers(null, "vpn_only")).toBe(false);
  for (const kept of ["full_tunnel", "vpn_only", null] as const) {
    expect(covers(kept, kept)).toBe(true);
    expect(covers(kept, null)).toBe(true);
  }
});

test("every state promises what its mode closes, but those that are open", () => {
  expect(promiseOf({ state: "blocked", mode: "full_tunnel", since, reason })).toBe("full_tunnel");
  expect(promiseOf({ state: "connecting", mode: "vpn_only", since })).toBe("vpn_only");
  expect(promiseOf({ state: "connecting", mode: "vpn_only", since, reason })).toBeNull();
  expect(promiseOf({ state: "disconnecting", since })).toBeNull();
  expect(promiseOf({ state: "disconnected" })).toBeNull();
});

test("a firewall is judged by what it does with what leaves", () => {
  const surroundings = { interface: "nanami0", onLink: [], closed: false };
  const full = desiredState(fullIntent(), surroundings).firewall;
  const some = desiredState(privateIntent(), surroundings).firewall;
  expect(keptBy(firewallText(full))).toBe("full_tunnel");
  expect(keptBy(firewallText(some))).toBe("vpn_only");
  // As nft writes it.
  expect(keptBy(firewallText(full).replace("priority filter", "priority 0"))).toBe("full_tunnel");
  expect(keptBy(partingText(full))).toBeNull();
  expect(keptBy("table inet nanami {\n}\n")).toBeNull();
  expect(keptBy(null)).toBeNull();
});

test("what is told of an open device says that it is open, and why", () => {
  expect(notProtected("full_tunnel", reason)).toEqual({
    code: "not_protected",
    message:
      "The protection could not be put in place, so traffic leaves this device as if it was not connected. It failed.",
    remedy: "Wait.",
    facts: { detail: "It failed." },
  });
  expect(notProtected("vpn_only", reason).message).toContain("the private network is not closed");
});
