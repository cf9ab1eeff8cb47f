import { describe, expect, test } from "vitest";
import { documentTitle } from "../../../../renderer/app/document-title.ts";
import { headline } from "../../../../renderer/screens/home/headline.ts";
import {
  frankfurt,
  fullTunnel,
  heldUp,
  lockdownOpen,
  notProtected,
  osaka,
  path,
  SINCE,
  snapshot,
} from "../snapshots.ts";
import { english, japanese } from "../words.ts";

const say = (state: Parameters<typeof headline>[0]): string => headline(state, true, english);

describe("the headline says", () => {
  test("where all traffic leaves", () => {
    expect(say(fullTunnel())).toBe("All traffic leaves in Frankfurt");
    expect(headline(fullTunnel(), true, japanese)).toBe("すべての通信は Frankfurt から出ます");
  });

  test("that other traffic goes directly", () => {
    expect(say(snapshot())).toBe("Private network connected. Other traffic goes directly");
  });

  test("that it is connecting, and nothing of where traffic leaves", () => {
    const tunnel = { state: "connecting", mode: "full_tunnel", since: SINCE } as const;
    expect(say(fullTunnel({ tunnel }))).toBe("Connecting…");
  });

  test.each([
    ["everything", "Not protected: all traffic goes directly"],
    ["private_network", "The private network is not protected"],
    ["local_network", "The local network is not closed"],
  ])("what is open, where the protection could not be put in place: %s", (open, expected) => {
    expect(say(fullTunnel({ tunnel: notProtected(open) }))).toBe(expected);
    expect(
      documentTitle({ state: "ready", snapshot: fullTunnel({ tunnel: notProtected(open) }) }, english),
    ).toBe("Not protected – Nanami");
  });

  test.each([
    ["everything", "Lockdown is not in force: all traffic goes directly", /すべての通信が直接/],
    ["local_network", "Lockdown is not in force: the local network is open", /ローカルネットワークが開いて/],
  ])("what is open though lockdown is on: %s", (open, expected, inJapanese) => {
    const state = snapshot({ tunnel: lockdownOpen(open), inForce: null });
    expect(say(state)).toBe(expected);
    expect(headline(state, true, japanese)).toMatch(inJapanese);
    expect(documentTitle({ state: "ready", snapshot: state }, english)).toBe("Not protected – Nanami");
  });

  test("that it is not connected; that it is not enrolled", () => {
    expect(say(snapshot({ tunnel: { state: "disconnected" } }))).toBe("Not connected");
    expect(say(snapshot({ tunnel: { state: "disconnected" }, enrollment: null }))).toBe("Not enrolled");
  });

  test("that nothing leaves, and who does not answer", () => {
    const egress = { ingress: frankfurt, egress: frankfurt, failedOver: false };
    expect(say(fullTunnel({ tunnel: heldUp("blocked", "pinned_gateway_silent"), inForce: egress }))).toBe(
      "Nothing leaves this device: Frankfurt does not answer",
    );
    expect(say(fullTunnel({ tunnel: heldUp("reconnecting", "gateway_silent") }))).toBe(
      "Nothing leaves this device: no answer by way of Tokyo → Frankfurt",
    );
  });

  test("who was pinned, whatever entry is tried", () => {
    const value = {
      routingMode: "manual",
      ingressDeviceId: null,
      egressDeviceId: frankfurt.deviceId,
    } as const;
    const pinned = path({
      selection: { value, decidedBy: "device", overridden: [] },
      alternates: [{ ingress: osaka, egress: frankfurt }],
    });
    const inForce = { ingress: osaka, egress: frankfurt, failedOver: true };
    const state = { tunnel: heldUp("blocked", "pinned_gateway_silent"), path: pinned, inForce };
    expect(say(fullTunnel(state))).toBe("Nothing leaves this device: Frankfurt does not answer");
  });

  test("that only the private network is closed where other traffic goes directly", () => {
    expect(say(snapshot({ tunnel: heldUp("reconnecting", "captive_portal", "vpn_only") }))).toBe(
      "The private network is closed: this Wi-Fi asks you to sign in",
    );
  });

  test("that nothing leaves, and no reason that it does not know", () => {
    expect(say(fullTunnel({ tunnel: heldUp("blocked", "of_a_later_version") }))).toBe(
      "Nothing leaves this device",
    );
  });

  test("that lockdown is no connection", () => {
    expect(say(fullTunnel({ tunnel: heldUp("blocked", "lockdown"), inForce: null }))).toBe(
      "Not connected, and nothing leaves this device",
    );
  });

  test("the gateway that stands in, not the one that was resolved", () => {
    const inForce = { ingress: osaka, egress: osaka, failedOver: true };
    expect(say(fullTunnel({ inForce }))).toBe("All traffic leaves in Osaka");
  });

  test("the profile that steers", () => {
    const profile = { id: "prof_1", name: "office", problem: null };
    expect(say(fullTunnel({ profile, inForce: null }))).toBe("All traffic leaves by office");
    const tunnel = { state: "connected", mode: "full_tunnel", since: SINCE, verified: "handshake" } as const;
    expect(say(fullTunnel({ profile, inForce: null, tunnel }))).toBe("All traffic is sent to office");
  });

  test("nothing of the present while the agent cannot be asked", () => {
    expect(headline(fullTunnel(), false, english)).toBe("The Nanami service does not answer");
  });
});
